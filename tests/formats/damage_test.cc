// Damaged event logs: nothing crashes, nothing grows, and what lies in a whole chunk is still read in full.
#include "support/damage.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <map>

#include "event/event.h"
#include "support/event_text.h"
#include "support/read_events.h"

namespace spoor {
namespace {

// The events of a file, as text, by the chunk they lie in.
class ByChunk : public Sink {
 public:
  void OnEvent(const Event& event) override {
    std::string text = std::to_string(event.record) + "|" + std::to_string(event.time);
    for (const Field& field : event.shape->fields) {
      if (!HasField(event, field)) continue;
      text += "|" + field.name + "=";
      AppendFieldText(event, field, &text);
    }
    chunks[(event.offset - 4096) / 65536].push_back(std::move(text));
  }
  void OnDamage(const Damage& d) override {
    EXPECT_FALSE(d.kind.empty());
    ++damaged;
  }
  void ShapesDropped() override {}
  std::map<uint64_t, std::vector<std::string>> chunks;
  uint64_t damaged = 0;
};

// Kilobytes this process has had resident at most.
long PeakMemory() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// A log of a few chunks with events of many forms.
std::string WrittenLog() {
  std::string text =
      "log: Microsoft-Windows-Sysmon/Operational\nprovider: Microsoft-Windows-Sysmon\nfile: records-per-chunk=9\n";
  for (const char* form : {"nested", "single", "bare", "elements", "plain"}) {
    text += std::string("form: ") + form + "\nrepeat 12\nevent {n%5} 2026-01-02T03:04:05Z\n" +
            "  Image: C:\\Windows\\{n:cmd|powershell}.exe\n  ProcessId: uint32 {n}\n  Hashes: null\nend\n";
  }
  return *test::MakeEvtx(text);
}

void ExpectIntactChunksRead(const std::string& file, const std::string& name, size_t variants, uint64_t seed) {
  ByChunk whole;
  ASSERT_TRUE(test::ReadEventsOf(file, &whole)) << name;
  for (const test::DamagedFile& damaged : test::DamagedVariants(file, variants, seed)) {
    SCOPED_TRACE(name + ": " + damaged.what);
    ByChunk read;
    // A file without its first bytes may be of no format any more.
    if (!test::ReadEventsOf(damaged.bytes, &read)) continue;
    for (const test::IntactChunk& chunk : damaged.intact) {
      ASSERT_EQ(read.chunks[(chunk.offset - 4096) / 65536], whole.chunks[chunk.chunk]) << "chunk " << chunk.chunk;
    }
  }
}

TEST(Damage, WholeChunksOfWrittenLogsAreReadInFull) {
  const std::string file = WrittenLog();
  ASSERT_GT(file.size(), 4096u + 4 * 65536u);
  const long before = PeakMemory();
  ExpectIntactChunksRead(file, "written", 200, 1);
  EXPECT_LT(PeakMemory() - before, 150'000) << "kB";
}

TEST(Damage, WholeChunksOfRealLogsAreReadInFull) {
  const std::string folder = SPOOR_SHARED_DATA "/evtx";
  struct stat info;
  if (stat(folder.c_str(), &info) != 0) GTEST_SKIP() << "no logs in " << folder;
  size_t used = 0;
  const std::vector<std::string> paths = test::FilesBelow(folder, ".evtx");
  const long before = PeakMemory();
  for (size_t i = 0; i < paths.size() && used < 25; ++i) {
    const std::string file = test::ReadAll(paths[i]);
    if (file.size() < 4096 + 3 * 65536 || file.size() > (3u << 20)) continue;  // several chunks
    ExpectIntactChunksRead(file, paths[i], 10, i);
    ++used;
  }
  EXPECT_GE(used, 10u);
  EXPECT_LT(PeakMemory() - before, 200'000) << "kB";
}

// Every byte of a record and of the chunk's header in turn, checksums mended so that the value is believed.
TEST(Damage, AnyByteMayBeAnything) {
  const std::string file = WrittenLog();
  for (const uint8_t mask : {0xff, 0x01, 0x80}) {
    for (size_t at = 4096; at < 4096 + 2600; ++at) {
      test::Damager damage(file.substr(0, 4096 + 65536));
      damage.FlipByte(at, mask).FixChecksums(0);
      ByChunk read;
      test::ReadEventsOf(damage.bytes(), &read);
    }
  }
}

// A record's name may hold any bytes, a NUL too: it must not pass for another list of names.
TEST(Damage, NamesWithNulsAreNotMixedUp) {
  class Texts : public Sink {
   public:
    void OnEvent(const Event& event) override {
      std::string text;
      for (const Field& field : event.shape->fields) {
        for (const FieldPart& part : field.parts) {
          ASSERT_LT(part.index,
                    part.kind == FieldPart::kValue ? event.shape->value_count : event.shape->constants.size());
        }
        if (field.name.find("A") == 0 || field.name == "B") AppendFieldText(event, field, &text);
      }
      texts.push_back(text);
    }
    void OnDamage(const Damage& d) override { ADD_FAILURE() << d.kind; }
    void ShapesDropped() override {}
    std::vector<std::string> texts;
  } read;
  // As the shapes of records without templates are told apart by name, section and number of parts, one name could
  // spell out the end of a field and the beginning of another.
  const std::string evil = std::string("A\\0\\u{3}\\u{1}\\0\\0\\0") + "B";
  const auto file = test::MakeEvtx(
      "log: Application\nprovider: P\nevent 1 2026-01-02T03:04:05Z\n"
      "  <EventData><Data Name=\"%{A}\">%{string one}</Data><Data Name=\"%{B}\">%{string two}</Data></EventData>\n"
      "event 1 +1s\n  <EventData><Data Name=\"%{\"" +
      evil + "\"}\">%{string x}</Data></EventData>\n");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(test::ReadEventsOf(*file, &read));
  ASSERT_EQ(read.texts, (std::vector<std::string>{"onetwo", "x"}));
}

}  // namespace
}  // namespace spoor
