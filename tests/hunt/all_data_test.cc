// All third-party data in one hunt: every file is read or named with the reason, and as many events come out as another
// program counts records (support/count_records.py; of 7z, which that cannot read, libarchive and a plain count of
// rows).
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "hunt/hunt.h"
#include "sigma/load.h"
#include "support/read_events.h"
#include "support/string_output.h"

namespace spoor {
namespace {

const std::string kData = SPOOR_SHARED_DATA;

HuntResult Read(const std::vector<std::string>& paths) {
  HuntOptions options;
  options.digest = false;
  options.jobs = 2;
  test::StringOutput output;
  const std::atomic<bool> stop{false};
  const sigma::RuleSet no_rules;
  return Hunt(*ListEvidence(paths, {}), no_rules, sigma::SourceMap::BuiltIn(), options, *MakeJsonLinesRenderer(),
              &output, stop, nullptr);
}

// Rows of the tables in an archive, their header lines not counted; a line end between quotes is none.
uint64_t RowsIn(const std::string& path) {
  archive* a = archive_read_new();
  archive_read_support_format_all(a);
  archive_read_support_filter_all(a);
  EXPECT_EQ(archive_read_open_filename(a, path.c_str(), 1 << 16), ARCHIVE_OK);
  uint64_t rows = 0;
  archive_entry* entry;
  while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    char block[1 << 16];
    bool quoted = false;
    char last = '\n';
    uint64_t ends = 0;
    for (la_ssize_t n; (n = archive_read_data(a, block, sizeof block)) > 0;) {
      for (la_ssize_t i = 0; i < n; ++i) {
        quoted ^= block[i] == '"';
        ends += block[i] == '\n' && !quoted;
        last = block[i];
      }
    }
    ends += last != '\n';
    rows += ends > 0 ? ends - 1 : 0;
  }
  archive_read_free(a);
  return rows;
}

// By path; empty: there is no Python to count with.
std::map<std::string, uint64_t> CountAll() {
  std::map<std::string, uint64_t> counts;
  FILE* pipe = popen(("python3 " SPOOR_SOURCE_DIR "/tests/support/count_records.py '" + kData + "'").c_str(), "r");
  char line[4096];
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    char* rest = nullptr;
    const uint64_t n = std::strtoull(line, &rest, 10);
    EXPECT_NE(rest, line) << line;
    std::string path = rest + 1;
    path.pop_back();
    counts[path] = n;
  }
  pclose(pipe);
  return counts;
}

TEST(AllData, IsReadOrNamedAndNoEventIsLost) {
  struct stat info;
  if (stat(kData.c_str(), &info) != 0) GTEST_SKIP() << "no " << kData;
  std::map<std::string, uint64_t> counts = CountAll();
  if (counts.empty()) GTEST_SKIP() << "no python3 to count with";
  for (const auto& file : std::filesystem::recursive_directory_iterator(kData)) {
    if (file.path().extension() == ".7z") counts[file.path()] = RowsIn(file.path());
  }

  const HuntResult all = Read({kData});
  std::set<std::string> unread, partly, damaged;  // partly: archives with files in them that are no logs
  for (const auto& [path, reason] : all.facts.unread) {
    EXPECT_NE(reason, "") << path;
    const size_t in_archive = path.find("!/");
    (in_archive == std::string::npos ? unread : partly).insert(path.substr(0, in_archive));
  }
  for (const DamageAt& damage : all.damage) damaged.insert((*all.files)[damage.file].path);

  // By folder. Of damaged files no two readers say the same: they are read by themselves, and of event logs no fewer
  // records than a plain walk finds.
  std::map<std::string, std::vector<std::string>> whole;
  std::map<std::string, uint64_t> expected;
  uint64_t of_damaged = 0, sum = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(kData)) {
    if (!file.is_regular_file()) continue;
    const std::string path = file.path();
    if (unread.contains(path) || damaged.contains(path)) {
      if (damaged.contains(path)) {
        const uint64_t events = Read({path}).facts.events;
        if (path.ends_with(".evtx")) EXPECT_GE(events, counts[path]) << path;
        of_damaged += events;
      }
      continue;
    }
    EXPECT_TRUE(counts.contains(path) || partly.contains(path)) << path << " is neither read nor named";
    const std::string inside = path.substr(kData.size() + 1);
    const std::string folder = inside.substr(0, inside.find('/'));
    whole[folder].push_back(path);
    expected[folder] += counts[path];
  }
  EXPECT_GE(whole.size(), 6u);
  for (const auto& [folder, paths] : whole) {
    const HuntResult result = Read(paths);
    EXPECT_EQ(result.facts.events, expected[folder]) << folder;
    sum += result.facts.events;
  }
  EXPECT_EQ(all.facts.events, sum + of_damaged);
  EXPECT_LT(damaged.size(), 20u);
}

}  // namespace
}  // namespace spoor
