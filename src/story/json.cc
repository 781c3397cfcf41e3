#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "base/time.h"
#include "campaign/gaps.h"
#include "campaign/stages.h"
#include "story/render.h"

namespace spoor {
namespace {

constexpr size_t kMaxRecords = 1000;  // shown of a step

class JsonWriter {
 public:
  explicit JsonWriter(const TraceResult& result) : r_(result) {}

  std::string Write() {
    out_ = "{\"campaigns\":[";
    for (const Campaign& campaign : r_.found.campaigns) {
      if (out_.back() != '[') out_ += ',';
      out_ += '\n';
      Add(campaign);
    }
    out_ += "],\n\"alone\":[";
    for (const Alone& alone : r_.found.alone) {
      if (out_.back() != '[') out_ += ',';
      out_ += '\n';
      Add(alone);
    }
    out_ += "]}\n";
    return std::move(out_);
  }

 private:
  void Key(std::string_view key) {
    if (out_.back() != '{' && out_.back() != '[') out_ += ',';
    AppendJsonString(key, &out_);
    out_ += ':';
  }
  void Text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    Key(key);
    AppendJsonString(value, &out_);
  }
  void Time(std::string_view key, int64_t time) {
    if (time != 0) Text(key, FormatTime(time));
  }
  void Number(std::string_view key, double value) {
    Key(key);
    out_ += fmt::format("{:.2f}", value);
  }
  template <typename List, typename Fn>
  void Array(std::string_view key, const List& list, Fn&& fn) {
    Key(key);
    out_ += '[';
    bool first = true;
    for (const auto& item : list) {
      if (!first) out_ += ',';
      first = false;
      fn(item);
    }
    out_ += ']';
  }

  std::string NameOf(ThingId thing) const {
    const Thing& t = r_.world->things()[thing];
    std::string name = t.name;
    if (const Process* process = r_.world->FindProcess(thing); process != nullptr) {
      name = process->image.empty() ? fmt::format("process {}", process->pid)
                                    : fmt::format("{} ({})", process->image, process->pid);
    }
    if (t.host != kNoThing) name += " on " + r_.world->things()[t.host].name;
    return name;
  }
  void Record(uint32_t file, uint64_t record, uint64_t offset) {
    out_ += '{';
    Text("path", (*r_.files)[file].path);
    Key("record");
    out_ += std::to_string(record);
    Key("offset");
    out_ += std::to_string(offset);
    out_ += '}';
  }

  void Add(const Step& step) {
    out_ += '{';
    if (step.stage >= 0) Text("stage", Stages()[static_cast<size_t>(step.stage)].name);
    Text("tactic", step.tactic);
    Text("technique", step.technique);
    if (step.techniques.size() > 1)
      Array("techniques", step.techniques, [&](const std::string& t) { AppendJsonString(t, &out_); });
    Time("time", step.first);
    if (step.last != step.first) Time("last", step.last);
    Text("tenant", step.tenant);
    Text("host", step.host_name);
    Text("user", step.account);
    Text("title", step.title);
    if (!step.also.empty()) Array("also", step.also, [&](const std::string& t) { AppendJsonString(t, &out_); });
    Text("level", sigma::LevelName(step.level));
    Text("summary", step.summary);
    Number("weight", step.weight);
    Key("findings");
    out_ += std::to_string(step.clues.size());
    if (step.from != kNoThing) Text("from", r_.world->things()[step.from].name);
    std::vector<RecordPlace> places;
    std::set<std::tuple<uint32_t, uint64_t, uint64_t>> told;  // several findings may be of one record
    const auto add = [&](const RecordPlace& place) {
      if (told.size() < kMaxRecords && told.emplace(place.file, place.offset, place.record).second)
        places.push_back(place);
    };
    for (const RecordPlace& place : step.places) add(place);
    for (const uint32_t c : step.clues) {
      const Clue& clue = r_.clues->clues[c];
      add({clue.time, clue.file, clue.record, clue.offset});
    }
    Array("records", places, [&](const RecordPlace& p) { Record(p.file, p.record, p.offset); });
    out_ += '}';
  }

  void Add(const Join& join) {
    out_ += '{';
    Text("from", NameOf(join.from));
    Text("to", NameOf(join.to));
    Text("kind", join.kind);
    Number("strength", join.strength);
    Text("why", join.why);
    Array("records", std::vector<RecordPlace>{join.proof},
          [&](const RecordPlace& p) { Record(p.file, p.record, p.offset); });
    out_ += '}';
  }

  void Add(const FirstDay& day) {
    out_ += '{';
    Text("tenant", day.tenant);
    Text("host", r_.world->things()[day.host].name);
    Text("account", day.account);
    Time("time", day.time);
    Text("how", day.how);
    if (day.from != kNoThing) Text("from", r_.world->things()[day.from].name);
    Array("records", day.records, [&](const RecordPlace& p) { Record(p.file, p.record, p.offset); });
    Array("alternatives", day.alternatives, [&](const OtherBeginning& other) {
      out_ += '{';
      Text("host", r_.world->things()[other.host].name);
      Time("time", other.time);
      Text("why", other.why);
      Array("records", other.records, [&](const RecordPlace& p) { Record(p.file, p.record, p.offset); });
      out_ += '}';
    });
    out_ += '}';
  }

