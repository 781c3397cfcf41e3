// The example campaign, read back through the formats: what the truth says stands where it says so, and what machines
// write holds together. Scenarios here are short; the kinds of records are those of long ones.
#include "demo/demo.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "base/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "simdjson.h"
#include "support/read_events.h"

namespace spoor::demo {
namespace {

namespace fs = std::filesystem;
using test::ReadAll;
using test::TemporaryFolder;
using Fields = std::map<std::string, std::string>;

struct Seen {
  uint64_t record = 0;
  int64_t time = 0;
  Fields fields;
};

// All events of a file, as text.
class Keep : public Sink {
 public:
  void OnEvent(const Event& event) override {
    Seen seen{event.record, event.time, {}};
    for (const Field& field : event.shape->fields) {
      std::string text;
      AppendFieldText(event, field, &text);
      seen.fields.emplace(field.name, std::move(text));
    }
    events.push_back(std::move(seen));
  }
  void OnDamage(const Damage& d) override { damage.emplace_back(d.kind); }
  void ShapesDropped() override {}
  std::vector<Seen> events;
  std::vector<std::string> damage;
};

bool IsMail(const std::string& path) { return path.ends_with(".eml") || path.ends_with(".mbox"); }

// A scenario, written once for all tests that only read it.
class Scenario {
 public:
  explicit Scenario(DemoOptions options) {
    const auto result = WriteDemo(options, folder_.path(), [](const DemoProgress&) { return true; });
    EXPECT_TRUE(result.ok());
    result_ = *result;
    text_ = simdjson::padded_string(ReadAll(folder_ / "truth.json"));
    EXPECT_EQ(parser_.parse(text_).get(truth_), simdjson::SUCCESS);
  }
  const TemporaryFolder& folder() const { return folder_; }
  const DemoResult& result() const { return result_; }
  const simdjson::dom::element& truth() const { return truth_; }
  simdjson::dom::array List(const char* key) const {
    simdjson::dom::array array;
    EXPECT_EQ(truth_[key].get(array), simdjson::SUCCESS) << key;
    return array;
  }

