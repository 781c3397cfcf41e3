// Rule sets through the cache: the same set, nothing from damaged bytes, a bounded folder.
#include "sigma/rule_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/cache.h"
#include "base/message.h"
#include "helpers.h"

namespace spoor::sigma {
namespace {

namespace fs = std::filesystem;

// Everything a rule can hold, some of it broken, some of it no rule.
constexpr const char* kVariety = R"(title: Many things
id: 11111111-2222-3333-4444-555555555555
status: test
description: with a 'Ü' and
author: [Jane, Joe]
date: 2026-01-02
level: high
tags: [attack.t1033, attack.execution]
references: [https://example.org]
falsepositives: [Admins]
logsource: {product: windows, category: process_creation, service: sysmon}
detection:
  words: [mimikatz, 'a*b?c']
  fields:
    Image|endswith: ['\a.exe', '\b.exe']
    CommandLine|contains|all: [x, 'y*z']
    EventID: [1, 4688.5]
    Empty: null
    A|re|i|m|s: ^a.b
    B|cidr: 10.1.2.3/8
    C|gt: -1.5
    D|exists: false
    E|fieldref|startswith: F
    G|cased: Q
    H|neq: 1
    Host|expand: '%hosts%'
  condition: words or (fields and not 1 of fi*)
---
title: Broken
logsource: {product: windows}
detection: {s: {A|hours: 1}, condition: s}
---
name: a workflow
on: push
---
title: Old
status: deprecated
logsource: {product: windows}
detection: {s: {A: 1}, condition: s}
)";

std::string ShowAll(const RuleSet& set) {
  std::string out = Cat(set.files, " files, ", set.left_out, " left out\n");
  for (const Rule& r : set.rules) {
    out += Cat(r.path, ":", r.line, " ", r.id, " ", r.title, " ", r.description, " ", r.author, " ", r.date, " ",
               LevelName(r.level), " ", StatusName(r.status), " ", r.source.category, " ", r.source.product, " ",
               r.source.service, "\n");
    for (const auto* texts : {&r.tags, &r.references, &r.false_positives}) {
      for (const std::string& text : *texts) out += Cat("- ", text, "\n");
    }
    out += Dump(r.detection);
  }
  for (const auto* list : {&set.errors, &set.warnings, &set.not_rules}) {
    for (const RuleError& e : *list) out += Cat(e.path, ":", e.rule, ":", Show(e), "\n");
  }
  return out;
}

void ExpectSame(const RuleSet& a, const RuleSet& b) {
  EXPECT_EQ(ShowAll(a), ShowAll(b));
  ASSERT_EQ(a.rules.size(), b.rules.size());
  for (size_t i = 0; i < a.rules.size(); ++i) {  // patterns to the bit, which Dump does not show
    EXPECT_EQ(a.rules[i].detection.items, b.rules[i].detection.items) << a.rules[i].title;
    EXPECT_EQ(a.rules[i].detection.root, b.rules[i].detection.root);
  }
}

TEST(EncodedRules, ComeBackAsTheyWere) {
  const RuleSet set = Parse(kVariety);
  EXPECT_EQ(set.rules.size(), 1u);
  EXPECT_EQ(set.errors.size(), 1u);
  EXPECT_EQ(set.warnings.size(), 2u);
  EXPECT_EQ(set.not_rules.size(), 1u);
  EXPECT_EQ(set.left_out, 1u);
  const auto back = DecodeRules(EncodeRules(set));
  ASSERT_TRUE(back.has_value());
  ExpectSame(*back, set);
  ASSERT_TRUE(DecodeRules(EncodeRules({})).has_value());
}

TEST(EncodedRules, TruncatedOrExtendedBytesAreRefused) {
  const std::string bytes = EncodeRules(Parse(kVariety));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeRules(std::string_view(bytes).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(DecodeRules(bytes + '\0').has_value());
}

// What comes through must be safe to walk: no index out of range, no cycle.
TEST(EncodedRules, FlippedBytesAreRefusedOrHarmless) {
  const std::string good = EncodeRules(Parse(kVariety));
  const auto check = [](const std::string& bytes) {
    if (const auto set = DecodeRules(bytes)) ShowAll(*set);
  };
  for (size_t i = 0; i < good.size(); ++i) {
    for (const unsigned char value : {0x00, 0x01, 0x7f, 0xff}) {
      std::string bytes = good;
      bytes[i] = static_cast<char>(value);
      check(bytes);
    }
  }
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = good;
    for (int n = 0; n < 4; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
    check(bytes);
  }
}

class RuleCache : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "spoor-cache-XXXXXX").string();
    root_ = mkdtemp(name.data());
    cache_ = root_ / "deep" / "cache";
    SetCacheFolder(cache_.string());
    for (size_t i = 0; i < kFilesWorthCaching; ++i) {
      Write(Cat("r", i, ".yml"), Cat("title: T", i, "\nid: ", i / 2, "\n", "logsource: {product: windows}\n",
                                     "detection: {s: {A: ", i, "}, condition: s}\n"));
    }
    Write("variety.yml", kVariety);
    if (BuildIdentity().empty()) GTEST_SKIP() << "this program was linked without a build id";
  }
  void TearDown() override {
    SetCacheFolder("");
    fs::remove_all(root_);
  }

