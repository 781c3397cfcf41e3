#include "store/case_file.h"

#include <time.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "base/text.h"
#include "campaign/gaps.h"
#include "campaign/stages.h"

namespace spoor {

namespace data {
extern const std::string_view schema;  // data/schema.sql
}

namespace {

#define SPOOR_TRY(expression) \
  if (absl::Status s_ = (expression); !s_.ok()) return s_

constexpr char kMagic[] = "SQLite format 3";  // and NUL

std::string Key(std::string_view tenant, std::string_view path) {
  std::string key(tenant);
  key += '\0';
  key += path;
  return key;
}

std::string FieldsJson(const std::vector<FieldText>& fields) {
  std::string out = "{";
  for (const FieldText& field : fields) {
    if (out.size() > 1) out += ',';
    AppendJsonString(field.name, &out);
    out += ':';
    AppendJsonString(field.value, &out);
  }
  return out + "}";
}

std::string MatchedJson(const std::vector<Matched>& matched) {
  std::string out = "[";
  for (const Matched& m : matched) {
    if (out.size() > 1) out += ',';
    out += "{\"field\":" + JsonString(m.field) + ",\"value\":" + JsonString(m.value) +
           ",\"pattern\":" + JsonString(m.pattern) + "}";
  }
  return out + "]";
}

template <typename List>
std::string Joined(const List& list) {
  std::string out;
  for (const auto& item : list) {
    if (!out.empty()) out += ' ';
    out += item;
  }
  return out;
}

std::optional<int64_t> TimeOrNull(int64_t time) { return time == 0 ? std::nullopt : std::optional(time); }

}  // namespace

bool CaseFile::IsCase(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  char head[sizeof kMagic] = {};
  if (!in.read(head, sizeof head) || !std::equal(head, head + sizeof head, kMagic)) return false;
  const auto database = Database::Open(path, false);
  if (!database.ok()) return false;
  const auto format = (*database)->Prepare("SELECT 1 FROM about WHERE key = 'format' AND value = 'spoor case file'");
  const auto row = format->Next();
  return row.ok() && *row;
}

absl::StatusOr<std::unique_ptr<CaseFile>> CaseFile::Open(const std::string& path) {
  std::unique_ptr<CaseFile> made(new CaseFile());
  auto database = Database::Open(path, true);
  if (!database.ok()) return database.status();
  made->database_ = *std::move(database);
  if (const absl::Status s = made->Load(); !s.ok())
    return absl::Status(s.code(), path + ": " + std::string(s.message()));
  return made;
}

absl::Status CaseFile::CheckVersion(Database* database) {
  const auto version = database->Prepare("SELECT value FROM about WHERE key = 'version'");
  const auto row = version->Next();
  if (!row.ok()) return row.status();
  if (*row && version->Text(0) == "4") return absl::OkStatus();
  return absl::InvalidArgumentError("a case file of another version of spoor; make it anew from its evidence");
}

absl::Status CaseFile::Load() {
  const auto tables =
      database_->Prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name = 'about' DESC");
  const auto any = tables->Next();
  if (!any.ok()) return any.status();
  if (!*any) {
    SPOOR_TRY(database_->Run("BEGIN IMMEDIATE"));
    SPOOR_TRY(database_->Run(std::string(data::schema).c_str()));
    SPOOR_TRY(database_->Run("COMMIT"));
    return LoadKey();
  }
  if (tables->Text(0) != "about") return absl::InvalidArgumentError("a database, and none of spoor's case files");
  SPOOR_TRY(CheckVersion(database_.get()));
  SPOOR_TRY(LoadKey());
  const auto inputs = database_->Prepare("SELECT tenant, path, folder FROM inputs ORDER BY id");
  for (;;) {
    const auto more = inputs->Next();
    if (!more.ok()) return more.status();
    if (!*more) break;
    inputs_.push_back({inputs->Text(0), inputs->Text(1), inputs->Text(2)});
  }
  const auto settings = database_->Prepare("SELECT name, value FROM settings ORDER BY rowid");
  for (;;) {
    const auto more = settings->Next();
    if (!more.ok()) return more.status();
    if (!*more) break;
    settings_.emplace_back(settings->Text(0), settings->Text(1));
  }
  return absl::OkStatus();
}

absl::Status CaseFile::LoadKey() {
  const auto key = database_->Prepare("SELECT value FROM about WHERE key = 'redact_key'");
  const auto row = key->Next();
  if (!row.ok()) return row.status();
  if (!*row) return absl::InvalidArgumentError("a case file without its key; make it anew from its evidence");
  redact_key_ = key->Text(0);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CaseFile::Victims() {
  std::vector<std::string> victims;
  const auto rows = database_->Prepare(
      "SELECT CASE kind WHEN 'host' THEN '' ELSE kind || ' ' END || CASE tenant WHEN '' THEN '' ELSE tenant || '/' END "
      "|| name || ' ' || state FROM victims WHERE kind <> 'tenant' ORDER BY kind = 'host' DESC, 1");
  for (;;) {
    const auto more = rows->Next();
    if (!more.ok()) return more.status();
    if (!*more) return victims;
    victims.push_back(rows->Text(0));
  }
}

absl::Status CaseFile::Begin(bool anew) {
  SPOOR_TRY(database_->Run("BEGIN IMMEDIATE"));
  const auto count = database_->Prepare("SELECT count(*) FROM findings");
  const auto row = count->Next();
  if (!row.ok()) return row.status();
  change_.findings_before = static_cast<uint64_t>(count->Number(0));
  auto victims = Victims();
  if (!victims.ok()) return victims.status();
  victims_before_ = *std::move(victims);
  const auto evidence = database_->Prepare("SELECT id, tenant, path FROM evidence");
  for (;;) {
    const auto more = evidence->Next();
    if (!more.ok()) return more.status();
    if (!*more) break;
    evidence_ids_.emplace(Key(evidence->Text(1), evidence->Text(2)), evidence->Number(0));
    if (!anew) known_before_.insert(evidence->Number(0));
  }
  if (!anew) return absl::OkStatus();
  return database_->Run(
      "DELETE FROM alternatives; DELETE FROM first_day_records; DELETE FROM first_days; DELETE FROM observable;"
      "DELETE FROM observed; DELETE FROM actors; DELETE FROM victim_records; DELETE FROM victims;"
      "DELETE FROM path_hosts; DELETE FROM paths;"
      "DELETE FROM gaps; DELETE FROM hosts; DELETE FROM joins; DELETE FROM step_records; DELETE FROM steps; DELETE "
      "FROM campaigns;"
      "DELETE FROM links; DELETE FROM things; DELETE FROM findings; DELETE FROM rules");
}

absl::Status CaseFile::Forget(int64_t evidence) {
  if (known_before_.erase(evidence) == 0) return absl::OkStatus();
  return database_->Prepare("DELETE FROM findings WHERE evidence = ?")->Bind(evidence).Run();
}

absl::Status CaseFile::PutInputs(const std::vector<CaseInput>& inputs,
                                 const std::vector<std::pair<std::string, std::string>>& settings) {
  const auto put = database_->Prepare("INSERT OR IGNORE INTO inputs (tenant, path, folder) VALUES (?, ?, ?)");
  for (const CaseInput& input : inputs) SPOOR_TRY(put->Bind(input.tenant).Bind(input.path).Bind(input.folder).Run());
  SPOOR_TRY(database_->Run("DELETE FROM settings"));
  const auto set = database_->Prepare("INSERT INTO settings VALUES (?, ?)");
  for (const auto& [name, value] : settings) SPOOR_TRY(set->Bind(name).Bind(value).Run());
  return absl::OkStatus();
}

absl::StatusOr<int64_t> CaseFile::EvidenceId(std::string_view tenant, std::string_view path) {
  const auto [it, fresh] = evidence_ids_.try_emplace(Key(tenant, path), 0);
  if (!fresh) return it->second;
  SPOOR_TRY(database_->Prepare("INSERT INTO evidence (tenant, path) VALUES (?, ?)")->Bind(tenant).Bind(path).Run());
  ++change_.evidence_new;
  return it->second = database_->last_id();
}

absl::StatusOr<int64_t> CaseFile::RuleId(const FindingRecord& finding) {
  const auto [it, fresh] = rule_ids_.try_emplace(finding.rule_number, 0);
  if (!fresh) return it->second;
  const auto put = database_->Prepare(
      "INSERT INTO rules (rule_id, title, level, tags) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET level = level "
      "RETURNING id");
  put->Bind(finding.rule_id)
      .Bind(finding.title)
      .Bind(std::string_view(sigma::LevelName(finding.level)))
      .Bind(Joined(finding.tags));
  const auto row = put->Next();
  if (!row.ok()) return row.status();
  it->second = put->Number(0);
  return it->second;
}

absl::Status CaseFile::PutFinding(const FindingRecord& f) {
  if (put_finding_ == nullptr) {
    put_finding_ = database_->Prepare(
        "INSERT INTO findings (time, rule, evidence, record, \"offset\", host, user, source, event_id, carved, "
        "matched, event) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  }
  const auto rule = RuleId(f), evidence = EvidenceId(f.tenant, f.path);
  if (!rule.ok()) return rule.status();
  if (!evidence.ok()) return evidence.status();
  SPOOR_TRY(Forget(*evidence));
  ++change_.findings;
  return put_finding_->Bind(TimeOrNull(f.time))
      .Bind(*rule)
      .Bind(*evidence)
      .Bind(static_cast<int64_t>(f.record))
      .Bind(static_cast<int64_t>(f.offset))
      .BindText(f.host)
      .BindText(f.user)
      .BindText(f.source)
      .Bind(f.event_id)
      .Bind(int64_t{f.carved})
      .Bind(MatchedJson(f.matched))
      .Bind(FieldsJson(f.event))
      .Run();
}

absl::Status CaseFile::PutEvidence(const HuntResult& hunt) {
  const auto put = database_->Prepare("UPDATE evidence SET sha256 = ?, unread = NULL WHERE id = ?");
  for (uint32_t file = 0; file < hunt.files->size(); ++file) {
    const EvidenceFile& of = (*hunt.files)[file];
    const auto id = EvidenceId(of.tenant, of.path);
    if (!id.ok()) return id.status();
    SPOOR_TRY(Forget(*id));
    SPOOR_TRY(put->BindText(file < hunt.digests.size() ? std::string_view(hunt.digests[file]) : std::string_view())
                  .Bind(*id)
                  .Run());
  }
  const auto unread = database_->Prepare("UPDATE evidence SET unread = ? WHERE id = ?");
  for (const auto& [path, reason] : hunt.facts.unread) {
    std::string tenant;
    for (uint32_t file = 0; file < hunt.files->listed(); ++file) {
      if ((*hunt.files)[file].path == path) tenant = (*hunt.files)[file].tenant;
    }
    const auto id = EvidenceId(tenant, path);
    if (!id.ok()) return id.status();
    SPOOR_TRY(unread->Bind(reason).Bind(*id).Run());
  }
  return absl::OkStatus();
}

absl::Status CaseFile::PutPlace(Statement* statement, const TraceResult& trace, const RecordPlace& place) {
  const EvidenceFile& file = (*trace.files)[place.file];
  const auto id = EvidenceId(file.tenant, file.path);
  if (!id.ok()) return id.status();
  return statement->Bind(*id).Bind(static_cast<int64_t>(place.record)).Bind(static_cast<int64_t>(place.offset)).Run();
}

absl::Status CaseFile::PutWorld(const TraceResult& trace) {
  const World& world = *trace.world;
  const auto thing = database_->Prepare("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (ThingId i = 0; i < world.things().size(); ++i) {
    const Thing& t = world.things()[i];
    const Process* const process = world.FindProcess(i);
    thing->Bind(int64_t{i}).Bind(std::string_view(ThingKindName(t.kind))).Bind(world.tenant(t));
    thing->Bind(t.host == kNoThing ? std::nullopt : std::optional(t.host)).Bind(t.name);
    thing->Bind(TimeOrNull(t.first)).Bind(TimeOrNull(t.last)).Bind(static_cast<int64_t>(t.events));
    if (process == nullptr) {
      thing->BindNull().BindNull().BindNull();
    } else {
      thing->BindText(process->image)
          .BindText(process->command)
          .Bind(process->pid == 0 ? std::nullopt : std::optional(process->pid));
    }
    SPOOR_TRY(thing->Run());
  }
  const auto link = database_->Prepare(
      "INSERT INTO links (kind, \"from\", \"to\", first, last, events, evidence, record, \"offset\") VALUES (?, ?, ?, "
      "?, ?, ?, ?, ?, ?)");
  for (const Link& l : world.links()) {
    link->Bind(std::string_view(LinkKindName(l.kind))).Bind(int64_t{l.from}).Bind(int64_t{l.to});
    link->Bind(TimeOrNull(l.first())).Bind(TimeOrNull(l.last)).Bind(static_cast<int64_t>(l.events));
    SPOOR_TRY(PutPlace(link.get(), trace, l.proof));
  }
  return absl::OkStatus();
}

absl::Status CaseFile::PutCampaign(const TraceResult& trace, const Campaign& campaign, int64_t number) {
  SPOOR_TRY(database_->Prepare("INSERT INTO campaigns VALUES (?, ?, ?, ?, ?, ?, ?)")
                ->Bind(number)
                .Bind(campaign.score)
                .Bind(TimeOrNull(campaign.first))
                .Bind(TimeOrNull(campaign.last))
                .Bind(TimeOrNull(campaign.dwell.first))
                .Bind(TimeOrNull(campaign.dwell.silent_from))
                .Bind(TimeOrNull(campaign.dwell.silent_until))
                .Run());
  const auto put = database_->Prepare(
      "INSERT INTO steps (campaign, stage, tactic, technique, first, last, tenant, host, user, title, level, summary, "
      "weight, thing) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const auto record =
      database_->Prepare("INSERT INTO step_records (step, evidence, record, \"offset\") VALUES (?, ?, ?, ?)");
  for (const Step& step : campaign.steps) {
    put->Bind(number).BindText(step.stage < 0 ? std::string_view()
                                              : std::string_view(Stages()[static_cast<size_t>(step.stage)].name));
    put->BindText(step.tactic).BindText(step.technique).Bind(TimeOrNull(step.first)).Bind(TimeOrNull(step.last));
    put->BindText(step.tenant).BindText(step.host_name).BindText(step.account).Bind(step.title);
    put->Bind(std::string_view(sigma::LevelName(step.level))).BindText(step.summary).Bind(step.weight);
    SPOOR_TRY(put->Bind(step.about == kNoThing ? std::nullopt : std::optional(step.about)).Run());
    const int64_t id = database_->last_id();
    for (const RecordPlace& place : step.places) SPOOR_TRY(PutPlace(&record->Bind(id), trace, place));
    for (const uint32_t c : step.clues) {
      const Clue& clue = trace.clues->clues[c];
      SPOOR_TRY(PutPlace(&record->Bind(id), trace, {clue.time, clue.file, clue.record, clue.offset}));
    }
  }
  const auto join = database_->Prepare(
      "INSERT INTO joins (campaign, \"from\", \"to\", kind, why, strength, evidence, record, \"offset\") VALUES (?, ?, "
      "?, ?, ?, ?, ?, ?, ?)");
  for (const Join& j : campaign.joins) {
    join->Bind(number).Bind(int64_t{j.from}).Bind(int64_t{j.to}).Bind(j.kind).Bind(j.why).Bind(j.strength);
    SPOOR_TRY(PutPlace(join.get(), trace, j.proof));
  }
  const auto host = database_->Prepare("INSERT INTO hosts VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const HostHit& hit : campaign.hosts) {
    const Thing& t = trace.world->things()[hit.host];
    SPOOR_TRY(host->Bind(number)
                  .Bind(int64_t{hit.host})
                  .Bind(trace.world->tenant(t))
                  .Bind(t.name)
                  .Bind(std::string_view(HostStateName(hit.state)))
                  .Bind(TimeOrNull(hit.first))
                  .Bind(hit.why)
                  .Run());
  }
  const auto gap = database_->Prepare("INSERT INTO gaps VALUES (?, ?, ?, ?, ?)");
  for (const Gap& g : campaign.gaps) {
    const Thing* host = g.host == kNoThing ? nullptr : &trace.world->things()[g.host];
    SPOOR_TRY(gap->Bind(number)
                  .BindText(host == nullptr ? "" : trace.world->tenant(*host))
                  .BindText(host == nullptr ? "" : host->name)
                  .Bind(MissingText(g))
                  .Bind(Joined(g.hides))
                  .Run());
  }
  SPOOR_TRY(PutPaths(trace, campaign, number));
  SPOOR_TRY(PutVictims(trace, campaign, number));
  SPOOR_TRY(PutObserved(campaign.observed, number));
  return PutBeginning(trace, campaign, number);
}

absl::Status CaseFile::PutTrace(const TraceResult& trace) {
  SPOOR_TRY(PutWorld(trace));
  for (const Campaign& campaign : trace.found.campaigns) {
    SPOOR_TRY(PutCampaign(trace, campaign, static_cast<int64_t>(++campaigns_)));
  }
  traced_ = true;
  return absl::OkStatus();
}

// Who is in one list and not in the other.
void CaseFile::TellChange(const char* what, const std::vector<std::string>& in,
                          const std::vector<std::string>& not_in) {
  constexpr size_t kTold = 30;
  const std::set<std::string> others(not_in.begin(), not_in.end());
  size_t told = 0;
  for (const std::string& victim : in) {
    if (!others.contains(victim) && told++ < kTold) change_.lines.push_back(what + victim);
  }
  if (told > kTold) change_.lines.push_back(what + std::to_string(told - kTold) + " more");
}

absl::StatusOr<CaseChange> CaseFile::Commit(const char* verb, bool partial) {
  put_finding_.reset();
  SPOOR_TRY(database_
                ->Prepare("INSERT INTO runs (time, program, verb, evidence_new, findings, campaigns, partial) VALUES "
                          "(?, ?, ?, ?, ?, ?, ?)")
                ->Bind(static_cast<int64_t>(time(nullptr)) * 1'000'000)
                .Bind(std::string_view("spoor " SPOOR_VERSION))
                .Bind(std::string_view(verb))
                .Bind(static_cast<int64_t>(change_.evidence_new))
                .Bind(static_cast<int64_t>(change_.findings))
                .Bind(traced_ ? std::optional(campaigns_) : std::nullopt)
                .Bind(int64_t{partial})
                .Run());
  if (traced_) {
    const auto victims = Victims();
    if (!victims.ok()) return victims.status();
    TellChange("now: ", *victims, victims_before_);
    TellChange("no longer: ", victims_before_, *victims);
  }
  SPOOR_TRY(database_->Run("COMMIT"));
  return change_;
}

}  // namespace spoor
