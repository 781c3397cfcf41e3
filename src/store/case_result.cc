// What a trace concludes, into the case: ways between organisations, victims, actors, where it began.
#include "campaign/result.h"
#include "store/case_file.h"

namespace spoor {
namespace {

#define SPOOR_TRY(expression) \
  if (absl::Status s_ = (expression); !s_.ok()) return s_

std::optional<int64_t> TimeOrNull(int64_t time) { return time == 0 ? std::nullopt : std::optional(time); }

// A line each.
std::string Lines(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) {
    if (!out.empty()) out += '\n';
    out += item;
  }
  return out;
}

}  // namespace

absl::Status CaseFile::PutPaths(const TraceResult& trace, const Campaign& campaign, int64_t number) {
  const auto put =
      database_->Prepare("INSERT INTO paths (campaign, from_tenant, to_tenant, accounts) VALUES (?, ?, ?, ?)");
  const auto host = database_->Prepare("INSERT INTO path_hosts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const TenantPath& path : campaign.paths) {
    SPOOR_TRY(put->Bind(number).Bind(path.from_tenant).Bind(path.to_tenant).Bind(Lines(path.accounts)).Run());
    const int64_t id = database_->last_id();
    for (const PathHost& h : path.hosts) {
      host->Bind(id).Bind(int64_t{h.host}).Bind(trace.world->things()[h.host].name);
      host->Bind(int64_t{h.from}).Bind(trace.world->things()[h.from].name).Bind(TimeOrNull(h.first));
      SPOOR_TRY(PutPlace(host.get(), trace, h.proof));
    }
  }
  return absl::OkStatus();
}

absl::Status CaseFile::PutVictims(const TraceResult& trace, const Campaign& campaign, int64_t number) {
  const auto put = database_->Prepare(
      "INSERT INTO victims (campaign, kind, tenant, name, state, first, last, why, person, organisation, role, "
      "related_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const auto record = database_->Prepare("INSERT INTO victim_records VALUES (?, ?, ?, ?)");
  for (const Victim& victim : campaign.victims) {
    put->Bind(number).Bind(std::string_view(VictimKindName(victim.kind))).Bind(victim.tenant).Bind(victim.name);
    put->Bind(std::string_view(VictimStateName(victim.state)));
    put->Bind(TimeOrNull(victim.first)).Bind(TimeOrNull(victim.last)).Bind(victim.why);
    put->BindText(victim.person).BindText(victim.organisation).BindText(victim.role).BindText(victim.related_to);
    SPOOR_TRY(put->Run());
    const int64_t id = database_->last_id();
    for (const RecordPlace& place : victim.records) SPOOR_TRY(PutPlace(&record->Bind(id), trace, place));
  }
  return absl::OkStatus();
}

absl::Status CaseFile::PutObserved(const Observed& observed, int64_t number) {
  const auto technique = database_->Prepare("INSERT INTO observed VALUES (?, ?, ?, ?)");
  for (const ObservedTechnique& t : observed.techniques) {
    SPOOR_TRY(technique->Bind(number).Bind(t.id).Bind(t.certainty).Bind(t.how).Run());
  }
  const auto tactic = database_->Prepare("INSERT INTO observable VALUES (?, ?)");
  for (const std::string& t : observed.tactics) SPOOR_TRY(tactic->Bind(number).Bind(t).Run());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<CaseObserved>> CaseFile::ReadObserved(const std::string& path) {
  const auto database = Database::Open(path, false);
  if (!database.ok()) return database.status();
  SPOOR_TRY(CheckVersion(database->get()));
  std::vector<CaseObserved> out;
  const auto campaigns = (*database)->Prepare("SELECT id, score FROM campaigns ORDER BY id");
  const auto techniques =
      (*database)->Prepare("SELECT technique, certainty, how FROM observed WHERE campaign = ? ORDER BY rowid");
  const auto tactics = (*database)->Prepare("SELECT tactic FROM observable WHERE campaign = ? ORDER BY rowid");
  for (;;) {
    const auto row = campaigns->Next();
    if (!row.ok()) return row.status();
    if (!*row) return out;
    CaseObserved& of = out.emplace_back();
    of.campaign = campaigns->Number(0);
    of.score = campaigns->Real(1);
    techniques->Bind(of.campaign);
    tactics->Bind(of.campaign);
    for (;;) {
      const auto more = techniques->Next();
      if (!more.ok()) return more.status();
      if (!*more) break;
      of.observed.techniques.push_back({techniques->Text(0), techniques->Real(1), techniques->Text(2)});
    }
    for (;;) {
      const auto more = tactics->Next();
      if (!more.ok()) return more.status();
      if (!*more) break;
      of.observed.tactics.push_back(tactics->Text(0));
    }
  }
}

absl::Status CaseFile::PutBeginning(const TraceResult& trace, const Campaign& campaign, int64_t number) {
  const auto actor = database_->Prepare("INSERT INTO actors VALUES (?, ?, ?, ?, ?, ?)");
  for (const ActorGuess& guess : campaign.actors) {
    actor->Bind(number).BindText(guess.id).Bind(guess.name).Bind(guess.probability);
    SPOOR_TRY(actor->Bind(Lines(guess.speaks_for)).Bind(Lines(guess.speaks_against)).Run());
  }
  const auto put = database_->Prepare(
      "INSERT INTO first_days (campaign, tenant, thing, host, account, time, how, \"from\") VALUES (?, ?, ?, ?, ?, ?, "
      "?, "
      "?)");
  const auto record = database_->Prepare("INSERT INTO first_day_records VALUES (?, ?, ?, ?)");
  const auto other = database_->Prepare("INSERT INTO alternatives VALUES (?, ?, ?, ?, ?)");
  for (const FirstDay& day : campaign.first_days) {
    put->Bind(number).Bind(day.tenant).Bind(int64_t{day.host}).Bind(trace.world->things()[day.host].name);
    put->BindText(day.account).Bind(TimeOrNull(day.time)).BindText(day.how);
    SPOOR_TRY(put->Bind(day.from == kNoThing ? std::nullopt : std::optional(day.from)).Run());
    const int64_t id = database_->last_id();
    for (const RecordPlace& place : day.records) SPOOR_TRY(PutPlace(&record->Bind(id), trace, place));
    for (const OtherBeginning& alternative : day.alternatives) {
      other->Bind(id).Bind(int64_t{alternative.host}).Bind(trace.world->things()[alternative.host].name);
      SPOOR_TRY(other->Bind(TimeOrNull(alternative.time)).Bind(alternative.why).Run());
    }
  }
  return absl::OkStatus();
}

}  // namespace spoor
