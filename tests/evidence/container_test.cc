#include "evidence/container.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>

#include "support/archives.h"
#include "support/hostile.h"
#include "support/read_events.h"

namespace spoor {
namespace {

using test::Compressed;
using test::MakeArchive;
using test::Member;

struct Got {
  std::vector<std::pair<std::string, std::string>> entries;
  std::vector<ContainerProblem> problems;

  std::string Paths() const {
    std::string out;
    for (const auto& [path, data] : entries) out += (out.empty() ? "" : " ") + path;
    return out;
  }
  std::string Problems() const {
    std::string out;
    for (const auto& [path, reason] : problems) out += "[" + path + "] " + reason + "\n";
    return out;
  }
  const std::string& operator[](const std::string& path) const {
    static const std::string none = "(no such entry)";
    for (const auto& [name, data] : entries) {
      if (name == path) return data;
    }
    return none;
  }
};

Container::ReadAt From(const std::string* bytes) {
  return [bytes](uint64_t offset, uint8_t* to, size_t size) -> absl::StatusOr<size_t> {
    if (offset >= bytes->size()) return size_t{0};
    const size_t n = std::min(size, bytes->size() - static_cast<size_t>(offset));
    std::memcpy(to, bytes->data() + offset, n);
    return n;
  };
}

// The same, read in order, once: fails the test where it is not.
Container::ReadAt Pipe(const std::string* bytes) {
  return [bytes, at = uint64_t{0}](uint64_t offset, uint8_t* to, size_t size) mutable -> absl::StatusOr<size_t> {
    EXPECT_EQ(offset, at);
    const absl::StatusOr<size_t> n = From(bytes)(offset, to, size);
    at += *n;
    return n;
  };
}

constexpr size_t kKeep = 256 << 20;  // of an entry's bytes, in a test

Got ReadContainer(Container* container, size_t step = 100'000) {
  Got got;
  std::string buffer(step, '\0');
  while (const ContainerEntry* entry = container->Next()) {
    got.entries.emplace_back(entry->path, "");
    while (true) {
      const absl::StatusOr<size_t> n = container->Read(reinterpret_cast<uint8_t*>(buffer.data()), buffer.size());
      if (!n.ok() || *n == 0) break;
      if (got.entries.back().second.size() < kKeep) got.entries.back().second.append(buffer.data(), *n);
    }
  }
  got.problems = container->problems();
  return got;
}

Got Read(const std::string& bytes, const std::string& name = "x", ContainerOptions options = {}, bool pipe = false) {
  const auto container = Container::Open(pipe ? Pipe(&bytes) : From(&bytes), pipe ? Container::kUnknown : bytes.size(),
                                         name, std::move(options));
  return ReadContainer(container.get());
}

bool Recognised(std::string_view bytes) {
  return Container::Recognise(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

const std::vector<Member> kThree = {{"logs", "", 'd'},
                                    {"logs/a.log", "first\n"},
                                    {"logs/link", "a.log", 'l'},
                                    {"logs/b.log", std::string(300'000, 'b')},
                                    {"empty", ""}};

struct Format {
  const char* format;
  const char* filter;
  const char* options;
};
class Formats : public testing::TestWithParam<Format> {};

TEST_P(Formats, GiveTheirFiles) {
  const auto [format, filter, options] = GetParam();
  const std::string bytes = MakeArchive(format, kThree, filter, options);
  EXPECT_TRUE(Recognised(bytes));
  for (const bool pipe : {false, true}) {
    const Got got = Read(bytes, "x", {}, pipe);
    EXPECT_EQ(got.Problems(), "");
    EXPECT_EQ(got.entries.size(), 3u) << got.Paths();
    EXPECT_EQ(got["logs/a.log"], "first\n");
    EXPECT_EQ(got["logs/b.log"], std::string(300'000, 'b'));
    EXPECT_EQ(got["empty"], "");
  }
}

INSTANTIATE_TEST_SUITE_P(All, Formats,
                         testing::Values(Format{"zip", "", ""}, Format{"zip", "", "zip:compression=store"},
                                         Format{"7zip", "", ""}, Format{"7zip", "", "7zip:compression=deflate"},
                                         Format{"7zip", "", "7zip:compression=ppmd"}, Format{"pax", "", ""},
                                         Format{"gnutar", "", ""}, Format{"ustar", "", ""}, Format{"v7tar", "", ""},
                                         Format{"cpio", "", ""}, Format{"newc", "", ""}, Format{"bin", "", ""},
                                         Format{"iso9660", "", "iso9660:rockridge=useful"}, Format{"pax", "gzip", ""},
                                         Format{"gnutar", "bzip2", ""}, Format{"ustar", "xz", ""},
                                         Format{"pax", "zstd", ""}, Format{"pax", "lz4", ""}, Format{"pax", "lzip", ""},
                                         Format{"pax", "compress", ""}, Format{"newc", "gzip", ""}),
                         [](const auto& info) {
                           std::string name =
                               std::string(info.param.format) + "_" + info.param.filter + "_" + info.param.options;
                           std::replace_if(
                               name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

std::string Lines(size_t bytes) {
  std::mt19937_64 random(7);
  std::string out;
  while (out.size() < bytes) {
    out += "Jan  2 03:04:05 host sshd[" + std::to_string(random() % 30000) + "]: Failed password for root from 10.0." +
           std::to_string(random() % 256) + "." + std::to_string(random() % 256) + "\n";
  }
  out.resize(bytes);
  return out;
}

TEST(Recognise, TakesNoLogForAnArchive) {
  const std::string iso = std::string(0x8000, 'x') +
                          "\x01"
                          "CD001\x01" +
                          std::string(2048, 'x');
  for (const std::string& text : {
           std::string(),
           std::string("P"),
           std::string("PK are my initials\n"),
           std::string("{\"a\":1}\n"),
           std::string("ElfFile\0", 8) + std::string(4088, '\0'),
           std::string("From a@b Mon Jan  1\nSubject: x\n\n"),
           std::string(1024, '\0'),
           std::string("#mtree\n"),
           std::string("WARC/1.0\r\n"),
           std::string("LZIP is a format\n"),
           std::string("070707 is the number of the log line, it says nothing of any archive, does it, and goes on\n"),
           std::string("!<arch>\nfollowed by text that goes on and on and on, up to the place where a mark would be\n"),
           std::string("BZh91 is no block\n"),
           std::string("7z is a program\n"),
           std::string("Rar! \n"),
           iso,
           Lines(70'000),
           std::string("\xff\xfe<\0?\0", 6) + std::string(600, '\0'),
       }) {
    EXPECT_FALSE(Recognised(text)) << text.substr(0, 40);
  }
}

// A line an intruder can write a part of: even with the sum of a tar header it is text.
TEST(Recognise, TakesNoLineWithTheSumOfATarHeaderForATar) {
  std::string line = Lines(512);
  line.replace(257, 5, "ustar");
  uint32_t sum = 8 * ' ';
  for (size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? 0 : static_cast<uint8_t>(line[i]);
  char digits[16];
  snprintf(digits, sizeof digits, "%07o ", sum);
  line.replace(148, 8, digits, 8);
  EXPECT_FALSE(Recognised(line + Lines(1000)));
}

TEST(Compressed, IsOneEntryNamedWithoutTheEnding) {
  const std::string log = Lines(700'000);
  for (const auto& [filter, name, inside] :
       std::vector<std::array<const char*, 3>>{{"gzip", "auth.log.2.gz", "auth.log.2"},
                                               {"bzip2", "a.BZ2", "a"},
                                               {"xz", "a.log.xz", "a.log"},
                                               {"zstd", "x.json.zst", "x.json"},
                                               {"lz4", "x.lz4", "x"},
                                               {"lzip", "x.lz", "x"},
                                               {"compress", "messages.Z", "messages"},
                                               {"gzip", "x.tgz", "x.tar"},
                                               {"gzip", "noending", "noending"},
                                               {"gzip", ".gz", ".gz"}}) {
    const std::string bytes = Compressed(filter, log);
    EXPECT_TRUE(Recognised(bytes));
    for (const bool pipe : {false, true}) {
      const Got got = Read(bytes, name, {}, pipe);
      EXPECT_EQ(got.Paths(), inside);
      EXPECT_TRUE(got[inside] == log) << filter;
      EXPECT_EQ(got.Problems(), "");
    }
    const Got nested = Read(MakeArchive("zip", {{std::string("logs/") + name, bytes}}));
    EXPECT_EQ(nested.Paths(), std::string("logs/") + name + "!/" + inside);
    EXPECT_TRUE(nested.entries.size() == 1 && nested.entries[0].second == log);
  }
}

TEST(Compressed, HasAllItsMembers) {
  const std::string a = Compressed("gzip", "one\n"), b = Compressed("gzip", "two\n");
  EXPECT_EQ(Read(a + b, "x.gz")["x"], "one\ntwo\n");
  const Got padded = Read(a + b + std::string(1000, '\0'), "x.gz");
  EXPECT_EQ(padded["x"], "one\ntwo\n");
  EXPECT_EQ(padded.Problems(), "");
  EXPECT_EQ(Read(a + "\n", "x.gz").Problems(), "");
  const Got more = Read(a + "and more", "x.gz");
  EXPECT_EQ(more["x"], "one\n");
  EXPECT_EQ(more.problems.size(), 1u);
  const std::string x = Compressed("xz", "one\n"), y = Compressed("xz", "two\n");
  EXPECT_EQ(Read(x + y, "x.xz")["x"], "one\ntwo\n");
}

TEST(Compressed, OfNothingIsAnEmptyEntry) {
  for (const char* filter : {"gzip", "bzip2", "xz", "zstd", "lzip"}) {
    const Got got = Read(Compressed(filter, ""), "x.gz");
    EXPECT_EQ(got.Paths(), "x") << filter;
    EXPECT_EQ(got.Problems(), "") << filter;
  }
}

TEST(Compressed, GzipWithAWrongChecksumIsReadAndSaidToBeDamaged) {
  std::string bytes = Compressed("gzip", Lines(50'000));
  bytes[bytes.size() - 6] ^= 1;
  const Got got = Read(bytes, "x.gz");
  EXPECT_EQ(got["x"], Lines(50'000));
  ASSERT_EQ(got.problems.size(), 1u);
  EXPECT_NE(got.problems[0].reason.find("incorrect data check"), std::string::npos) << got.Problems();
}

TEST(Compressed, XzThatAsksForMuchMemoryIsRefused) {
  std::string bytes = Compressed("xz", "x");
  // Block header at 12: size, flags, filter LZMA2 (0x21), size of properties 1, dictionary size, …, CRC-32.
  ASSERT_EQ(bytes[14], 0x21);
  bytes[16] = 40;  // 4 GiB
  const size_t header = (static_cast<uint8_t>(bytes[12]) + 1) * 4;
  uint32_t crc = ~0u;
  for (size_t i = 0; i < header - 4; ++i) {
    crc ^= static_cast<uint8_t>(bytes[12 + i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  crc = ~crc;
  std::memcpy(bytes.data() + 12 + header - 4, &crc, 4);
  const Got got = Read(bytes, "x.xz");
  ASSERT_EQ(got.problems.size(), 1u);
  EXPECT_NE(got.problems[0].reason.find("MiB of memory"), std::string::npos) << got.Problems();
}

TEST(Nested, IsReadInAnyMixture) {
  const std::string log = Lines(400'000);
  const std::string seven = MakeArchive("7zip", {{"deep.log", log}, {"deep2.log", "2"}});
  const std::string tar = MakeArchive("pax", {{"t/i.7z", seven}, {"t/x.gz", Compressed("gzip", "x")}}, "gzip");
  const std::string zip = MakeArchive("zip", {{"a", "a"}, {"in.tar.gz", tar}, {"z", "z"}}, "");
  const std::string outer = MakeArchive("gnutar", {{"o/in.zip", zip}, {"o/end.log", "end"}}, "xz");
  for (const bool pipe : {false, true}) {
    const Got got = Read(outer, "all.tar.xz", {}, pipe);
    EXPECT_EQ(got.Problems(), "");
    EXPECT_EQ(got.Paths(),
              "o/in.zip!/a o/in.zip!/in.tar.gz!/t/i.7z!/deep.log o/in.zip!/in.tar.gz!/t/i.7z!/deep2.log "
              "o/in.zip!/in.tar.gz!/t/x.gz!/x o/in.zip!/z o/end.log");
    EXPECT_TRUE(got["o/in.zip!/in.tar.gz!/t/i.7z!/deep.log"] == log);
    EXPECT_EQ(got["o/end.log"], "end");
  }
}

TEST(Nested, LargeOnesArePutAsideInAFile) {
  std::mt19937_64 random(1);
  std::string noise(20 << 20, '\0');
  for (size_t i = 0; i < noise.size(); i += 8) {
    const uint64_t v = random();
    std::memcpy(noise.data() + i, &v, 8);
  }
  const std::string zip = MakeArchive("zip", {{"noise", noise}, {"b", "b"}}, "", "zip:compression=store");
  const Got got = Read(MakeArchive("ustar", {{"in.zip", zip}, {"after", "after"}}));
  EXPECT_EQ(got.Paths(), "in.zip!/noise in.zip!/b after");
  EXPECT_TRUE(got["in.zip!/noise"] == noise);
  EXPECT_EQ(got.Problems(), "");
  setenv("TMPDIR", "/nonexistent", 1);
  const Got nowhere = Read(MakeArchive("ustar", {{"in.zip", zip}, {"after", "after"}}));
  unsetenv("TMPDIR");
  EXPECT_EQ(nowhere.Paths(), "after");
  EXPECT_NE(nowhere.Problems().find("set TMPDIR"), std::string::npos) << nowhere.Problems();
}

TEST(Entries, MayBePassedOverAtAnyPoint) {
  const std::string log = Lines(600'000);
  for (const char* format : {"zip", "7zip", "pax"}) {
    const std::string bytes = MakeArchive(format, {{"a", log}, {"b", log}, {"c", "end"}});
    const auto container = Container::Open(From(&bytes), bytes.size(), "x", {});
    uint8_t byte = 0;
    ASSERT_NE(container->Next(), nullptr);
    ASSERT_NE(container->Next(), nullptr);
    EXPECT_EQ(*container->Read(&byte, 1), 1u);
    const ContainerEntry* entry = container->Next();
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->path, "c");
    EXPECT_EQ(entry->size, 3u);
    EXPECT_EQ(*container->Read(&byte, 1), 1u);
    EXPECT_EQ(byte, 'e');
    EXPECT_EQ(container->Next(), nullptr);
    EXPECT_EQ(container->Next(), nullptr);
    EXPECT_FALSE(container->Read(&byte, 1).ok());
    EXPECT_TRUE(container->problems().empty());
    EXPECT_GT(container->consumed(), 0u);
    EXPECT_LE(container->consumed(), bytes.size());
  }
}

TEST(Entries, OfOneNameAreNumbered) {
  for (const char* format : {"zip", "pax"}) {
    const Got got = Read(MakeArchive(format, {{"a", "1"}, {"a#2", "x"}, {"a", "2"}, {"a", "3"}, {"b", "b"}}));
    EXPECT_EQ(got.Paths(), "a a#2 a#3 a#4 b") << format;
    EXPECT_EQ(got["a#4"], "3");
  }
}

TEST(Entries, NamesAreOnlyShown) {
  const Got tar = Read(MakeArchive("pax", {{"../../etc/passwd", "1"}, {"/abs/x", "2"}, {"C:\\Windows\\x", "3"}}));
  EXPECT_EQ(tar.Paths(), "../../etc/passwd abs/x C:\\Windows\\x");
  const Got zip = Read(MakeArchive("zip", {{"..\\..\\x", "1"}, {"//a", "2"}, {"C:\\Windows\\x", "3"}}));
  EXPECT_EQ(zip.Paths(), "../../x a C:/Windows/x");
}

TEST(Entries, NamesKeepTheirBytes) {
  const std::string utf8 = "\xc3\xa9t\xc3\xa9.log", latin = "\xe9t\xe9.log";
  EXPECT_EQ(Read(MakeArchive("ustar", {{latin, "1"}})).Paths(), latin);
  EXPECT_EQ(Read(MakeArchive("ustar", {{utf8, "1"}})).Paths(), utf8);
  // A zip whose name is marked as UTF-8 (flag 11) and is, or is not; in the local header and in the list.
  for (const std::string& name : {utf8, latin}) {
    std::string zip = MakeArchive("zip", {{name, "1"}});
    for (size_t at = 0; (at = zip.find("PK", at)) != zip.npos; at += 2) {
      if (zip.compare(at, 4, "PK\3\4") == 0) zip[at + 7] |= 8;
      if (zip.compare(at, 4, "PK\1\2") == 0) zip[at + 9] |= 8;
    }
    const Got got = Read(zip);
    EXPECT_EQ(got.entries.size(), 1u);
    if (name == utf8) EXPECT_EQ(got.Paths(), name);
    if (name == latin) EXPECT_NE(got.Paths(), "");
  }
  std::string seven = MakeArchive("7zip", {{"abc.log", "1"}});
  const size_t at = seven.find(std::string("a\0b\0c\0", 6));
  if (at != seven.npos) {  // the list is not always compressed; its checksum is
    EXPECT_EQ(Read(seven).Paths(), "abc.log");
  }
}

TEST(Entries, LinksDevicesAndFoldersArePassedOver) {
  const Got got =
      Read(MakeArchive("pax", {{"f", "1"}, {"l", "f", 'l'}, {"h", "f", 'h'}, {"c", "", 'c'}, {"d", "", 'd'}}));
  EXPECT_EQ(got.Paths(), "f");
  EXPECT_EQ(got.Problems(), "");
}

TEST(Encrypted, IsReadWithThePassword) {
  const std::string log = Lines(100'000);
  for (const char* options : {"zip:encryption=aes256", "zip:encryption=aes128", "zip:encryption=zipcrypt"}) {
    const std::string bytes = MakeArchive("zip", {{"a", log}, {"b", "b"}}, "", options, "secret");
    const Got right = Read(bytes, "x", {.passwords = {"other", "", "secret"}});
    EXPECT_TRUE(right["a"] == log) << options << right.Problems();
    EXPECT_EQ(right["b"], "b");
    EXPECT_EQ(right.Problems(), "");
    const Got none = Read(bytes);
    EXPECT_EQ(none.Paths(), "");
    EXPECT_EQ(none.Problems(),
              "[a] encrypted: give the password with --archive-password\n"
              "[b] encrypted: give the password with --archive-password\n");
    const Got wrong = Read(bytes, "x", {.passwords = {"wrong"}});
    EXPECT_EQ(wrong.problems.size(), 2u) << wrong.Problems();
    EXPECT_NE(wrong.Problems().find("--archive-password"), std::string::npos);
    const Got nested = Read(MakeArchive("ustar", {{"i.zip", bytes}, {"c", "c"}}), "x", {.passwords = {"secret"}});
    EXPECT_TRUE(nested["i.zip!/a"] == log);
    EXPECT_EQ(nested["c"], "c");
  }
}

TEST(Damaged, WhatCameBeforeTheEndIsRead) {
  const std::string log = Lines(30'000);
  std::vector<Member> members;
  for (int i = 0; i < 10; ++i) members.push_back({"log" + std::to_string(i), log});
  for (const auto& [format, filter] : std::vector<std::pair<std::string, std::string>>{{"zip", ""},
                                                                                       {"7zip", ""},
                                                                                       {"pax", ""},
                                                                                       {"pax", "gzip"},
                                                                                       {"pax", "xz"},
                                                                                       {"newc", "zstd"},
                                                                                       {"iso9660", ""},
                                                                                       {"ustar", "bzip2"},
                                                                                       {"ustar", "lz4"},
                                                                                       {"ustar", "compress"},
                                                                                       {"cpio", "lzip"}}) {
    const std::string bytes = MakeArchive(format, members, filter);
    size_t before = 0;
    for (int i = 1; i <= 60; ++i) {
      const std::string part = bytes.substr(0, bytes.size() * i / 61);
      for (const bool pipe : {false, true}) {
        const Got got = Read(part, "x", {}, pipe);
        size_t whole = 0;
        for (const auto& [path, data] : got.entries) {
          if (!path.starts_with("log")) continue;  // too little of a tar to know it for one
          EXPECT_TRUE(log.starts_with(data)) << format << filter << i;
          whole += data.size() == log.size();
        }
        if (format != "iso9660" && format != "7zip")
          EXPECT_GE(whole, before) << format << filter << i << got.Problems();
        if (pipe) before = whole;
        // A tar may end behind an entry, and an iso has nothing but zeros at its end.
        if (format == "zip" || !filter.empty()) EXPECT_FALSE(got.problems.empty()) << format << filter << i;
      }
    }
    // The others unpack in blocks larger than the archive.
    if (format != "7zip" && (filter.empty() || filter == "gzip" || filter == "compress"))
      EXPECT_GE(before, 6u) << format << filter;
  }
}

TEST(Damaged, OneByteCostsAtMostItsEntryInAZip) {
  const std::string log = Lines(30'000);
  std::vector<Member> members;
  for (int i = 0; i < 10; ++i) members.push_back({"log" + std::to_string(i), log});
  const std::string bytes = MakeArchive("zip", members);
  for (size_t at = bytes.size() / 20; at < bytes.size() * 9 / 10; at += bytes.size() / 37) {
    std::string damaged = bytes;
    damaged[at] ^= 0x55;
    const Got got = Read(damaged);
    size_t whole = 0;
    for (const auto& [path, data] : got.entries) whole += data == log;
    EXPECT_GE(whole, 9u) << at << got.Problems();
    if (whole < 10) EXPECT_FALSE(got.problems.empty()) << at;
  }
}

TEST(Damaged, AnyByteAnywhereEnds) {
  std::mt19937_64 random(3);
  for (const char* format : {"zip", "7zip", "pax", "cpio", "newc", "iso9660", "v7tar"}) {
    const std::string bytes = MakeArchive(format, {{"a", Lines(3000)}, {"d", "", 'd'}, {"b", "b"}});
    for (int i = 0; i < 150; ++i) {
      std::string damaged = bytes;
      for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = static_cast<char>(random());
      Read(damaged, "x", {.passwords = {"p"}, .max_bytes = 1 << 22}, i % 2 != 0);
    }
  }
}

TEST(Damaged, AReadErrorIsAProblem) {
  const std::string bytes = MakeArchive("ustar", {{"a", Lines(3000)}, {"b", Lines(3'000'000)}});
  const auto failing = [&](uint64_t offset, uint8_t* to, size_t size) -> absl::StatusOr<size_t> {
    if (offset > 1'000'000) return absl::UnavailableError("the disk is broken");
    return From(&bytes)(offset, to, size);
  };
  const auto container = Container::Open(failing, bytes.size(), "x", {});
  const Got got = ReadContainer(container.get());
  EXPECT_EQ(got.Paths(), "a b");
  EXPECT_GT(got["b"].size(), 900'000u);
  EXPECT_EQ(got.Problems(), "[b] the disk is broken\n");
}

TEST(Limits, ABombEndsAndWhatStandsBehindItIsRead) {
  const ContainerOptions small = {.max_free = 8 << 20};
  const std::string zeros(64 << 20, '\0');
  const std::string zip = MakeArchive("zip", {{"before", "1"}, {"bomb", zeros}, {"after", "2"}});
  const Got got = Read(zip, "x", small);
  EXPECT_EQ(got["before"], "1");
  EXPECT_EQ(got["after"], "2");
  ASSERT_EQ(got.problems.size(), 1u) << got.Problems();
  EXPECT_EQ(got.problems[0].path, "bomb");
  EXPECT_NE(got.problems[0].reason.find("unpack it yourself"), std::string::npos);
  // The same as a compressed file, and in a container.
  const std::string gz = Compressed("gzip", zeros);
  EXPECT_EQ(Read(gz, "x.gz", small).problems.size(), 1u);
  const Got nested = Read(MakeArchive("ustar", {{"x.gz", gz}, {"x.zip", zip}, {"after", "3"}}), "x", small);
  EXPECT_EQ(nested["after"], "3");
  EXPECT_EQ(nested["x.zip!/after"], "2");
  EXPECT_EQ(nested.problems.size(), 2u) << nested.Problems();
}

TEST(Limits, AGibibyteOfZerosIsABombWithoutBeingToldSo) {
  const std::string one = Compressed("gzip", std::string(32 << 20, '\0'));
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += one;
  const Got got = Read(bytes, "x.gz");
  ASSERT_EQ(got.problems.size(), 1u);
  EXPECT_NE(got.problems[0].reason.find("200 times"), std::string::npos) << got.Problems();
}

// All entries are the same bytes of the archive: reading them again earns nothing.
TEST(Limits, OverlappingEntriesAreABomb) {
  std::string zip = MakeArchive("zip", {{"a", std::string(1 << 20, '\0')}});
  const size_t list = zip.find("PK\1\2"), end = zip.find("PK\5\6");
  ASSERT_NE(list, zip.npos);
  const std::string entry = zip.substr(list, end - list);
  std::string bomb = zip.substr(0, list);
  for (int i = 0; i < 1000; ++i) bomb += entry;
  std::string tail = zip.substr(end);
  const uint16_t count = 1000;
  const auto size = static_cast<uint32_t>(entry.size() * count);
  std::memcpy(tail.data() + 8, &count, 2);
  std::memcpy(tail.data() + 10, &count, 2);
  std::memcpy(tail.data() + 12, &size, 4);
  const auto container =
      Container::Open([bytes = bomb + tail](uint64_t o, uint8_t* to, size_t n) { return From(&bytes)(o, to, n); },
                      bomb.size() + tail.size(), "x", {.max_free = 1 << 20});
  uint64_t total = 0;
  std::string buffer(1 << 20, '\0');
  while (container->Next() != nullptr) {
    while (true) {
      const auto n = container->Read(reinterpret_cast<uint8_t*>(buffer.data()), buffer.size());
      if (!n.ok() || *n == 0) break;
      total += *n;
    }
  }
  EXPECT_LE(total, (1u << 20) + 200 * (bomb.size() + tail.size()));
}

TEST(Limits, Bytes) {
  const Got got = Read(MakeArchive("zip", {{"a", Lines(50'000)}, {"b", Lines(100'000)}}), "x", {.max_bytes = 100'000});
  EXPECT_EQ(got["a"].size(), 50'000u);
  ASSERT_EQ(got.problems.size(), 1u);
  EXPECT_NE(got.problems[0].reason.find("100000 bytes"), std::string::npos);
}

TEST(Limits, Entries) {
  std::vector<Member> members;
  for (int i = 0; i < 50; ++i) members.push_back({"f" + std::to_string(i), "x"});
  const std::string zip = MakeArchive("zip", members);
  EXPECT_EQ(Read(zip, "x", {.max_entries = 50}).Problems(), "");
  const Got got = Read(zip, "x", {.max_entries = 20});
  EXPECT_EQ(got.entries.size(), 20u);
  ASSERT_EQ(got.problems.size(), 1u);
  EXPECT_NE(got.problems[0].reason.find("more than 20 entries"), std::string::npos);
  // Those of containers within count too.
  EXPECT_EQ(Read(MakeArchive("zip", {{"1.zip", zip}, {"2.zip", zip}}), "x", {.max_entries = 70}).entries.size(), 68u);
}

std::string EmptyFiles(uint64_t files, bool packed) {
  return test::SevenZipOf(test::SevenZipList(files, true), packed);
}

// libarchive would take 87 bytes for each file that a list says it holds.
TEST(Limits, SevenZipListsAreMeasuredBeforeTheyAreRead) {
  for (const bool packed : {true, false}) {
    const Got few = Read(EmptyFiles(1000, packed));
    EXPECT_EQ(few.entries.size(), 1000u) << few.Problems();
    EXPECT_EQ(few.Problems(), "");
    const Got many = Read(test::SevenZipOf(test::SevenZipList(20'000'000, false), packed));
    ASSERT_EQ(many.problems.size(), 1u);
    EXPECT_NE(many.problems[0].reason.find("more than 1000000 files"), std::string::npos) << many.Problems();
    const Got broken = Read(test::SevenZipOf(test::SevenZipList(1000, true).substr(0, 3), packed));
    EXPECT_EQ(broken.Problems(), "[] 7z damaged or cut off near byte 0: its list of contents is damaged\n");
  }
  const Got longer = Read(EmptyFiles(7'000'000, true));
  ASSERT_EQ(longer.problems.size(), 1u);
  EXPECT_NE(longer.problems[0].reason.find("longer than 24 MiB"), std::string::npos) << longer.Problems();
}

TEST(Limits, SevenZipWithoutAListIsDamaged) {
  std::string bytes = MakeArchive("7zip", {{"a", Lines(3000)}});
  std::fill_n(bytes.begin() + 12, 20, '\0');
  EXPECT_EQ(Read(bytes).Problems(), "[] 7z damaged or cut off near byte 0: its list of contents is missing\n");
}

TEST(Limits, Names) {
  std::vector<Member> members;
  for (int i = 0; i < 50; ++i) members.push_back({std::string(100, static_cast<char>('A' + i)), "x"});
  const Got got = Read(MakeArchive("pax", members), "x", {.max_names = 2 << 10});
  EXPECT_EQ(got.entries.size(), 20u);
  ASSERT_EQ(got.problems.size(), 1u);
  EXPECT_NE(got.problems[0].reason.find("names"), std::string::npos) << got.Problems();
}

TEST(Limits, Depth) {
  std::string zip = MakeArchive("zip", {{"log", "bottom"}});
  for (int i = 0; i < 4; ++i) zip = MakeArchive("zip", {{"in.zip", zip}, {"log", std::to_string(i)}});
  EXPECT_EQ(Read(zip).entries.size(), 5u);
  const Got got = Read(MakeArchive("zip", {{"in.zip", zip}, {"log", "top"}}));
  EXPECT_EQ(got.entries.size(), 5u);
  ASSERT_EQ(got.problems.size(), 1u);
  EXPECT_EQ(got.problems[0].path, "in.zip!/in.zip!/in.zip!/in.zip!/in.zip");
  EXPECT_NE(got.problems[0].reason.find("more than 5"), std::string::npos);
  // Layers of compression are containers too.
  std::string gz = "log";
  for (int i = 0; i < 40; ++i) gz = Compressed("gzip", gz);
  EXPECT_EQ(Read(gz, "x.gz").problems.size(), 1u);
}

TEST(Limits, ProblemsAreListedUpToANumber) {
  std::vector<Member> members;
  for (size_t i = 0; i < Container::kMaxProblems + 100; ++i) members.push_back({std::to_string(i), "x"});
  const Got got = Read(MakeArchive("zip", members, "", "zip:encryption=zipcrypt", "p"));
  EXPECT_EQ(got.problems.size(), Container::kMaxProblems + 1);
  EXPECT_NE(got.problems.back().reason.find("more than"), std::string::npos);
}

TEST(Container, OfWhatIsNoneSaysSo) {
  EXPECT_EQ(Read("plain text\n").Problems(), "[] not an archive\n");
  EXPECT_EQ(Read("").Problems(), "[] not an archive\n");
}

// What python3 reads in the same archives: for each its path, then "size name" lines in order.
std::string PythonListing(const std::string& list) {
  const std::string program = R"(
import gzip, os, sys, tarfile, zipfile
for p in open(sys.argv[1]).read().splitlines():
  if p.endswith('.zip'): l = [(i.filename, i.file_size) for i in zipfile.ZipFile(p).infolist() if not i.is_dir()]
  elif p.endswith('.tar.gz'): l = [(i.name.lstrip('/'), i.size) for i in tarfile.open(p) if i.isfile()]
  else: l = [(os.path.basename(p)[:-3], len(gzip.open(p).read()))]
  print(p + ''.join('\n%d %s' % (s, n) for n, s in sorted(l)))
)";
  const std::string command = "python3 -c \"" + program + "\" '" + list + "'";
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  while (pipe != nullptr && fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  if (pipe != nullptr) pclose(pipe);
  return out;
}

TEST(ThirdParty, ArchivesAreReadAsPythonReadsThem) {
  const std::string data = SPOOR_SHARED_DATA;
  if (!std::filesystem::is_directory(data + "/security-datasets")) GTEST_SKIP() << "no third-party data in " << data;
  std::vector<std::string> files;
  for (const char* ending : {".zip", ".tar.gz"}) {
    for (std::string& file : test::FilesBelow(data + "/security-datasets", ending)) files.push_back(std::move(file));
  }
  for (std::string& file : test::FilesBelow(data + "/zeek-default", ".gz")) files.push_back(std::move(file));
  EXPECT_GT(files.size(), 50u);
  const test::TemporaryFolder folder;
  std::string list, listing;
  for (const std::string& file : files) list += file + "\n";
  test::WriteAll(folder / "list", list);
  for (const std::string& file : files) {
    const std::string bytes = test::ReadAll(file);
    const Got got = Read(bytes, std::filesystem::path(file).filename());
    EXPECT_EQ(got.Problems(), "") << file;
    std::vector<std::string> lines;
    for (const auto& [path, content] : got.entries) lines.push_back(path + '\0' + std::to_string(content.size()));
    std::sort(lines.begin(), lines.end());
    listing += file + "\n";
    for (const std::string& line : lines) {
      const size_t nul = line.find('\0');
      listing += line.substr(nul + 1) + " " + line.substr(0, nul) + "\n";
    }
  }
  EXPECT_EQ(listing, PythonListing(folder / "list"));
  const std::string seven = test::ReadAll(data + "/cloud/m365/auditrecords.7z");
  const Got got = Read(seven);
  EXPECT_EQ(got.Paths(), "auditrecords.csv");
  EXPECT_EQ(got["auditrecords.csv"].size(), 38'886'358u);
  EXPECT_EQ(got.Problems(), "");
}

}  // namespace
}  // namespace spoor
