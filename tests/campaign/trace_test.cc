// Traces of whole evidence: the same whatever the number of workers, every record of the result is there and says what
// the step says, and what recordings of simulated attacks say of themselves (where they are there).
#include "campaign/trace.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "cli/builtin_rules.h"
#include "demo/demo.h"
#include "hunt/feed.h"
#include "hunt/workers.h"
#include "story/render.h"
#include "support/archives.h"

namespace spoor {
namespace {

const std::string kSource = SPOOR_SOURCE_DIR, kData = SPOOR_SHARED_DATA;

TraceResult TraceAll(const std::vector<std::string>& paths, const sigma::RuleSet& rules, unsigned jobs) {
  HuntOptions options;
  options.digest = false;
  options.jobs = jobs;
  const std::atomic<bool> stop{false};
  return Trace(*ListEvidence(paths, {}), rules, sigma::SourceMap::BuiltIn(), options, {}, stop, nullptr);
}

sigma::RuleSet Rules(const std::string& path) { return sigma::LoadRules({path}, {}); }

const std::string kCase = kSource + "/tests/cases/trace/from-machine-to-machine";

TEST(Trace, IsTheSameWhateverTheNumberOfWorkers) {
  const sigma::RuleSet rules = Rules(kCase + "/rules.yml");
  const std::vector<std::string> paths = {kSource + "/tests/cases"};
  const std::string one = TraceJson(TraceAll(paths, rules, 1));
  EXPECT_NE(one.find("\"id\":\"C1\""), std::string::npos);
  for (const unsigned jobs : {2u, 3u, 8u}) EXPECT_EQ(TraceJson(TraceAll(paths, rules, jobs)), one) << jobs;
}

TEST(Trace, WithoutFindingsThereIsNoCampaign) {
  const TraceResult result = TraceAll({kCase + "/logs/srv2.jsonl"}, Rules(kCase + "/rules.yml"), 2);
  EXPECT_TRUE(result.found.campaigns.empty());
}

const Victim* FindVictim(const Campaign& campaign, VictimKind kind, const std::string& name) {
  for (const Victim& victim : campaign.victims) {
    if (victim.kind == kind && victim.name == name) return &victim;
  }
  return nullptr;
}

TEST(Trace, TellsWhoWasHitAndHowFarItCame) {
  const TraceResult result = TraceAll({kCase + "/logs"}, Rules(kCase + "/rules.yml"), 2);
  ASSERT_EQ(result.found.campaigns.size(), 1u);
  const Campaign& campaign = result.found.campaigns[0];
  for (const HostHit& hit : campaign.hosts) {
    const Victim* const host = FindVictim(campaign, VictimKind::kHost, result.world->things()[hit.host].name);
    ASSERT_NE(host, nullptr) << hit.why;
    EXPECT_EQ(host->state >= VictimState::kCompromised, hit.state == HostState::kCompromised) << host->name;
    EXPECT_EQ(host->first, hit.first);
  }
  const Victim* const jane = FindVictim(campaign, VictimKind::kAccount, "acme\\jane");
  ASSERT_NE(jane, nullptr);
  EXPECT_EQ(jane->state, VictimState::kCompromised);
  for (const Victim& victim : campaign.victims) EXPECT_FALSE(IsNobody(victim.name)) << victim.name;
}

// What events name is the kind of thing that facts.yml says.
TEST(Trace, NotesWhatEventsName) {
  const std::string path = testing::TempDir() + "/spoor-names.jsonl";
  std::ofstream(path)
      << R"({"EventTime":"2026-03-02 08:00:00","Hostname":"ws1","Channel":"Microsoft-Windows-Sysmon/Operational","EventID":22,"RecordNumber":1,"ProcessGuid":"{00000001-0000-0000-0000-000000000001}","ProcessId":8,"Image":"C:\\a.exe","QueryName":"content.drop.example"}
{"EventTime":"2026-03-02 08:00:01","Hostname":"ws1","Channel":"Microsoft-Windows-Sysmon/Operational","EventID":22,"RecordNumber":2,"ProcessGuid":"{00000001-0000-0000-0000-000000000001}","ProcessId":8,"Image":"C:\\a.exe","QueryName":"203.0.113.9"}
{"EventTime":"2026-03-02 08:00:02","Hostname":"ws1","Channel":"Microsoft-Windows-PowerShell/Operational","EventID":4104,"RecordNumber":3,"Execution_ProcessID":8,"ScriptBlockText":"Get-ChildItem \\\\srv1\\ -Recurse -Include *.docx, *.pdf"}
)";
  const TraceResult result = TraceAll({path}, Rules(kCase + "/rules.yml"), 1);
  std::map<std::string, ThingKind> things;
  for (const Thing& thing : result.world->things()) things[thing.name] = thing.kind;
  std::remove(path.c_str());
  ASSERT_TRUE(things.contains("content.drop.example"));
  EXPECT_EQ(things["content.drop.example"], ThingKind::kDomain);
  EXPECT_EQ(things["203.0.113.9"], ThingKind::kAddress);
  ASSERT_TRUE(things.contains("get-childitem * -recurse -include *.docx, *.pdf"));
  EXPECT_EQ(things["get-childitem * -recurse -include *.docx, *.pdf"], ThingKind::kScript);
}

// Reads evidence once more and keeps which records there are.
class RecordReader : public Sink {
 public:
  explicit RecordReader(const FormatOptions& options) : readers_(options) {}
  void Read(const Piece& piece, const std::string& path) {
    path_ = path;
    readers_.Read(piece, this);
  }
  void OnEvent(const Event& event) override { seen[path_].insert({event.record, event.offset}); }
  void OnDamage(const Damage&) override {}
  void ShapesDropped() override {}
  std::map<std::string, std::set<std::pair<uint64_t, uint64_t>>> seen;

