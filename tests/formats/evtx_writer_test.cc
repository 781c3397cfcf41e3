// The EVTX writer of tests/support, checked without spoor's reader: layout by hand, the same bytes as
// Windows, and a third program (evtxexport of libevtx) that must read what was meant.
#include "support/evtx_writer.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/damage.h"
#include "support/event_text.h"

namespace spoor::test {
namespace {

using ::testing::HasSubstr;

template <typename T>
T At(const std::string& bytes, size_t offset) {
  T v{};
  if (offset + sizeof(T) <= bytes.size()) std::memcpy(&v, bytes.data() + offset, sizeof(T));
  return v;
}

size_t CountUtf16(const std::string& bytes, std::string_view text) {
  const std::string wide = Utf16Bytes(text);
  size_t count = 0;
  for (size_t at = 0; (at = bytes.find(wide, at)) != std::string::npos; at += wide.size()) ++count;
  return count;
}

std::string Make(const std::string& text) {
  auto file = MakeEvtx(text);
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? *file : "";
}

std::string Slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// What evtxexport makes of a file; nothing where the program is missing.
std::optional<std::string> Exported(const std::string& file) {
  if (std::system("command -v evtxexport >/dev/null 2>&1") != 0) return std::nullopt;
  std::string name = (std::filesystem::temp_directory_path() / "evtx_writer_XXXXXX").string();
  const int fd = mkstemp(name.data());
  if (fd < 0) return std::nullopt;
  close(fd);
  std::ofstream(name, std::ios::binary) << file;
  FILE* pipe = popen(("evtxexport -f xml '" + name + "' 2>&1").c_str(), "r");
  std::string out;
  for (int c; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;) out.push_back(static_cast<char>(c));
  if (pipe != nullptr) pclose(pipe);
  std::filesystem::remove(name);
  return out;
}

#define EXPORT_OR_SKIP(variable, file)                                     \
  const auto exported_##variable = Exported(file);                         \
  if (!exported_##variable) GTEST_SKIP() << "evtxexport is not installed"; \
  const std::string& variable = *exported_##variable

constexpr char kThreeEvents[] = R"(
log: Security
provider: Microsoft-Windows-Security-Auditing {54849625-5478-4994-a5ba-3e3b0328c30d}
event 4624 2026-01-02T03:04:05.6789012Z record=100
  TargetUserName: jane
event 4624 +1s
  TargetUserName: joe
event 4625 +1s
  TargetUserName: eve
)";

TEST(EvtxWriter, CrcIsThatOfZlib) { EXPECT_EQ(Crc32("123456789"), 0xcbf43926u); }

TEST(EvtxWriter, NameHashesAreThoseWindowsStores) {
  EXPECT_EQ(Hash65599(u"Event") & 0xffff, 0x0cbau);
  EXPECT_EQ(Hash65599(u"Provider") & 0xffff, 0x7bf1u);
  EXPECT_EQ(Hash65599(u"EventData") & 0xffff, 0x8244u);
}

TEST(EvtxWriter, HeadersCountAndChecksum) {
  const std::string file = Make(kThreeEvents);
  ASSERT_EQ(file.size(), kFileHeaderBytes + kChunkBytes);
  EXPECT_EQ(file.substr(0, 8), std::string("ElfFile\0", 8));
  EXPECT_EQ(At<uint64_t>(file, 24), 103u);  // next record
  EXPECT_EQ(At<uint16_t>(file, 42), 1u);    // chunks
  EXPECT_EQ(At<uint32_t>(file, 124), Crc32(file.substr(0, 120)));

  const std::string chunk = file.substr(kFileHeaderBytes);
  EXPECT_EQ(At<uint64_t>(chunk, 8), 100u);
  EXPECT_EQ(At<uint64_t>(chunk, 16), 102u);
  const uint32_t last = At<uint32_t>(chunk, 44), free_at = At<uint32_t>(chunk, 48);
  EXPECT_EQ(last + At<uint32_t>(chunk, last + 4), free_at);
  EXPECT_EQ(At<uint32_t>(chunk, 52), Crc32(chunk.substr(512, free_at - 512)));
  EXPECT_EQ(At<uint32_t>(chunk, 124), Crc32(chunk.substr(0, 120) + chunk.substr(128, 384)));
}

TEST(EvtxWriter, RecordsAreFramedBySizeAndAligned) {
  const std::string file = Make(kThreeEvents);
  const Damager damage(file);
  ASSERT_EQ(damage.RecordCount(0), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const size_t at = damage.RecordOffset(0, i);
    const uint32_t size = At<uint32_t>(file, at + 4);
    EXPECT_EQ(At<uint32_t>(file, at), 0x2a2au);
    EXPECT_EQ(size % 8, 0u);
    EXPECT_EQ(At<uint32_t>(file, at + size - 4), size);
    EXPECT_EQ(At<uint64_t>(file, at + 8), 100 + i);
    EXPECT_EQ(At<uint64_t>(file, at + 16), 134117966456789012u + i * 10000000);
  }
}

TEST(EvtxWriter, NamesAndTemplatesAreWrittenOncePerChunk) {
  const std::string one = Make(kThreeEvents);
  EXPECT_EQ(CountUtf16(one, "EventRecordID"), 1u);
  EXPECT_EQ(CountUtf16(one, "TargetUserName"), 1u);  // 4624 and 4625 have the same EventData template here
  const std::string two = Make(std::string("file: records-per-chunk=2\n") + kThreeEvents);
  EXPECT_EQ(Damager(two).chunk_count(), 2u);
  EXPECT_EQ(CountUtf16(two, "EventRecordID"), 2u);
  EXPECT_EQ(CountUtf16(two, "TargetUserName"), 2u);
}

TEST(EvtxWriter, BucketsLeadToNamesNewestFirst) {
  const std::string chunk = Make(kThreeEvents).substr(kFileHeaderBytes);
  size_t names = 0;
  for (size_t bucket = 0; bucket < 64; ++bucket) {
    uint32_t before = 0xffffffff;
    for (uint32_t at = At<uint32_t>(chunk, 128 + 4 * bucket); at != 0; at = At<uint32_t>(chunk, at), ++names) {
      EXPECT_LT(at, before);
      EXPECT_EQ(At<uint16_t>(chunk, at + 4) % 64, bucket);
      before = at;
    }
  }
  EXPECT_EQ(names, 28u);  // Event … UserID, EventData, Data
  size_t templates = 0;
  for (size_t bucket = 0; bucket < 32; ++bucket) {
    for (uint32_t at = At<uint32_t>(chunk, 384 + 4 * bucket); at != 0; at = At<uint32_t>(chunk, at)) ++templates;
  }
  EXPECT_EQ(templates, 2u);
}

// The definition of the System template of a real Security log, byte for byte.
TEST(EvtxWriter, SystemTemplateIsThatOfWindows) {
  const std::string real =
      Slurp(std::filesystem::path(SPOOR_SHARED_DATA) / "evtx/parser-samples/new-user-security.evtx");
  if (real.empty()) GTEST_SKIP() << "no evtx/parser-samples/new-user-security.evtx in " << SPOOR_SHARED_DATA;
  const std::string made = Make(std::string("computer: IE8Win7\n") + kThreeEvents);
  constexpr size_t kDefinition = 0x123a, kSize = 4 + 0x486;  // behind the GUID: size, fragment
  EXPECT_EQ(made.substr(kDefinition, kSize), real.substr(kDefinition, kSize));
}

TEST(EvtxWriter, SlackIsBehindTheFreeSpaceOffset) {
  const std::string file = Make(std::string(kThreeEvents) +
                                "slack gap=64\nevent 4624 2020-01-01T00:00:00Z record=7\n"
                                "  TargetUserName: old\n");
  EXPECT_EQ(Damager(file).RecordCount(0), 3u);
  const size_t free_at = kFileHeaderBytes + At<uint32_t>(file, kFileHeaderBytes + 48);
  EXPECT_EQ(file.substr(free_at, 64), std::string(64, '\0'));
  EXPECT_EQ(At<uint32_t>(file, free_at + 64), 0x2a2au);
  EXPECT_EQ(At<uint64_t>(file, free_at + 72), 7u);
  EXPECT_EQ(At<uint64_t>(file, 24), 103u);
}

TEST(EvtxWriter, FileOptions) {
  const std::string file =
      Make("file: dirty chunks=9 header=unwritten records-per-chunk=1 empty-chunks=1\n" + std::string(kThreeEvents));
  EXPECT_EQ(file.size(), kFileHeaderBytes + 4 * kChunkBytes);
  EXPECT_EQ(At<uint32_t>(file, 120), 1u);
  EXPECT_EQ(At<uint16_t>(file, 42), 9u);
  EXPECT_EQ(At<uint64_t>(file, 16), 0u);
  EXPECT_EQ(At<uint64_t>(file, 24), 1u);
}

TEST(EvtxWriter, TooLongForAChunkIsAnError) {
  EXPECT_FALSE(MakeEvtx("event 1 2026-01-01T00:00:00Z\n  A: " + std::string(33000, 'x')).ok());
  EXPECT_FALSE(
      MakeEvtx("event 1 2026-01-01T00:00:00Z\n  A: " + std::string(20000, 'x') + "\n  B: " + std::string(20000, 'x'))
          .ok());
}

TEST(EventText, ErrorsNameTheLine) {
  EXPECT_THAT(std::string(MakeEvtx("log: x\nevent 1 tomorrow\n").status().message()), HasSubstr("line 2: not a time"));
  EXPECT_THAT(std::string(MakeEvtx("lgo: x\n").status().message()), HasSubstr("line 1: no such setting"));
  EXPECT_THAT(std::string(MakeEvtx("event 1 2026-01-01T00:00:00Z\n  A: uint32 x\n").status().message()),
              HasSubstr("line 1: not a uint32"));
}

TEST(EventText, RepeatCounts) {
  auto records =
      ParseEvents("repeat 3\nevent 1 2026-01-01T00:00:{02n%60}Z record={n*2+5}\n  A: {n:x|y} {0} {guid}\nend\n");
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 3u);
  EXPECT_EQ((*records)[2].number, 9u);
  EXPECT_EQ((*records)[2].time - (*records)[0].time, 20000000u);
  const XmlNode& data = (*records)[1].event.children[1].children[0].children[0];
  EXPECT_EQ(data.children[0].text, "y {0} {guid}");
}

struct TypeCase {
  const char *written, *exported;
};
class EveryType : public ::testing::TestWithParam<TypeCase> {};

TEST_P(EveryType, IsReadByEvtxexport) {
  const std::string file =
      Make("event 1 2026-01-01T00:00:00Z\n  Before: a\n  V: " + std::string(GetParam().written) + "\n  After: z\n");
  EXPORT_OR_SKIP(xml, file);
  EXPECT_THAT(xml, HasSubstr("<Data Name=\"V\">" + std::string(GetParam().exported) + "</Data>"));
  EXPECT_THAT(xml, HasSubstr("<Data Name=\"After\">z</Data>"));
}

INSTANTIATE_TEST_SUITE_P(
    Types, EveryType,
    ::testing::Values(TypeCase{"C:\\a b", "C:\\a b"}, TypeCase{"\"uint32 5\"", "uint32 5"},
                      TypeCase{"const fixed", "fixed"}, TypeCase{"ansi abc", "abc"}, TypeCase{"int8 5", "5"},
                      TypeCase{"uint8 250", "250"}, TypeCase{"int16 300", "300"}, TypeCase{"uint16 65000", "65000"},
                      TypeCase{"int32 70000", "70000"}, TypeCase{"uint32 4000000000", "4000000000"},
                      TypeCase{"int64 5000000000", "5000000000"},
                      TypeCase{"uint64 18446744073709551615", "18446744073709551615"},
                      TypeCase{"float 1.5", "1.500000e+000"}, TypeCase{"double 2.25", "2.250000e+000"},
                      TypeCase{"bool true", "true"}, TypeCase{"bool false", "false"},
                      TypeCase{"binary 00ff10", "00FF10"},
                      TypeCase{"guid {00112233-4455-6677-8899-aabbccddeeff}", "{00112233-4455-6677-8899-AABBCCDDEEFF}"},
                      TypeCase{"filetime 2026-01-02T03:04:05.6789012Z", "2026-01-02T03:04:05.678901200Z"},
                      TypeCase{"systemtime 2024-02-29T23:59:58.678", "2024-02-29T23:59:58.678Z"},
                      TypeCase{"sid S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-500"}, TypeCase{"hex32 0xbeef", "0x0000beef"},
                      TypeCase{"hex64 0xdeadbeefcafe", "0x0000deadbeefcafe"}));

TEST(Evtxexport, ReadsEveryFormThatItKnows) {
  // Not "elements" and "plain": this version of libevtx expects a dependency id in elements outside
  // templates, Windows writes none there.
  for (const char* form : {"nested", "single", "bare", "bare-elements"}) {
    const std::string file =
        Make(std::string("form: ") + form + "\nevent 1 2026-01-01T00:00:00Z\n  A: b\nevent 2 +1s\n  A: c\n");
    EXPORT_OR_SKIP(xml, file);
    EXPECT_THAT(xml, HasSubstr("<Data Name=\"A\">b</Data>")) << form;
    EXPECT_THAT(xml, HasSubstr("<Data Name=\"A\">c</Data>")) << form;
  }
}

TEST(Evtxexport, ReadsUserDataRenderingInfoAndClassicEvents) {
  EXPORT_OR_SKIP(xml, Make(R"(
system: literal
provider: Service Control Manager {555908d1-a6d7-4695-8e1e-26931d2012f4} Service Control Manager
event 7036 2026-01-01T00:00:00Z qualifiers=16384
  <EventData><Data>%?{string[] a, "b, c"}</Data><Binary>%?{binary 4100}</Binary></EventData>
system: substituted
event 104 +1s
  <UserData><LogFileCleared xmlns="http://x/">
    <User a="%{uint32 7}">jane</User><Gone>%?{null}</Gone>
  </LogFileCleared></UserData>
  <RenderingInfo Culture="en-US"><Message>a &lt; b</Message></RenderingInfo>
)"));
  EXPECT_THAT(xml, HasSubstr("<EventID Qualifiers=\"16384\">7036</EventID>"));
  EXPECT_THAT(xml, HasSubstr("EventSourceName=\"Service Control Manager\""));
  EXPECT_THAT(xml, HasSubstr("<Data>a</Data>"));
  EXPECT_THAT(xml, HasSubstr("<Data>b, c</Data>"));
  EXPECT_THAT(xml, HasSubstr("<User a=\"7\">jane</User>"));
  EXPECT_THAT(xml, HasSubstr("<Message>a &lt; b</Message>"));
  EXPECT_THAT(xml, ::testing::Not(HasSubstr("<Gone")));
}

TEST(Evtxexport, ReadsManyChunks) {
  EXPORT_OR_SKIP(xml, Make("repeat 2000\nevent 1 2026-01-01T00:00:00Z\n  N: number {n}\nend\n"));
  EXPECT_THAT(xml, HasSubstr("number 0<"));
  EXPECT_THAT(xml, HasSubstr("number 1999<"));
  size_t events = 0;
  for (size_t at = 0; (at = xml.find("<Event ", at)) != std::string::npos; ++at) ++events;
  EXPECT_EQ(events, 2000u);
}

TEST(Damage, VariantsAreReproducibleAndNameWhatIsIntact) {
  const std::string file = Make("file: records-per-chunk=2\nrepeat 8\nevent 1 2026-01-01T00:00:00Z\n  N: {n}\nend\n");
  const auto a = DamagedVariants(file, 50, 7), b = DamagedVariants(file, 50, 7);
  size_t intact = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].bytes, b[i].bytes);
    EXPECT_FALSE(a[i].what.empty());
    for (const IntactChunk& chunk : a[i].intact) {
      EXPECT_EQ(a[i].bytes.substr(chunk.offset, kChunkBytes),
                file.substr(Damager::ChunkOffset(chunk.chunk), kChunkBytes));
      ++intact;
    }
  }
  EXPECT_GT(intact, 50u);
  EXPECT_LT(intact, 50u * 4);
}

TEST(Damage, FixChecksumsAgreesWithTheWriter) {
  const std::string file = Make(kThreeEvents);
  Damager damage(file);
  damage.FlipByte(damage.RecordOffset(0, 1) + 30).FixChecksums(0);
  EXPECT_NE(damage.bytes(), file);
  damage.FlipByte(damage.RecordOffset(0, 1) + 30).FixChecksums(0);
  EXPECT_EQ(damage.bytes(), file);
}

}  // namespace
}  // namespace spoor::test
