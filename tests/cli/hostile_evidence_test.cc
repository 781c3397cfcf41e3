// Evidence made to harm its reader: bombs, depths, lengths, numbers, names. The program ends as it says it does, in
// time and within its memory, says what it left out, and still finds what lies beside it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/archives.h"
#include "support/hostile.h"
#include "support/read_events.h"
#include "support/run_program.h"

namespace spoor {
namespace {

using test::Compressed;
using test::kMaxMemory;
using test::kMemoryCounts;
using test::MakeArchive;
using test::Ran;

const char kGood[] = "{\"Time\":\"2026-01-02T03:04:05Z\",\"CommandLine\":\"needle here\"}\n";

// Runs a search over a folder (or standard input), and the report on coverage where it is not left out because it takes
// the same way for long; both must end well, in time. What the search found and said.
Ran Hunted(const std::string& path, const std::function<void(int)>& feed = nullptr, bool coverage = true) {
  for (const char* report : {"coverage", ""}) {
    if (*report != '\0' && !coverage) continue;
    const std::vector<std::string> arguments =
        *report != '\0' ? std::vector<std::string>{"rules", report, path, "-f", "json", "-j", "2"}
                        : std::vector<std::string>{"search", "needle", path, "-f", "jsonl", "-j", "2"};
    Ran ran = test::RunProgram(SPOOR_BINARY, arguments, 60, feed);
    EXPECT_TRUE(ran.code == 0 || ran.code == 1) << report << ": " << ran.Text();
    if (kMemoryCounts) EXPECT_LE(ran.peak, kMaxMemory) << report << ": " << ran.Text();
    for (const std::string* text : {&ran.out, &ran.err}) {
      EXPECT_TRUE(std::none_of(text->begin(), text->end(),
                               [](char c) { return c != '\n' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f); }))
          << "a control character reaches the terminal: " << ran.Text();
    }
    if (*report == '\0') return ran;
  }
  return {};
}

size_t Findings(const Ran& ran) { return static_cast<size_t>(std::count(ran.out.begin(), ran.out.end(), '\n')); }

// Of a file that is harmful, beside one that is not: both are found, or told.
void ExpectTold(const std::string& name, std::string_view bytes, const std::string& reason, size_t findings = 1,
                bool coverage = true) {
  const test::TemporaryFolder folder;
  test::WriteAll(folder / "good.jsonl", kGood);
  test::WriteAll(folder / name, bytes);
  const Ran ran = Hunted(folder.path(), nullptr, coverage);
  EXPECT_EQ(ran.code, reason.empty() ? 0 : 1) << ran.Text();
  EXPECT_NE(ran.err.find(reason), std::string::npos) << ran.Text();
  if (!reason.empty()) EXPECT_NE(ran.err.find(name), std::string::npos) << ran.Text();
  EXPECT_EQ(Findings(ran), findings) << ran.Text();
}

// The same, many times.
std::string Times(const std::string& text, size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

// Writes to a pipe what a function gives, block by block, until it gives nothing.
std::function<void(int)> Feeding(std::function<std::string(size_t block)> next) {
  return [next](int fd) {
    for (size_t block = 0;; ++block) {
      const std::string bytes = next(block);
      if (bytes.empty()) return;
      for (size_t at = 0; at < bytes.size();) {
        const ssize_t n = write(fd, bytes.data() + at, bytes.size() - at);
        if (n <= 0) return;
        at += static_cast<size_t>(n);
      }
    }
  };
}

TEST(HostileArchive, BombOfRatio) {
  const std::string gz = Times(Compressed("gzip", std::string(16 << 20, 'x')), 24);
  ExpectTold("bomb.gz", gz, "decompression bomb", 1, false);
  ExpectTold("bomb.zst", Times(Compressed("zstd", std::string(64 << 20, 'x')), 6), "decompression bomb", 1, false);
  ExpectTold("x.zip", MakeArchive("zip", {{"a.jsonl", kGood}, {"b.gz", gz}, {"c.jsonl", kGood}}), "decompression bomb",
             3);
}

TEST(HostileArchive, Depth) {
  std::string zip = MakeArchive("zip", {{"a.jsonl", kGood}});
  for (int i = 0; i < 12; ++i) zip = MakeArchive("zip", {{"in.zip", zip}, {"a.jsonl", kGood}});
  ExpectTold("deep.zip", zip, "containers in each other", 6);
  std::string gz = kGood;
  for (int i = 0; i < 50; ++i) gz = Compressed("gzip", gz);
  ExpectTold("deep.gz", gz, "containers in each other");
}

std::string Le(uint64_t n, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(n >> 8 * i);
  return out;
}

// A zip of so many empty files of one name, front to back without a list, or with one.
std::string ZipOf(size_t files, bool list) {
  using namespace std::literals;
  const std::string local = "PK\3\4\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0a"s;
  std::string zip = Times(local, files);
  const size_t begin = zip.size();
  for (size_t i = 0; list && i < files; ++i) {
    zip += "PK\1\2\x0a\0\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0"s;
    zip += Le(i * local.size(), 4) + "a";
  }
  const uint64_t count = std::min<size_t>(files, 0xffff);
  return zip + "PK\5\6\0\0\0\0"s + Le(count, 2) + Le(count, 2) + Le(zip.size() - begin, 4) + Le(begin, 4) + "\0\0"s;
}

TEST(HostileArchive, AMillionEntries) {
  ExpectTold("many.zip", ZipOf(560'000, true), "list of contents is longer", 1, false);
  ExpectTold("list.zip", ZipOf(100'000, true), "more than 10000 files in it could not be read");
  std::string tar = MakeArchive("ustar", std::vector<test::Member>(1'000, {"a", ""}));
  ExpectTold("many.tar.gz", Times(Compressed("gzip", tar), 1'100), "more than 1000000 entries", 1, false);
}

TEST(HostileArchive, SevenZipThatSaysItHoldsMillionsOfFiles) {
  ExpectTold("packed.7z", test::SevenZipOf(test::SevenZipList(20'000'000, false), true), "more than 1000000 files");
  ExpectTold("plain.7z", test::SevenZipOf(test::SevenZipList(20'000'000, false), false), "more than 1000000 files");
  ExpectTold("names.7z", test::SevenZipOf(test::SevenZipList(7'000'000, true), true), "list of contents is longer");
  ExpectTold("many.7z", test::SevenZipOf(test::SevenZipList(900'000, true), true), "empty", 1, false);
}

// What a list takes counts for all the containers that stand in each other.
TEST(HostileArchive, SevenZipsInEachOtherWithLongLists) {
  const std::string list = test::SevenZipOf(test::SevenZipList(900'000, true), true);
  std::string zip = MakeArchive("zip", {{"a.7z", list}, {"b.7z", list}});
  for (int i = 0; i < 3; ++i) zip = MakeArchive("7zip", {{"in.zip", zip}, {"list.7z", list}});
  const test::TemporaryFolder folder;
  test::WriteAll(folder / "good.jsonl", kGood);
  test::WriteAll(folder / "x.7z", zip);
  test::WriteAll(folder / "y.7z", zip);
  EXPECT_EQ(Hunted(folder.path(), nullptr, false).code, 1);
}

TEST(HostileArchive, NamesAreOnlyShown) {
  const std::vector<std::string> names = {"../../../../tmp/spoor-was-here",
                                          "/tmp/spoor-was-here",
                                          "C:\\spoor-was-here",
                                          "a\x1b[2J\x1b]0;x\x07",
                                          "line\nend\r.jsonl",
                                          "\xff\xfe\xc0\xaf",
                                          "\xe2\x80\xae"
                                          "lnosj.exe",
                                          "..",
                                          ".",
                                          "!/",
                                          "a!/b",
                                          " ",
                                          std::string(5000, 'n'),
                                          "\x7f\x08\x08",
                                          "%s%n%x",
                                          "'; DROP TABLE",
                                          "same",
                                          "same",
                                          "<script>",
                                          "=cmd|x"};
  for (const char* format : {"zip", "pax", "7zip", "newc"}) {
    SCOPED_TRACE(format);
    std::vector<test::Member> members;
    for (const std::string& name : names) members.push_back({name, kGood});
    const test::TemporaryFolder folder;
    test::WriteAll(folder / "x", MakeArchive(format, members));
    const Ran ran = Hunted(folder.path());
    EXPECT_GE(Findings(ran), names.size() - 2) << ran.Text();
    EXPECT_FALSE(std::filesystem::exists("/tmp/spoor-was-here"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  }
}

TEST(HostileNames, OfEvidenceFiles) {
  const test::TemporaryFolder folder;
  for (const char* name : {"a\x1b[2J.jsonl", "b\nc.jsonl", "\xff\xfe", "-rf", "d\x07\x08",
                           "\xe2\x80\xae"
                           "e"}) {
    test::WriteAll(folder / name, kGood);
    test::WriteAll(folder / (std::string(name) + ".none"), "nothing that is a log");
    test::WriteAll(folder / (std::string(name) + ".broken"), std::string(kGood) + "{\"a\":\n");
  }
  const Ran ran = Hunted(folder.path());
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(Findings(ran), 12u) << ran.Text();
}

TEST(HostileText, ALineOfAGibibyte) {
  const std::string block(1 << 20, 'x');
  // Through a pipe, as JSON and as syslog; behind it, a good one.
  for (const std::string& begin : {std::string(kGood) + "{\"a\":\"", std::string(kGood) + "["}) {
    const Ran ran = Hunted("-", Feeding([&](size_t i) {
                             return i == 0 ? begin : i <= 1024 ? block : i == 1025 ? "\n" + std::string(kGood) : "";
                           }),
                           *begin.rbegin() == '[');
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(Findings(ran), 2u) << ran.Text();
    EXPECT_NE(ran.err.find("line_too_long"), std::string::npos) << ran.Text();
  }
  const test::TemporaryFolder folder;
  const std::string path = folder / "sparse.jsonl";
  test::WriteAll(path, kGood);
  std::filesystem::resize_file(path, uint64_t{1} << 30);
  std::ofstream(path, std::ios::app) << "\n" << kGood;
  const Ran ran = Hunted(folder.path());
  EXPECT_EQ(Findings(ran), 2u) << ran.Text();
  EXPECT_NE(ran.err.find("line_too_long"), std::string::npos) << ran.Text();
}

TEST(HostileJson, TenMillionLevels) {
  for (const char* open : {"[", "{\"a\":", "[{\"a\":"}) {
    for (const char* before : {"", "[\n", "{\"Records\": ["}) {
      const std::string good = std::string(kGood, sizeof kGood - 2);
      const std::string begin = *before == '\0' ? kGood : before + good + ",\n";
      const std::string block = Times(open, 100'000);
      const Ran ran = Hunted("-", Feeding([&](size_t i) {
                               return i == 0 ? begin : i <= 100 ? block : i == 101 ? "\n" + std::string(kGood) : "";
                             }));
      EXPECT_EQ(ran.code, 1) << open << before;
      EXPECT_GE(Findings(ran), 1u) << open << before << ran.Text();
    }
  }
  // In lines that are not too long.
  std::string text = kGood;
  for (const char* open : {"[", "{\"a\":", "[{\"a\":"}) text += "{\"a\":" + Times(open, 150'000) + "\n" + kGood;
  ExpectTold("lines.jsonl", text, "json_line", 5);
}

TEST(HostileJson, ManyNamesAndManyShapes) {
  std::string wide = kGood;
  for (size_t line = 0; line < 100; ++line) {
    wide += "{";
    for (size_t i = 0; i < 4'000; ++i) wide += "\"k" + std::to_string(line * 4'000 + i) + "\":1,";
    wide += "\"z\":\"needle\"}\n";
  }
  ExpectTold("wide.jsonl", wide, "", 102);
  std::string narrow;
  for (size_t i = 0; i < 150'000; ++i) narrow += "{\"k" + std::to_string(i) + "\":1}\n";
  ExpectTold("narrow.jsonl", narrow + kGood, "", 2);
}

// Each of them is given up and the next is looked for: that must not take the square of the time.
TEST(HostileJson, BrokenRecordsWithoutEnd) {
  ExpectTold("open.json", "[\n" + Times("{\"a\": [{\"b\":\n", 400'000), "json_");
  ExpectTold("crossed.json", "[\n" + Times("{\"a\": [}\n", 400'000), "json_");
  ExpectTold("between.json", "[\n" + Times("{\"a\":1}x", 400'000), "json_between_records");
  ExpectTold("quotes.json", "[\n" + Times("{\"a\":1},\"\n", 400'000), "json_");
  ExpectTold("far.json", "[\n" + Times(Times("{\"a\":\n", 60'000) + "]", 30), "json_");
}

// A message's headers, parts and addresses become objects of a library that knows no bounds.
TEST(HostileMail, ManyOfEverythingInAMessage) {
  const std::string from = "From a@b.example Mon Mar  2 08:00:01 2026\nFrom: a@b.example\nMessage-ID: <1@b.example>\n";
  const auto mailbox = [&](const std::string& begin, const std::string& more) {
    return Times(from + begin + Times(more, 900'000 / more.size()) + "\n\nx\n", 6) + from + "Subject: needle\n\nx\n";
  };
  for (const auto& [begin, more] : std::vector<std::pair<std::string, std::string>>{
           {"Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n"},
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\n", "a:\n"},
           {"Content-Type: multipart/digest; boundary=b\n\n--b\n\n", "a:\n"},
           {"Content-Type: message/rfc822\n\nTo: ", "a:"},
           {"Content-Type: text/plain", ";a=b"},
           {"Content-Type: text/plain; a=b", " a=b"},
           {"Cc: ", "a@b,"},
           {"Cc: ", "a:"},            // groups of addresses in each other
           {"Subject: ", "=?a?b?x"},  // words that never end
           {"Content-Type: message/rfc822\n\nSubject: ", "=?a?b?x"},
           {"", "a:\n"}}) {
    SCOPED_TRACE(begin + more);
    ExpectTold("x.mbox", mailbox(begin, more), "mail_message_too_much", 2, false);
  }
}

TEST(HostileMail, WhatHasNoEnd) {
  const std::string from = "From a@b.example Mon Mar  2 08:00:01 2026\nFrom: a@b.example\nMessage-ID: <1@b.example>\n";
  const std::string good = from + "Subject: needle\n\nx\n";
  ExpectTold("headers.mbox", Times(from, 200'000) + good, "", 2);
  const std::string style = from + "Content-Type: text/html\n\n<style>" + Times("url(", 250'000) + "</style>\n";
  ExpectTold("style.mbox", Times(style, 12) + good, "", 2);
}

// A trace looks for waves of mails: senders without end, each with hosts of its own; waves without end.
TEST(HostileMail, WhatWavesAreLookedForIn) {
  const test::TemporaryFolder folder;
  std::string hosts, waves;
  const auto message = [](size_t i, const std::string& from, const std::string& urls) {
    const std::string number = std::to_string(i);
    return "From a@b.example Mon Mar  2 08:00:01 2026\nFrom: \"Jane Doe, Harbour Post " + from + "\" <n@" + from +
           ".example>\nTo: u" + number + "@org" + std::to_string(i % 3) + ".example\nMessage-ID: <" + number +
           "@m.example>\nDate: Mon, " + (i == 0 ? "02" : "16") +
           " Mar 2026 08:00:01 +0000\nContent-Type: text/html\n\n" + urls + "\n\n";
  };
  for (size_t i = 0; i < 30'000; ++i) {
    const std::string number = std::to_string(1'000'000 + i * 7919), group = std::to_string(i / 6);
    std::string urls;
    for (int k = 0; k < 6; ++k) {
      urls += "<img width=1 height=1 src=http://h" + number + ".x" + std::to_string(k) + ".example/o/a1b2c3d4" +
              number + ".gif>";
    }
    hosts += message(i, "s" + number, urls);
    waves += message(i, "w" + group,
                     "<img width=1 height=1 src=http://t.w" + group + ".example/o/a1b2c3d4" + number + ".gif>");
  }
  test::WriteAll(folder / "hosts.mbox", hosts);
  test::WriteAll(folder / "waves.mbox", waves);
  for (const char* name : {"hosts.mbox", "waves.mbox"}) {
    const Ran ran = test::RunProgram(SPOOR_BINARY, {"trace", folder / name, "-f", "json", "-j", "2"}, 60);
    EXPECT_EQ(ran.code, 0) << ran.Text();
    if (kMemoryCounts) EXPECT_LE(ran.peak, kMaxMemory) << ran.Text();
    const bool told = ran.err.find("waves of tracking mails") != std::string::npos;
    EXPECT_EQ(told, std::string(name) == "waves.mbox") << ran.Text();
  }
}

TEST(HostileTables, HeadersThatLie) {
  std::string names = "Time,Host,Command", types;
  for (size_t i = 0; i < 100'000; ++i) names += ",c" + std::to_string(i);
  ExpectTold("wide.csv", names + "\n2026-01-02 03:04:05,h,needle" + std::string(100'000, ',') + "\n", "wide.csv");
  ExpectTold("short.csv", "Time,Host,Command,More\n" + Times("2026-01-02 03:04:05,h,x,y\n", 40) + "2026,needle\n",
             "csv_row_short", 2);
  std::string fields = "#fields\tts\tuid", count;
  for (size_t i = 0; i < 100'000; ++i) fields += "\tf" + std::to_string(i);
  ExpectTold("wide.log", "#separator \\x09\n#path\tx\n" + fields + "\n1\tneedle\n", "zeek_line");
  ExpectTold("short.log", "#separator \\x09\n#path\tx\n#fields\tts\tuid\tmore\n#types\ttime\n1772438400.0\tneedle\n",
             "zeek_line_short", 2);
  ExpectTold("w3c.log", "#Software: x\n#Fields: " + Times("date time s-ip ", 20'000) + "\n2026-01-02 03:04:05 needle\n",
             "w3c_line");
}

TEST(HostileXml, DepthAndEntities) {
  const std::string head = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>";
  std::string text = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"" + std::string(1000, 'x') + "\">]><Events>";
  text += head + Times("<a>", 300'000) + "</Event>\n";
  text += head + "<Channel>" + Times("&a;", 100'000) + "</Channel></System></Event>\n";
  text += head + "<Channel>" + Times("&#x41;", 100'000) + "</Channel></System></Event>\n";
  text += head + Times("<a b='c' ", 100'000) + "</System></Event>\n";
  text += head + "<Channel>needle</Channel></System></Event>\n</Events>\n";
  ExpectTold("x.xml", text, "xml_", 2);
}

TEST(HostileTimes, FarAway) {
  std::string text;
  const std::vector<std::string> times = {"30000-01-02T03:04:05Z",
                                          "0000-00-00T00:00:00Z",
                                          "-2026-01-02T03:04:05Z",
                                          "9999-12-31T23:59:60Z",
                                          "1601-01-01T00:00:00Z",
                                          "0001-01-01T00:00:00Z",
                                          "2026-02-30T25:61:61Z",
                                          "2026-01-02T03:04:05+99:99",
                                          "2026-01-02T03:04:05." + std::string(1000, '9') + "Z",
                                          std::string(1000, '9'),
                                          ""};
  for (const std::string& time : times) text += "{\"Time\":\"" + time + "\",\"CommandLine\":\"needle\"}\n";
  const std::vector<std::string> numbers = {"1e30",
                                            "-1e30",
                                            "1000000000000000000000000000000",
                                            "-1",
                                            "0",
                                            "1e-400",
                                            "18446744073709551615",
                                            "-9223372036854775808",
                                            "253402300800",
                                            "99999999999999999",
                                            "1e308",
                                            "1e309"};
  for (const std::string& n : numbers) text += "{\"Time\":" + n + ",\"CommandLine\":\"needle\"}\n";
  ExpectTold("times.jsonl", text, "", 1 + times.size() + numbers.size());
  // A correlation and a span of time over them.
  const test::TemporaryFolder folder;
  test::WriteAll(folder / "times.jsonl", text);
  test::WriteAll(folder / "rules.yml",
                 "title: n\nname: n\nlogsource: {category: x}\ndetection: {s: {CommandLine: needle}, condition: s}\n"
                 "---\ntitle: c\ncorrelation: {type: event_count, rules: [n], timespan: 30d, condition: {gte: 2}}\n");
  const Ran ran = test::RunProgram(SPOOR_BINARY, {"hunt", folder / "times.jsonl", "-r", folder / "rules.yml",
                                                  "--logsource", "category=x", "--since", "7d", "-f", "csv"});
  EXPECT_TRUE(ran.code == 0 || ran.code == 1) << ran.Text();
}

}  // namespace
}  // namespace spoor