 private:
  PieceReaders readers_;
  std::string path_;
};

// Every sentence leads to records, and these are in the evidence.
void ExpectRecordsAreThere(const TraceResult& result, const std::vector<std::string>& paths) {
  const EvidenceList evidence = *ListEvidence(paths, {});
  FileTable files(evidence.files);
  Feed feed(&files, {1, false, {}}, nullptr, nullptr);
  RecordReader reader({});
  const std::atomic<bool> stop{false};
  ReadAll(&feed, 1, stop, [&](unsigned, const Piece& piece) { reader.Read(piece, files[piece.file].path); });
  const auto expect = [&](uint32_t file, uint64_t record, uint64_t offset, const std::string& what) {
    const std::string& path = (*result.files)[file].path;
    EXPECT_TRUE(reader.seen[path].contains({record, offset})) << what << ": " << path << " " << record << " " << offset;
  };
  for (const Campaign& campaign : result.found.campaigns) {
    for (const Step& step : campaign.steps) {
      EXPECT_FALSE(step.clues.empty() && step.places.empty()) << step.title;
      for (const uint32_t c : step.clues) {
        const Clue& clue = result.clues->clues[c];
        expect(clue.file, clue.record, clue.offset, step.title);
      }
      for (const RecordPlace& place : step.places) expect(place.file, place.record, place.offset, step.title);
    }
    for (const Join& join : campaign.joins) expect(join.proof.file, join.proof.record, join.proof.offset, join.why);
    for (const FirstDay& day : campaign.first_days) {
      EXPECT_FALSE(day.records.empty()) << day.how;
      for (const RecordPlace& place : day.records) expect(place.file, place.record, place.offset, day.how);
      for (const OtherBeginning& other : day.alternatives) {
        for (const RecordPlace& place : other.records) expect(place.file, place.record, place.offset, other.why);
      }
    }
    for (const Victim& victim : campaign.victims) {
      EXPECT_FALSE(victim.records.empty()) << victim.name;
      for (const RecordPlace& place : victim.records) expect(place.file, place.record, place.offset, victim.why);
    }
    for (const ChainProcess& of : campaign.chain) {
      const Process& process = *result.world->FindProcess(of.process);
      expect(process.start.file, process.start.record, process.start.offset, std::string(process.image));
    }
  }
}

TEST(Trace, EveryRecordOfTheResultIsInTheEvidence) {
  const std::vector<std::string> paths = {kCase + "/logs"};
  const TraceResult result = TraceAll(paths, Rules(kCase + "/rules.yml"), 2);
  ASSERT_EQ(result.found.campaigns.size(), 1u);
  ExpectRecordsAreThere(result, paths);
}

TEST(Trace, EveryRecordOfARecordedAttackIsInTheEvidence) {
  const std::string path =
      kData + "/security-datasets/atomic/windows/lateral_movement/host/empire_psexec_dcerpc_tcp_svcctl.zip";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const TraceResult result = TraceAll({path}, Rules(kData + "/sigma/rules"), 2);
  ASSERT_EQ(result.found.campaigns.size(), 1u);
  std::set<std::string> hosts;
  for (const HostHit& hit : result.found.campaigns[0].hosts) hosts.insert(result.world->things()[hit.host].name);
  EXPECT_EQ(hosts, (std::set<std::string>{"workstation5", "workstation6"}));
  ExpectRecordsAreThere(result, {path});
}

// The first pass finds waves, the second numbers the files of archives anew; mails in which nothing was found are not
// read again.
TEST(Trace, WavesOfMailsInArchivesLeadToTheirRecords) {
  namespace fs = std::filesystem;
  std::string name = testing::TempDir() + "/spoor-waves.XXXXXX";
  const fs::path folder = mkdtemp(name.data());
  demo::DemoOptions days;
  days.noise = 0;
  ASSERT_TRUE(demo::WriteDemo(days, folder, [](const demo::DemoProgress&) { return true; }).ok());
  const fs::path logs = folder / "evidence" / "harbourpost";
  std::vector<std::string> paths;
  for (const char* packed : {"mail", "zeek"}) {
    std::vector<test::Member> members;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(logs / packed)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      members.push_back({fs::relative(entry.path(), logs), {std::istreambuf_iterator<char>(file), {}}});
    }
    paths.push_back(folder / (std::string(packed) + ".zip"));
    std::ofstream(paths.back(), std::ios::binary) << test::MakeArchive("zip", members);
  }
  const TraceResult one = TraceAll(paths, LoadBuiltInRules({}, {}), 1),
                    two = TraceAll(paths, LoadBuiltInRules({}, {}), 2);
  size_t recipients = 0, openings = 0;
  for (const TrackingWave& wave : two.waves.waves) {
    recipients += wave.recipients.size();
    openings += wave.openings.size();
  }
  EXPECT_GT(recipients, 100u);
  EXPECT_GT(openings, 10u);
  ASSERT_FALSE(two.found.campaigns.empty());
  ExpectRecordsAreThere(two, paths);
  EXPECT_EQ(TraceJson(two), TraceJson(one));
  fs::remove_all(folder);
}