 private:
  TemporaryFolder folder_;
  DemoResult result_;
  simdjson::padded_string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element truth_;
};

std::string Text(const simdjson::dom::element& object, const char* key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

uint64_t Number(const simdjson::dom::element& object, const char* key) {
  uint64_t number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? number : 0;
}

simdjson::dom::array Array(const simdjson::dom::element& object, const char* key) {
  simdjson::dom::array array;
  EXPECT_EQ(object[key].get(array), simdjson::SUCCESS) << key;
  return array;
}

DemoOptions Short(uint64_t seed = 1) {
  DemoOptions options;
  options.seed = seed;
  options.days = 40;
  return options;
}

const Scenario& One() {
  static const auto* scenario = new Scenario(Short());
  return *scenario;
}

// Every file that the truth counts, read once.
const std::map<std::string, Keep>& Files() {
  static const auto* files = [] {
    auto* all = new std::map<std::string, Keep>;
    for (const auto file : One().List("files")) {
      const std::string path = Text(file, "path");
      if (!IsMail(path)) EXPECT_TRUE(test::ReadEvents(One().folder() / path, &(*all)[path])) << path;
    }
    return all;
  }();
  return *files;
}

TEST(Demo, SameSeedSameBytes) {
  const Scenario again(Short()), other(Short(2));
  size_t same = 0, all = 0;
  for (const std::string& path : test::FilesBelow(One().folder().path(), "")) {
    const std::string name = path.substr(One().folder().path().size());
    EXPECT_EQ(ReadAll(path), ReadAll(again.folder().path() + name)) << name;
    ++all;
    if (fs::exists(other.folder().path() + name) && ReadAll(path) == ReadAll(other.folder().path() + name)) ++same;
  }
  EXPECT_EQ(all, test::FilesBelow(again.folder().path(), "").size());
  EXPECT_LE(same, 1u);  // README.txt
}

TEST(Demo, EveryFileIsReadWholeAndWithoutDamage) {
  size_t messages = 0;
  for (const auto file : One().List("files")) {
    const std::string path = Text(file, "path");
    if (path.ends_with(".mbox")) {
      const std::string text = "\n" + ReadAll(One().folder() / path);
      size_t count = 0;
      for (size_t at = text.find("\nFrom "); at != std::string::npos; at = text.find("\nFrom ", at + 1)) ++count;
      EXPECT_EQ(count, Number(file, "records")) << path;
    } else if (path.ends_with(".eml")) {
      EXPECT_THAT(ReadAll(One().folder() / path), testing::StartsWith("Return-Path: <")) << path;
      ++messages;
    } else {
      EXPECT_THAT(Files().at(path).damage, testing::IsEmpty()) << path;
      EXPECT_EQ(Files().at(path).events.size(), Number(file, "records")) << path;
    }
  }
  EXPECT_GT(messages, 50u);
}

TEST(Demo, EachRecordOfTheTruthIsThereAndSaysSo) {
  std::map<std::string, std::map<uint64_t, const Seen*>> by_number;
  for (const auto& [path, keep] : Files()) {
    for (const Seen& e : keep.events) {
      EXPECT_TRUE(by_number[path].emplace(e.record, &e).second) << path << " has record " << e.record << " twice";
    }
  }
  size_t checked = 0;
  for (const char* list : {"steps", "innocent"}) {
    for (const auto step : One().List(list)) {
      const auto time = ParseTime(Text(step, "time"));
      ASSERT_TRUE(time.has_value());
      for (const auto record : Array(step, "records")) {
        const std::string path = Text(record, "path"), what = Text(record, "what");
        if (IsMail(path)) {
          EXPECT_TRUE(fs::exists(One().folder() / path)) << path;
          continue;
        }
        const auto& by = by_number[path];
        for (const auto element : Array(record, "numbers")) {
          const uint64_t number = element.get_uint64().value_unsafe();
          const auto found = by.find(number);
          ASSERT_NE(found, by.end()) << path << ' ' << number;
          const Seen& e = *found->second;
          if (path.ends_with(".evtx")) {
            const std::string id = e.fields.at("EventID"), channel = e.fields.at("Channel");
            EXPECT_EQ(what.substr(what.find(' ') + 1), id) << path;
            EXPECT_NE(channel.find(what.substr(0, what.find(' '))), std::string::npos) << channel;
            EXPECT_EQ(e.fields.at("Computer").substr(0, e.fields.at("Computer").find('.')),
                      fs::path(path).parent_path().filename())
                << path;
          }
          if (list == std::string("steps") && e.time != 0)
            EXPECT_GT(e.time, *time - 7 * kHour) << path << ' ' << what << ' ' << Text(step, "name");
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 10'000u);
}

TEST(Demo, RecordNumbersAndTimesOfALogGrow) {
  for (const auto& [path, keep] : Files()) {
    for (size_t i = 1; i < keep.events.size(); ++i) {
      EXPECT_EQ(keep.events[i].record, keep.events[i - 1].record + 1) << path;
      ASSERT_GE(keep.events[i].time, keep.events[i - 1].time) << path << " at record " << keep.events[i].record;
    }
  }
}

// Logs of one machine by their channel, those that the truth says are missing in part left out.
std::map<std::string, std::map<std::string, const Keep*>> Machines() {
  std::set<std::string> partial;
  for (const auto gap : One().List("missing")) partial.insert(Text(gap, "tenant") + "/windows/" + Text(gap, "host"));
  std::map<std::string, std::map<std::string, const Keep*>> machines;
  for (const auto& [path, keep] : Files()) {
    if (!path.ends_with(".evtx")) continue;
    const std::string machine = fs::path(path).parent_path().string().substr(9);
    if (partial.count(machine) == 0) machines[machine][fs::path(path).stem().string()] = &keep;
  }
  return machines;
}

std::string Of(const Seen& e, const char* field) {
  const auto found = e.fields.find(field);
  return found == e.fields.end() ? "" : found->second;
}

// The second that a ProcessGuid names: its second and third group.
int64_t SecondOf(const std::string& guid) {
  if (guid.size() < 19) return 0;
  return std::strtoll((guid.substr(15, 4) + guid.substr(10, 4)).c_str(), nullptr, 16);
}

TEST(Demo, ProcessesHaveParentsAndOneMachine) {
  size_t parents = 0;
  for (const auto& [machine, logs] : Machines()) {
    const auto sysmon = logs.find("Microsoft-Windows-Sysmon%4Operational");
    if (sysmon == logs.end()) continue;
    const std::vector<Seen>& events = sysmon->second->events;
    std::map<std::string, std::string> images;  // by GUID
    std::set<std::string> prefixes;
    for (const Seen& e : events) {
      if (Of(e, "EventID") != "1") continue;
      EXPECT_TRUE(images.emplace(Of(e, "ProcessGuid"), Of(e, "Image")).second)
          << machine << ' ' << Of(e, "ProcessGuid");
      EXPECT_LE(std::abs(SecondOf(Of(e, "ProcessGuid")) - e.time / kSecond), 1) << machine;
      prefixes.insert(Of(e, "ProcessGuid").substr(0, 9));
    }
    EXPECT_LE(prefixes.size(), 1u) << machine;
    for (const Seen& e : events) {
      for (const char* field : {"ProcessGuid", "ParentProcessGuid", "SourceProcessGuid", "SourceProcessGUID",
                                "TargetProcessGuid", "TargetProcessGUID"}) {
        const std::string guid = Of(e, field);
        if (guid.empty()) continue;
        ++parents;
        if (images.count(guid) > 0) {
          const std::string shown = field == std::string("ProcessGuid")         ? Of(e, "Image")
                                    : field == std::string("ParentProcessGuid") ? Of(e, "ParentImage")
                                                                                : "";
          if (!shown.empty()) EXPECT_EQ(images[guid], shown);
          EXPECT_LE(SecondOf(guid), e.time / kSecond + 1) << machine << ' ' << Of(e, "EventID");
        } else {
          EXPECT_LT(SecondOf(guid) * kSecond, events.front().time - kDay)
              << machine << ": " << guid << " of event " << Of(e, "EventID") << " was never started";
        }
      }
    }
  }
  EXPECT_GT(parents, 5000u);
}

TEST(Demo, SessionsAreOpenedBeforeTheyAreUsed) {
  size_t sessions = 0;
  for (const auto& [machine, logs] : Machines()) {
    const auto security = logs.find("Security");
    if (security == logs.end()) continue;
    std::set<std::string> open = {"0x3e7", "0x3e4", "0x3e5", "0x0"};
    for (const Seen& e : security->second->events) {
      const std::string id = Of(e, "EventID");
      if (id == "4624") {
        EXPECT_TRUE(open.insert(Of(e, "TargetLogonId")).second) << machine << ": given twice";
        ++sessions;
        continue;
      }
      if (id == "4634" || id == "4647")
        EXPECT_EQ(open.count(Of(e, "TargetLogonId")), 1u) << machine << ' ' << id << ' ' << e.record;
      const std::string by = Of(e, "SubjectLogonId");
      if (!by.empty() && Of(e, "SubjectDomainName") != "IIS APPPOOL")
        EXPECT_EQ(open.count(by), 1u) << machine << ' ' << id << ' ' << e.record << ' ' << by;
    }
    const auto sysmon = logs.find("Microsoft-Windows-Sysmon%4Operational");
    if (sysmon == logs.end()) continue;
    for (const Seen& e : sysmon->second->events) {
      if (Of(e, "EventID") != "1" || Of(e, "User").starts_with("IIS APPPOOL")) continue;
      EXPECT_EQ(open.count(Of(e, "LogonId")), 1u) << machine << ' ' << Of(e, "Image") << ' ' << Of(e, "LogonId");
    }
  }
  EXPECT_GT(sessions, 500u);
}

TEST(Demo, FifteenServersOnSevenNetworksWhateverTheSeed) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    DemoOptions options = Short(seed);
    options.days = 30;
    options.noise = 0;
    options.tenants = kMinTenants + seed % 3;
    const Scenario scenario(options);
    std::set<std::string> networks, hosts, reached, zero;
    for (const auto host : scenario.List("hosts")) {
      const std::string name = Text(host, "tenant") + "/" + Text(host, "host");
      EXPECT_TRUE(hosts.insert(name).second);
      if (Text(host, "state") != "targeted") reached.insert(Text(host, "tenant"));
      bool server = false, from_provider = false;
      EXPECT_EQ(host["server"].get(server), simdjson::SUCCESS);
      EXPECT_EQ(host["from_provider"].get(from_provider), simdjson::SUCCESS);
      if (server && from_provider && Text(host, "state") != "targeted") networks.insert(name);
    }
    EXPECT_EQ(networks.size(), 15u) << seed;
    EXPECT_EQ(scenario.result().servers, 15u) << seed;
    EXPECT_EQ(scenario.result().networks, 7u) << seed;
    EXPECT_EQ(reached.size(), 8u) << seed;  // and the provider
    for (const auto z : scenario.List("patient_zero")) zero.insert(Text(z, "tenant"));
    EXPECT_EQ(zero, reached) << seed;
    size_t targeted = 0;
    for (const auto mailbox : scenario.List("mailboxes")) {
      bool is = false;
      EXPECT_EQ(mailbox["targeted"].get(is), simdjson::SUCCESS);
      targeted += is ? 1 : 0;
    }
    EXPECT_EQ(targeted, kWaveRecipients) << seed;
    std::set<int> stages;
    for (const auto step : scenario.List("steps")) {
      stages.insert(static_cast<int>(Number(step, "stage")));
      // Nothing happens without a trace but what a gap took.
      const bool lost = step["lost"].error() == simdjson::SUCCESS;
      if (Array(step, "records").size() == 0 && !lost)
        EXPECT_THAT(Text(step, "name"),
                    testing::AnyOf("implant", "command and control", "looking around", "credentials", "router tried",
                                   "router taken", "archives", "theft", "work"))
            << seed;
    }
    for (int stage = 1; stage <= 13; ++stage)
      EXPECT_EQ(stages.count(stage), 1u) << "seed " << seed << " has no stage " << stage;
  }
}

std::string Wide(const std::string& text) {
  std::string out;
  for (const char c : text) out += c, out += '\0';
  return out;
}

TEST(Demo, WithoutTheAttackTheSameDaysAndNothingOfIt) {
  DemoOptions options = Short();
  options.attack = false;
  const Scenario quiet(options);
  EXPECT_EQ(quiet.List("steps").size(), 0u);
  EXPECT_EQ(quiet.List("hosts").size(), 0u);
  EXPECT_EQ(quiet.List("infrastructure").size(), 0u);
  // With the attack there are as many records more as the truth names; a log that the intruder emptied is left out.
  std::map<std::string, int64_t> difference;
  for (const auto file : One().List("files"))
    difference[Text(file, "path")] += static_cast<int64_t>(Number(file, "records"));
  for (const auto file : quiet.List("files"))
    difference[Text(file, "path")] -= static_cast<int64_t>(Number(file, "records"));
  for (const auto step : One().List("steps")) {
    for (const auto record : Array(step, "records")) {
      difference[Text(record, "path")] -= static_cast<int64_t>(Array(record, "numbers").size());
    }
  }
  std::string emptied;
  for (const auto gap : One().List("missing")) {
    if (Text(gap, "why") == "emptied by the intruder")
      emptied = "evidence/" + Text(gap, "tenant") + "/windows/" + Text(gap, "host") + "/Security.evtx";
  }
  for (const auto& [path, more] : difference) {
    if (path != emptied) EXPECT_EQ(more, 0) << path;
  }
  // None of the intruder's names and addresses, in any form.
  std::vector<std::string> names;
  for (const auto i : One().List("infrastructure")) {
    const std::string kind = Text(i, "kind");
    if (kind != "c2 by a cloud service" && kind.find("in a home") == std::string::npos)
      names.push_back(Text(i, "value"));
  }
  EXPECT_GT(names.size(), 8u);
  for (const std::string& path : test::FilesBelow(quiet.folder().path() + "/evidence", "")) {
    const std::string bytes = ReadAll(path);
    for (const std::string& name : names) {
      for (const std::string& form : {name, Wide(name)}) {
        size_t at = bytes.find(form);
        // 192.0.2.20 is no 192.0.2.201
        while (at != std::string::npos && at + form.size() < bytes.size() &&
               std::isdigit(static_cast<unsigned char>(bytes[at + form.size()])) != 0)
          at = bytes.find(form, at + 1);
        EXPECT_EQ(at, std::string::npos) << name << " in " << path;
      }
    }
  }
}

TEST(Demo, AnotherProgramReadsTheLogs) {
  if (std::system("command -v evtxexport >/dev/null 2>&1") != 0) GTEST_SKIP() << "evtxexport is not installed";
  size_t logs = 0;
  for (const auto& [path, keep] : Files()) {
    if (!path.ends_with(".evtx") || ++logs % 9 != 0) continue;  // it takes its time
    FILE* pipe = popen(("evtxexport -f xml '" + (One().folder() / path) + "' 2>&1").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string out;
    for (int c; (c = std::fgetc(pipe)) != EOF;) out.push_back(static_cast<char>(c));
    EXPECT_EQ(pclose(pipe), 0) << path;
    size_t count = 0;
    for (size_t at = out.find("<Event xmlns"); at != std::string::npos; at = out.find("<Event xmlns", at + 1)) ++count;
    EXPECT_EQ(count, keep.events.size()) << path;
    const Seen& last = keep.events.back();
    EXPECT_NE(out.find("<EventRecordID>" + std::to_string(last.record) + "</EventRecordID>"), std::string::npos)
        << path;
    EXPECT_NE(out.find("<Computer>" + Of(last, "Computer") + "</Computer>"), std::string::npos) << path;
  }
  EXPECT_GT(logs, 100u);
}

TEST(Demo, RefusesWhatIsNoScenario) {
  DemoOptions few, brief, loud;
  few.tenants = 7;
  brief.days = 29;
  loud.noise = -1;
  for (const DemoOptions& o : {few, brief, loud}) EXPECT_NE(CheckOptions(o), "");
  EXPECT_EQ(CheckOptions(DemoOptions()), "");
}

}  // namespace
}  // namespace spoor::demo