  void Add(const Dwell& dwell) {
    constexpr double kDay = 86'400'000'000;
    Key("dwell");
    out_ += '{';
    Time("first", dwell.first);
    Time("last", dwell.last);
    Number("days", static_cast<double>(dwell.last - dwell.first) / kDay);
    Number("longest_silence_days", static_cast<double>(dwell.silent_until - dwell.silent_from) / kDay);
    Time("silent_from", dwell.silent_from);
    Time("silent_until", dwell.silent_until);
    out_ += '}';
  }

  void Add(const Victim& victim) {
    out_ += '{';
    Text("kind", VictimKindName(victim.kind));
    Text("tenant", victim.tenant);
    Text("name", victim.name);
    Text("state", VictimStateName(victim.state));
    Time("first", victim.first);
    Time("last", victim.last);
    Text("why", victim.why);
    Text("person", victim.person);
    Text("organisation", victim.organisation);
    Text("role", victim.role);
    Text("related_to", victim.related_to);
    Array("records", victim.records, [&](const RecordPlace& p) { Record(p.file, p.record, p.offset); });
    out_ += '}';
  }

  void Add(const Campaign& campaign) {
    out_ += '{';
    Text("id", fmt::format("C{}", &campaign - r_.found.campaigns.data() + 1));
    Number("score", campaign.score);
    Time("first", campaign.first);
    Time("last", campaign.last);
    Array("stages", campaign.steps, [&](const Step& step) { Add(step); });
    Array("hosts", campaign.hosts, [&](const HostHit& hit) {
      out_ += '{';
      const Thing& host = r_.world->things()[hit.host];
      Text("tenant", r_.world->tenant(host));
      Text("name", host.name);
      Text("state", HostStateName(hit.state));
      Time("first", hit.first);
      Text("why", hit.why);
      out_ += '}';
    });
    Array("accounts", campaign.accounts,
          [&](ThingId account) { AppendJsonString(r_.world->things()[account].name, &out_); });
    Array("gaps", campaign.gaps, [&](const Gap& gap) {
      out_ += '{';
      if (gap.host != kNoThing) {
        const Thing& host = r_.world->things()[gap.host];
        Text("tenant", r_.world->tenant(host));
        Text("host", host.name);
      }
      Text("missing", MissingText(gap));
      Time("until", gap.until);
      Array("hides", gap.hides, [&](const std::string& tactic) { AppendJsonString(tactic, &out_); });
      out_ += '}';
    });
    Array("paths", campaign.paths, [&](const TenantPath& path) {
      out_ += '{';
      Text("from_tenant", path.from_tenant);
      Text("to_tenant", path.to_tenant);
      Array("hosts", path.hosts, [&](const PathHost& host) {
        out_ += '{';
        Text("name", r_.world->things()[host.host].name);
        Text("from", r_.world->things()[host.from].name);
        Time("first", host.first);
        Array("records", std::vector<RecordPlace>{host.proof},
              [&](const RecordPlace& p) { Record(p.file, p.record, p.offset); });
        out_ += '}';
      });
      Array("accounts", path.accounts, [&](const std::string& account) { AppendJsonString(account, &out_); });
      out_ += '}';
    });
    Array("attribution", campaign.actors, [&](const ActorGuess& guess) {
      out_ += '{';
      Text("actor", guess.id);
      Text("name", guess.name);
      Number("probability", guess.probability);
      Array("for", guess.speaks_for, [&](const std::string& text) { AppendJsonString(text, &out_); });
      Array("against", guess.speaks_against, [&](const std::string& text) { AppendJsonString(text, &out_); });
      out_ += '}';
    });
    Array("processes", campaign.chain, [&](const ChainProcess& of) {
      const Process& process = *r_.world->FindProcess(of.process);
      const Thing& thing = r_.world->things()[of.process];
      out_ += '{';
      Key("depth");
      out_ += std::to_string(of.depth);
      if (thing.host != kNoThing) Text("host", r_.world->things()[thing.host].name);
      Time("time", process.start.time);
      Key("pid");
      out_ += std::to_string(process.pid);
      Text("image", process.image);
      Text("command", process.command);
      Number("weight", of.weight);
      Array("records", std::vector<RecordPlace>{process.start},
            [&](const RecordPlace& p) { Record(p.file, p.record, p.offset); });
      out_ += '}';
    });
    Array("links", campaign.joins, [&](const Join& join) { Add(join); });
    Array("victims", campaign.victims, [&](const Victim& victim) { Add(victim); });
    Array("first_day", campaign.first_days, [&](const FirstDay& day) { Add(day); });
    Add(campaign.dwell);
    out_ += '}';
  }

  void Add(const Alone& alone) {
    const ClueRule& rule = r_.clues->rules[alone.rule];
    out_ += '{';
    Text("rule_id", rule.id);
    Text("title", rule.title);
    Text("level", sigma::LevelName(rule.level));
    Key("findings");
    out_ += std::to_string(alone.findings);
    Time("first", alone.first);
    Time("last", alone.last);
    Array("hosts", alone.hosts, [&](const std::string& host) { AppendJsonString(host, &out_); });
    out_ += '}';
  }

  const TraceResult& r_;
  std::string out_;
};

}  // namespace

std::string TraceJson(const TraceResult& result) { return JsonWriter(result).Write(); }

}  // namespace spoor