  void Write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / "rules" / path).parent_path());
    std::ofstream(root_ / "rules" / path) << text;
  }
  RuleSet Load(const LoadOptions& options = {}) const { return LoadRules({(root_ / "rules").string()}, options); }
  std::vector<fs::path> Entries() const {
    std::vector<fs::path> entries;
    if (fs::exists(cache_)) {
      for (const auto& entry : fs::directory_iterator(cache_)) entries.push_back(entry.path());
    }
    return entries;
  }
  static std::string ReadAll(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Puts another set under the entry's name, so that one can see whether the entry is used.
  void Plant() {
    const std::vector<fs::path> entries = Entries();
    ASSERT_EQ(entries.size(), 1u);
    RuleSet planted;
    planted.rules.resize(1);
    planted.rules[0].title = "planted";
    planted.rules[0].detection.nodes.push_back({Expression::Kind::kTrue, {}});
    const std::string body = EncodeRules(planted);
    const std::string head = ReadAll(entries[0]).substr(0, 32);
    std::ofstream(entries[0], std::ios::binary) << head << Sha256Of(body) << body;
  }
  bool UsesEntry(const LoadOptions& options = {}) const {
    const RuleSet set = Load(options);
    return set.rules.size() == 1 && set.rules[0].title == "planted";
  }

  fs::path root_, cache_;
};

TEST_F(RuleCache, SameSetColdAndWarm) {
  SetCacheFolder("");
  const RuleSet plain = Load();
  EXPECT_EQ(plain.warnings.size(), 2u + kFilesWorthCaching / 2);  // the ids that two rules share
  SetCacheFolder(cache_.string());
  for (unsigned jobs : {1u, 1u, 4u}) {
    LoadOptions options;
    options.jobs = jobs;
    ExpectSame(Load(options), plain);
    EXPECT_EQ(Entries().size(), 1u);
  }
  Plant();
  EXPECT_TRUE(UsesEntry());
}

