// Public cloud logs and data sets are read without losing an event: as many come out as there are records in them,
// counted by another reader of JSON.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "hunt/hunt.h"
#include "sigma/load.h"
#include "support/read_events.h"
#include "support/string_output.h"

namespace spoor {
namespace {

HuntResult Read(const std::string& path) {
  HuntOptions options;
  options.digest = false;
  test::StringOutput output;
  const std::atomic<bool> stop{false};
  const sigma::RuleSet no_rules;
  return Hunt(*ListEvidence({path}, {}), no_rules, sigma::SourceMap::BuiltIn(), options, *MakeJsonLinesRenderer(),
              &output, stop, nullptr);
}

// What a program of Python says about files: a number; -1: there is no Python.
long Counted(const std::string& program, const std::string& folder) {
  if (std::system("python3 -c '' >/dev/null 2>&1") != 0) return -1;
  test::TemporaryFolder temporary;
  test::WriteAll(temporary / "count.py", program);
  FILE* pipe = popen(("python3 '" + temporary / "count.py" + "' '" + folder + "'").c_str(), "r");
  long count = -1;
  if (fscanf(pipe, "%ld", &count) != 1) count = -1;
  pclose(pipe);
  return count;
}

bool IsThere(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

TEST(JsonData, CloudTrail) {
  const std::string folder = SPOOR_SHARED_DATA "/cloud/aws";
  if (!IsThere(folder)) GTEST_SKIP() << "no " << folder;
  const long expected = Counted(
      "import glob, json, sys\n"
      "print(sum(len(json.load(open(f))['Records']) for f in glob.glob(sys.argv[1] + '/*.json')))\n",
      folder);
  if (expected < 0) GTEST_SKIP() << "no python3 to count with";
  const HuntResult result = Read(folder);
  EXPECT_EQ(result.facts.events, static_cast<uint64_t>(expected));
  EXPECT_EQ(result.facts.damage, 0u);
}

TEST(JsonData, DataSetsOfWindowsEvents) {
  const std::string folder = SPOOR_SHARED_DATA "/security-datasets";
  if (!IsThere(folder)) GTEST_SKIP() << "no " << folder;
  // Of JSON in the archives and beside them, one object a line; what is not JSON is not counted.
  const long expected = Counted(
      "import glob, json, os, sys, tarfile, zipfile\n"
      "def count(stream):\n"
      "    n = 0\n"
      "    for line in stream:\n"
      "        line = line.strip()\n"
      "        if not line: continue\n"
      "        json.loads(line, strict=False)\n"
      "        n += 1\n"
      "    return n\n"
      "total = 0\n"
      "for f in glob.glob(sys.argv[1] + '/atomic/windows/**/*', recursive=True):\n"
      "    if f.endswith('.json'): total += count(open(f, errors='replace'))\n"
      "    if f.endswith('.zip'):\n"
      "        with zipfile.ZipFile(f) as z:\n"
      "            for name in z.namelist():\n"
      "                if name.endswith('.json') and '__MACOSX' not in name: total += count(l.decode('utf-8', "
      "'replace') for l in z.open(name))\n"
      "    if f.endswith('.tar.gz'):\n"
      "        with tarfile.open(f) as t:\n"
      "            for m in t:\n"
      "                if m.isfile() and m.name.endswith('.json') and not os.path.basename(m.name).startswith('._'):\n"
      "                    total += count(l.decode('utf-8', 'replace') for l in t.extractfile(m))\n"
      "print(total)\n",
      folder);
  if (expected < 0) GTEST_SKIP() << "no python3 to count with, or it does not take the data";
  const HuntResult result = Read(folder + "/atomic/windows");
  EXPECT_EQ(result.facts.events, static_cast<uint64_t>(expected));
  EXPECT_EQ(result.facts.damage, 0u);
}

}  // namespace
}  // namespace spoor