// What only a sensor of the network saw: the machines of the attack, its contacts and how it went from one to the
// other.
TEST(Trace, ANetworkLogAloneShowsContactAndSpread) {
  const std::string path = kData + "/security-datasets/compound/apt29/day1/zeek/combined_zeek.log";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const TraceResult result = TraceAll({path}, LoadBuiltInRules({}, {}), 2);
  ASSERT_EQ(result.found.campaigns.size(), 1u);
  const Campaign& campaign = result.found.campaigns[0];
  std::set<std::string> techniques, contacts;
  for (const Step& step : campaign.steps) {
    techniques.insert(step.techniques.begin(), step.techniques.end());
    for (const char* contact : {"192.168.0.4", "192.168.0.5"}) {
      if (step.summary.find(contact) != std::string::npos) contacts.insert(contact);
    }
  }
  for (const char* wanted : {"T1571", "T1071.001", "T1105", "T1048", "T1021.006", "T1021.002"}) {
    EXPECT_TRUE(techniques.contains(wanted)) << wanted;
  }
  EXPECT_EQ(contacts.size(), 2u);
  bool programs_missing = false;
  for (const Gap& gap : campaign.gaps) programs_missing |= gap.missing == "which programs were started";
  EXPECT_TRUE(programs_missing);
  ExpectRecordsAreThere(result, {path});
}

}  // namespace
}  // namespace spoor