TEST_F(RuleCache, FolderAndEntryAreForTheUserAlone) {
  Load();
  struct stat info;
  ASSERT_EQ(stat(cache_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ASSERT_EQ(stat(Entries().at(0).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(RuleCache, EveryChangeIsSeen) {
  Load();
  Plant();
  ASSERT_TRUE(UsesEntry());
  LoadOptions options;
  options.all_statuses = true;
  EXPECT_FALSE(UsesEntry(options));
  options = {};
  options.placeholders["hosts"] = {"DC1"};
  EXPECT_FALSE(UsesEntry(options));

  const std::string text = ReadAll(root_ / "rules" / "r7.yml");
  std::string other = text;
  other[7] = 'U';  // of the same size
  Write("r7.yml", other);
  EXPECT_FALSE(UsesEntry());
  Write("r7.yml", text);
  EXPECT_TRUE(UsesEntry());
  fs::rename(root_ / "rules" / "r7.yml", root_ / "rules" / "r7a.yml");
  EXPECT_FALSE(UsesEntry());
  fs::rename(root_ / "rules" / "r7a.yml", root_ / "rules" / "r7.yml");
  Write("new.yml", "");
  EXPECT_FALSE(UsesEntry());
  fs::remove(root_ / "rules" / "new.yml");
  EXPECT_TRUE(UsesEntry());
  fs::create_symlink(root_ / "nowhere", root_ / "rules" / "dangling.yml");
  EXPECT_FALSE(UsesEntry());
}

TEST_F(RuleCache, DamagedEntriesAreIgnoredAndWrittenAnew) {
  const RuleSet plain = Load();
  const fs::path entry = Entries().at(0);
  const std::string good = ReadAll(entry);
  const std::string flipped_head = "S" + good.substr(1), other_kind = good.substr(0, 12) + "x" + good.substr(13);
  std::string flipped_body = good;
  flipped_body[good.size() / 2] ^= 1;
  for (const std::string& bad : {std::string(), good.substr(0, 63), good.substr(0, 64), good.substr(0, good.size() - 1),
                                 good + "x", flipped_head, other_kind, flipped_body}) {
    std::ofstream(entry, std::ios::binary) << bad;
    ExpectSame(Load(), plain);
    EXPECT_TRUE(ReadAll(entry) == good) << "not written anew";
  }
}

TEST_F(RuleCache, EntriesOthersMayWriteAreIgnored) {
  Load();
  Plant();
  ASSERT_TRUE(UsesEntry());
  const fs::path entry = Entries().at(0);
  fs::permissions(entry, fs::perms::others_write, fs::perm_options::add);
  EXPECT_FALSE(UsesEntry());

  Plant();  // the entry was written anew, for the user alone
  ASSERT_TRUE(UsesEntry());
  fs::rename(entry, root_ / "elsewhere");
  fs::create_symlink(root_ / "elsewhere", entry);
  EXPECT_FALSE(UsesEntry());
}

TEST_F(RuleCache, FewFilesAreNotCached) {
  LoadRules({(root_ / "rules" / "variety.yml").string()}, {});
  EXPECT_TRUE(Entries().empty());
}

TEST_F(RuleCache, AFolderThatCannotBeWrittenDoesNotMatter) {
  std::ofstream(root_ / "deep") << "a file where the folder should be";
  const RuleSet set = Load();
  EXPECT_EQ(set.rules.size(), kFilesWorthCaching + 1);
  EXPECT_EQ(set.errors.size(), 1u);
}

TEST(CacheFolderBound, TheLongestUnusedGoAndOtherFilesStay) {
  std::string name = (fs::temp_directory_path() / "spoor-cache-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  SetCacheFolder(folder.string());
  std::ofstream(folder / "notes.txt") << "mine";
  for (size_t i = 0; i < kMaxCacheFiles; ++i) {
    WriteCache("test1", Cat(i), "body");
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    fs::last_write_time(entry, fs::file_time_type::clock::now() - std::chrono::hours(48));
  }
  EXPECT_TRUE(ReadCache("test1", "5").has_value());  // which marks it as used
  WriteCache("test1", "a", "body");
  EXPECT_FALSE(ReadCache("test2", "a").has_value());
  for (size_t i = 0; i < kMaxCacheFiles - 2; ++i) WriteCache("test1", Cat("b", i), "body");
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++files;
  EXPECT_EQ(files, kMaxCacheFiles + 1);
  EXPECT_TRUE(fs::exists(folder / "notes.txt"));
  EXPECT_TRUE(ReadCache("test1", "5").has_value());
  EXPECT_TRUE(ReadCache("test1", "a").has_value());
  EXPECT_FALSE(ReadCache("test1", "6").has_value());
  SetCacheFolder("");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace spoor::sigma
