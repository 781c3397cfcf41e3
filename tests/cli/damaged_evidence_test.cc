// Some two thousand files of every format, damaged or forged in one place each, through the program as users run it.
// Whatever is in them: the program ends as it says it does, within its memory; what lies before the damage is found,
// and what lies behind it where the format allows; and what is lost is told, with the file's name.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/archives.h"
#include "support/damage.h"
#include "support/event_text.h"
#include "support/hostile.h"
#include "support/read_events.h"
#include "support/run_program.h"

namespace spoor {
namespace {

using test::kMaxMemory;
using test::kMemoryCounts;
using test::MakeSample;
using test::Needle;
using test::Ran;
using test::TextSample;
using test::Variant;

// How a run may end, whatever it was given.
void ExpectGoodEnd(const Ran& ran, const std::string& about) {
  EXPECT_TRUE(ran.code == 0 || ran.code == 1) << about << ": " << ran.Text();
  if (kMemoryCounts) EXPECT_LE(ran.peak, kMaxMemory) << about << ": " << ran.Text();
}

// What a search for all needles gave, by the names of the files.
struct Found {
  Ran ran;
  std::map<std::string, std::set<std::string>> needles;
  std::map<std::string, size_t> events;
  std::set<std::string> told;  // files named as damaged or not read
};

// The values of all `"path":"…"` in a text, of what they say the name of the file below `folder`; an entry of an
// archive is told as its archive.
std::set<std::string> PathsIn(const std::string& text, const std::string& folder) {
  std::set<std::string> paths;
  const std::string key = "\"path\":\"" + folder + "/";
  for (size_t at = 0; (at = text.find(key, at)) != std::string::npos;) {
    at += key.size();
    const std::string path = text.substr(at, text.find('"', at) - at);
    paths.insert(path.substr(0, path.find("!/")));
  }
  return paths;
}

Found SearchNeedles(const std::string& folder, std::vector<std::string> more = {}) {
  Found found;
  std::vector<std::string> arguments = {"search", "needle", folder, "-f", "jsonl", "--stats", "-q", "-j", "2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  found.ran = test::RunProgram(SPOOR_BINARY, arguments);
  const std::string& out = found.ran.out;
  for (size_t at = 0; at < out.size();) {
    const size_t stop = std::min(out.find('\n', at), out.size());
    const std::string line = out.substr(at, stop - at);
    at = stop + 1;
    const std::set<std::string> paths = PathsIn(line.substr(0, line.find("\"event\":")), folder);
    if (paths.empty()) continue;
    ++found.events[*paths.begin()];
    std::set<std::string>& needles = found.needles[*paths.begin()];
    for (size_t n = 0; (n = line.find("needle", n)) != std::string::npos; n += 6) needles.insert(line.substr(n, 8));
  }
  const size_t stats = found.ran.err.rfind("{\"files\":");
  if (stats != std::string::npos) found.told = PathsIn(found.ran.err.substr(stats), folder);
  return found;
}

// A run over many files that ended badly: which of them does it?
void NameTheCulprit(const std::string& folder, const std::vector<std::string>& names,
                    const std::vector<std::string>& whats) {
  for (size_t i = 0; i < names.size(); ++i) {
    ExpectGoodEnd(test::RunProgram(SPOOR_BINARY, {"search", "needle", folder + "/" + names[i], "-q"}, 20), whats[i]);
  }
}

void ExpectGoodEndOfAll(const Found& found, const std::string& folder, const std::vector<std::string>& names,
                        const std::vector<std::string>& whats) {
  ExpectGoodEnd(found.ran, folder);
  if (found.ran.code < 0 || found.ran.code > 1) NameTheCulprit(folder, names, whats);
  ExpectGoodEnd(test::RunProgram(SPOOR_BINARY, {"rules", "coverage", folder, "-f", "json", "-j", "2"}), folder);
}

struct Case {
  TextSample sample;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.sample.name; }

std::string Wide(const std::string& needle, size_t number) {
  return needle + " /a/b c:\\\\d " + std::to_string(1000 + number * 37);
}

std::string Second(size_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string Json(const std::string& needle, size_t n, const std::string& line, const std::string& indent) {
  return "{" + line + indent + "\"Time\": \"2026-01-02T03:04:" + Second(n) + "Z\"," + line + indent +
         "\"EventID\": " + std::to_string(4000 + n) + "," + line + indent + "\"CommandLine\": \"" + Wide(needle, n) +
         "\"," + line + indent + "\"More\": {\"List\": [1, 2.5, {\"a\": null}], \"Text\": \"}{][\"}" + line +
         (indent.empty() ? "" : indent.substr(1)) + "}";
}

std::string Xml(const std::string& needle, size_t n) {
  return "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider "
         "Name='Microsoft-Windows-Sysmon'/><EventID>1</EventID><TimeCreated SystemTime='2026-03-04T05:06:" +
         Second(n) + ".125Z'/><EventRecordID>" + std::to_string(1000 + n) +
         "</EventRecordID><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>ws1</Computer></System>"
         "<EventData><Data Name='Image'>C:\\x.exe</Data><Data Name='CommandLine'>" +
         needle + " &lt;a&gt;</Data></EventData></Event>";
}

// One of each format, and of each arrangement that is read its own way.
std::vector<Case> Cases() {
  const std::string zeek =
      "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n"
      "#fields\tts\tuid\tid.orig_h\tid.orig_p\turi\tstatus_code\n#types\ttime\tstring\taddr\tport\tstring\tcount\n";
  const std::string w3c =
      "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-03-02 08:00:00\n"
      "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip sc-status time-taken\n";
  const auto json_line = [](const std::string& needle, size_t n) { return Json(needle, n, "", "") + "\n"; };
  const auto table = [](const std::string& needle, size_t n) {
    return "2026-03-02 08:00:" + Second(n) + ",host" + std::to_string(n) + ",\"" + needle + ", \"\"said\"\" x\"," +
           std::to_string(n * 7) + ",ok\n";
  };
  const std::string table_head = "Timestamp,Host Name,Command Line,Process ID,Result\n";
  const auto xml_line = [](const std::string& needle, size_t n) { return Xml(needle, n) + "\r\n"; };
  std::vector<Case> cases = {
      {MakeSample("json-lines", "jsonl", "", json_line)},
      {MakeSample(
          "json-list", "json", "[\n",
          [](const std::string& needle, size_t n) { return "  " + Json(needle, n, "", "") + (n < 11 ? ",\n" : "\n"); },
          "]\n")},
      {MakeSample(
          "json-list-one-line", "json", "[",
          [](const std::string& needle, size_t n) { return Json(needle, n, "", "") + (n < 11 ? "," : ""); }, "]")},
      {MakeSample(
          "json-list-indented", "json", "[\n",
          [](const std::string& needle, size_t n) {
            return "  " + Json(needle, n, "\n", "    ") + (n < 11 ? ",\n" : "\n");
          },
          "]\n")},
      {MakeSample("json-indented", "json", "",
                  [](const std::string& needle, size_t n) { return Json(needle, n, "\n", "  ") + "\n"; })},
      {MakeSample(
          "json-wrapped", "json", "{\"@odata.context\": \"x\", \"value\": [",
          [](const std::string& needle, size_t n) { return Json(needle, n, "", "") + (n < 11 ? ", " : ""); },
          "], \"count\": 12}\n")},
      {MakeSample("evtx-dump", "json", "",
                  [](const std::string& needle, size_t n) {
                    return "Record " + std::to_string(n + 1) + "\n" + Json(needle, n, "\n", "  ") + "\n";
                  })},
      {MakeSample("xml-lines", "xml", "", xml_line)},
      {MakeSample("xml-root", "xml", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Events>\n", Xml, "</Events>\n")},
      {MakeSample("syslog-bsd", "log", "",
                  [](const std::string& needle, size_t n) {
                    return "Oct 11 22:14:" + Second(n) + " web1 sshd[9]: Failed password for " + needle +
                           " from 192.0.2.1 port 2022 ssh2\n";
                  })},
      {MakeSample("syslog-5424", "log", "",
                  [](const std::string& needle, size_t n) {
                    return "<86>1 2026-10-11T22:14:" + Second(n) + ".123Z web1 app 9 - [x@1 y=\"" + needle +
                           "\" z=\"\\\"]\"] Server listening on port 22.\n";
                  })},
      {MakeSample("auditd", "log", "",
                  [](const std::string& needle, size_t n) {
                    const std::string id = "msg=audit(1714990272.1" + Second(n) + ":" + std::to_string(500 + n) + "): ";
                    return "type=SYSCALL " + id +
                           "arch=c000003e syscall=59 success=yes exit=0 ppid=900 pid=901 auid=1001 "
                           "uid=0 comm=\"" +
                           needle + "\" exe=\"/usr/bin/wget\" key=(null)\n";
                  })},
      {MakeSample("dns-debug", "log", "DNS Server log file creation at 5/6/2026 10:00:00 AM\n\n",
                  [](const std::string& needle, size_t n) {
                    return "5/6/2026 10:11:" + Second(n) +
                           " PM 0E9C PACKET  00000042F7C6E310 UDP Rcv 192.0.2.5       "
                           "2a3f   Q [0001   D   NOERROR] TXT    (8)" +
                           needle + "(7)example(0)\n";
                  })},
      {MakeSample("zeek", "log", zeek,
                  [](const std::string& needle, size_t n) {
                    return "17724384" + Second(n) + ".0\tCddDd" + std::to_string(n) + "\t192.0.2.10\t51000\t/" +
                           needle + "?a=b\t200\n";
                  })},
      {MakeSample("access", "log", "",
                  [](const std::string& needle, size_t n) {
                    return "203.0.113.9 - jane [02/Mar/2026:08:00:" + Second(n) + " +0100] \"GET /" + needle +
                           "?a=%20 HTTP/1.1\" 200 2326 \"-\" \"curl \\\"8\\\"\"\n";
                  })},
      {MakeSample("apache-errors", "log", "",
                  [](const std::string& needle, size_t n) {
                    return "[Mon Mar 02 08:00:" + Second(n) +
                           ".123456 2026] [php:error] [pid 4711] [client "
                           "203.0.113.9:51234] File does not exist: /var/www/" +
                           needle + "\n";
                  })},
      {MakeSample("squid", "log", "",
                  [](const std::string& needle, size_t n) {
                    return "17724384" + Second(n) + ".456    120 192.0.2.10 TCP_MISS/200 4096 GET http://a.example/" +
                           needle + " jane HIER_DIRECT/203.0.113.5 text/html\n";
                  })},
      {MakeSample("w3c", "log", w3c,
                  [](const std::string& needle, size_t n) {
                    return "2026-03-02 08:00:" + Second(n) + " 192.0.2.80 GET /" + needle +
                           " a=b&c=d 443 203.0.113.9 200 15\n";
                  })},
      {MakeSample(
          "nfdump", "log",
          "Date first seen          Duration Proto      Src IP Addr:Port          Dst IP Addr:Port   Packets    "
          "Bytes Flows\n",
          [](const std::string& needle, size_t n) {
            return "2026-03-02 08:00:" + Second(n) + ".123     0.512 " + needle +
                   "  192.0.2.7:50000 ->     203.0.113.9:443         12    1.2 M     1\n";
          })},
      {MakeSample("journal-export", "export", "",
                  [](const std::string& needle, size_t n) {
                    return "__REALTIME_TIMESTAMP=17726007" + Second(n) + "123456\n_HOSTNAME=web1\nMESSAGE=" + needle +
                           "\n\n";
                  })},
      {MakeSample("shell-history", "history", "",
                  [](const std::string& needle, size_t n) {
                    return "#17675712" + Second(n) + "\ncurl -O http://a.example/" + needle + "\n";
                  })},
      {MakeSample("mbox", "mbox", "",
                  [](const std::string& needle, size_t n) {
                    return "From a@b.example Mon Mar  2 08:00:" + Second(n) +
                           " 2026\nReturn-Path: <a@b.example>\nMessage-ID: <" + std::to_string(n) +
                           "@b.example>\nFrom: A <a@b.example>\nTo: c@d.example\nSubject: " + needle +
                           "\nDate: Mon, 2 Mar 2026 08:00:" + Second(n) + " +0000\n\nHello, see http://a.example/x\n\n";
                  })},
      {MakeSample("csv", "csv", table_head, table)},
      {MakeSample("cisco", "log", "",
                  [](const std::string& needle, size_t n) {
                    return "10.20.0.1 1" + Second(n) + ": Mar  4 2026 09:15:" + Second(n) +
                           ".101: %PARSER-5-CFGLOG_LOGGEDCMD: User:adm.lind  logged command:" + needle + "\n";
                  })},
  };
  for (Case& c : cases)
    c.sample.lines = c.sample.ending == "log" || c.sample.ending == "csv" || c.sample.name.ends_with("-lines");
  for (const char* name : {"json-lines", "csv", "xml-lines"}) {
    for (size_t i = 0; i < cases.size(); ++i) {
      if (cases[i].sample.name != name) continue;
      cases.push_back(cases[i]);
      cases.back().sample.name += "-utf16";
      cases.back().sample.utf16 = true;
    }
  }
  return cases;
}

bool Overlap(size_t a_from, size_t a_to, size_t b_from, size_t b_to) { return a_from < b_to && b_from < a_to; }

class DamagedText : public testing::TestWithParam<Case> {};

TEST_P(DamagedText, EndsWellKeepsTheRestAndTellsWhatIsLost) {
  const TextSample& sample = GetParam().sample;
  const std::string text = sample.Text();
  std::vector<Variant> variants = {{"as it is", text, text.size(), text.size(), true, false}};
  for (Variant& v : test::DamagedVariants(sample, 42, 7)) variants.push_back(std::move(v));
  for (Variant& v : test::HostileVariants(sample, 8)) variants.push_back(std::move(v));
  const test::TemporaryFolder folder;
  std::vector<std::string> names, whats;
  for (size_t i = 0; i < variants.size(); ++i) {
    names.push_back(std::to_string(1000 + i) + "." + sample.ending);
    whats.push_back(variants[i].what);
    test::WriteAll(folder / names.back(), sample.utf16 ? test::Utf16File(variants[i].text) : variants[i].text);
  }
  Found found = SearchNeedles(folder.path());
  ExpectGoodEndOfAll(found, folder.path(), names, whats);
  for (size_t i = 0; i < variants.size(); ++i) {
    const Variant& v = variants[i];
    SCOPED_TRACE(v.what + " (" + names[i] + "), " + std::to_string(found.events[names[i]]) + " events" +
                 (found.told.contains(names[i]) ? ", told" : ", not told"));
    if (i == 0) EXPECT_EQ(found.events[names[i]], sample.records.size());
    if (v.too_much) EXPECT_TRUE(found.told.contains(names[i]));
    for (size_t r = 0; r < sample.records.size(); ++r) {
      if (found.needles[names[i]].contains(Needle(r))) continue;
      const size_t begin = sample.Begin(r), end = sample.End(r);
      const size_t needle = begin + sample.records[r].find(Needle(r));
      const bool before = end <= v.from;
      // Where records are no lines, what is put in right before one may swallow it.
      const bool behind = sample.lines ? begin > v.to || (begin == v.to && v.clean) : begin > v.to + 8;
      if (v.from >= sample.head.size() && (before || behind)) {
        ADD_FAILURE() << Needle(r) << " is not found, though it lies " << (before ? "before" : "behind")
                      << " the damage";
      } else if (v.from < sample.head.size() && v.to > sample.head.size()) {
        continue;                                              // a record that has become part of a header line
      } else if (v.from >= needle + 8 || v.to + 8 < needle) {  // else the value itself has changed
        EXPECT_TRUE(found.told.contains(names[i])) << Needle(r) << " is lost, and nothing says so";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, DamagedText, testing::ValuesIn(Cases()), [](const auto& info) {
  std::string name = info.param.sample.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(DamagedEvtx, WholeChunksAreReadAndTheRestIsTold) {
  std::string text =
      "log: Microsoft-Windows-Sysmon/Operational\nprovider: Microsoft-Windows-Sysmon\nfile: records-per-chunk=9\n";
  constexpr size_t kRecords = 36;
  for (size_t i = 0; i < kRecords; ++i) {
    text += "event 1 2026-01-02T03:04:05Z\n  Image: C:\\x.exe\n  CommandLine: " + Needle(i) + "\n";
  }
  const std::string file = *test::MakeEvtx(text);
  const std::vector<test::DamagedFile> variants = test::DamagedVariants(file, 150, 11);
  const test::TemporaryFolder folder;
  std::vector<std::string> names, whats;
  for (size_t i = 0; i < variants.size(); ++i) {
    names.push_back(std::to_string(1000 + i) + ".evtx");
    whats.push_back(variants[i].what);
    test::WriteAll(folder / names.back(), variants[i].bytes);
  }
  Found found = SearchNeedles(folder.path());
  ExpectGoodEndOfAll(found, folder.path(), names, whats);
  for (size_t i = 0; i < variants.size(); ++i) {
    SCOPED_TRACE(variants[i].what + " (" + names[i] + ")" + (found.told.contains(names[i]) ? ", told" : ", not told"));
    std::set<size_t> whole;
    for (const test::IntactChunk& chunk : variants[i].intact) whole.insert(chunk.chunk);
    size_t lost = 0;
    for (size_t r = 0; r < kRecords; ++r) {
      if (found.needles[names[i]].contains(Needle(r))) continue;
      ++lost;
      // A file that lost its first bytes is none of these any more.
      if (variants[i].bytes.size() > 4096 && variants[i].bytes.starts_with("ElfFile")) {
        EXPECT_FALSE(whole.contains(r / 9)) << Needle(r) << " lies in a whole chunk";
      }
    }
    // Chunks that are gone as a whole, or empty, are not told: logs have such.
    const bool whole_chunks = variants[i].bytes.size() % 65536 == 4096 || variants[i].what.find("zeroed") < 30;
    if (lost > 0 && !whole_chunks)
      EXPECT_TRUE(found.told.contains(names[i])) << lost << " records are lost, and nothing says so";
  }
}

struct ArchiveForm {
  const char* name;
  const char* format;  // "": compressed, no archive
  const char* filter;
  const char* options;
};
class DamagedArchive : public testing::TestWithParam<ArchiveForm> {};

// A line of a log that does not compress to nothing.
std::string LogLine(size_t n, size_t i) {
  uint64_t noise = (n * 1000 + i) * 0x9e3779b97f4a7c15u;
  noise ^= noise >> 29;
  noise *= 0xbf58476d1ce4e5b9u;
  return "{\"Time\": \"2026-01-02T03:04:05Z\", \"EventID\": " + std::to_string(i) + ", \"CommandLine\": \"" +
         (i == 0 ? Needle(n) : "x") + "\", \"Hash\": \"" + std::to_string(noise) + "\"}\n";
}

TEST_P(DamagedArchive, EndsWellKeepsWhatIsBeforeAndTellsWhatIsLost) {
  const auto [name, format, filter, options] = GetParam();
  constexpr size_t kMembers = 6;
  std::vector<test::Member> members;
  std::string all;
  std::vector<size_t> ends;  // of members in the archive, where that can be known
  for (size_t n = 0; n < kMembers; ++n) {
    std::string log;
    for (size_t i = 0; i < 12; ++i) log += LogLine(n, i);
    all += log;
    members.push_back({"logs/" + std::to_string(n) + ".jsonl", log});
    if (std::string_view(format) == "zip")
      ends.push_back(test::MakeArchive("zip", members, "", options).find("PK\1\2"));
  }
  const bool archive = *format != '\0';
  const std::string whole =
      archive ? test::MakeArchive(format, members, filter, options) : test::Compressed(filter, all);
  if (std::string_view(format) == "pax" && *filter == '\0') {
    for (const test::Member& m : members) ends.push_back(whole.find(m.data) + m.data.size());
  }
  TextSample sample;
  sample.records = {whole};
  std::vector<Variant> variants = {{"as it is", whole, whole.size(), whole.size(), true, false}};
  for (Variant& v : test::DamagedVariants(sample, 42, 9)) variants.push_back(std::move(v));
  const test::TemporaryFolder folder;
  std::vector<std::string> names, whats;
  for (size_t i = 0; i < variants.size(); ++i) {
    names.push_back(std::to_string(1000 + i) + "." + name);
    whats.push_back(variants[i].what);
    test::WriteAll(folder / names.back(), variants[i].text);
  }
  Found found = SearchNeedles(folder.path());
  ExpectGoodEndOfAll(found, folder.path(), names, whats);
  EXPECT_EQ(found.events[names[0]], kMembers);
  for (size_t i = 0; i < variants.size(); ++i) {
    const Variant& v = variants[i];
    SCOPED_TRACE(v.what + " (" + names[i] + ")");
    const bool told = found.told.contains(names[i]);
    for (size_t n = 0; n < kMembers; ++n) {
      if (found.needles[names[i]].contains(Needle(n))) continue;
      // libarchive gives up an entry of a zip whose end is not followed by as much as may follow one.
      constexpr size_t kBehind = 24;
      if (n < ends.size() && v.from >= 512)
        EXPECT_GT(ends[n] + kBehind, v.from) << Needle(n) << " lies before the damage";
      const size_t needle = whole.find(Needle(n));
      if (v.text.size() == whole.size() && needle != std::string::npos && Overlap(v.from, v.to, needle, needle + 8))
        continue;
      // What libarchive writes as zstd has no checksum.
      if (std::string_view(filter) != "zstd") EXPECT_TRUE(told) << Needle(n) << " is lost, and nothing says so";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, DamagedArchive,
                         testing::Values(ArchiveForm{"zip", "zip", "", ""},
                                         ArchiveForm{"stored.zip", "zip", "", "zip:compression=store"},
                                         ArchiveForm{"7z", "7zip", "", ""},
                                         ArchiveForm{"copy.7z", "7zip", "", "7zip:compression=copy"},
                                         ArchiveForm{"tar", "pax", "", ""}, ArchiveForm{"tar.gz", "gnutar", "gzip", ""},
                                         ArchiveForm{"tar.xz", "ustar", "xz", ""}, ArchiveForm{"gz", "", "gzip", ""},
                                         ArchiveForm{"bz2", "", "bzip2", ""}, ArchiveForm{"xz", "", "xz", ""},
                                         ArchiveForm{"zst", "", "zstd", ""}, ArchiveForm{"lz4", "", "lz4", ""},
                                         ArchiveForm{"cpio", "newc", "", ""}),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace spoor
