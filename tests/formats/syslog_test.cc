// What stands around a message, which year it is from, and what it says.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <sstream>
#include <string>

#include "base/time.h"
#include "formats/syslog/envelope.h"
#include "formats/syslog/format.h"
#include "formats/syslog/pattern.h"
#include "formats/syslog/programs.h"
#include "formats/syslog/structured.h"

namespace spoor::syslog {
namespace {

constexpr int64_t kHour = int64_t{3600} * 1000000, kDay = 24 * kHour;

int64_t At(std::string_view time) { return ParseTime(time).value(); }

std::string TimeOf(std::string_view text, std::string_view reference, int32_t utc_offset = 0) {
  Stamp stamp;
  if (ReadMonthStamp(text, &stamp) == 0 && ReadIsoStamp(text, &stamp) == 0) return "no stamp";
  return FormatTime(YearRule(At(reference)).TimeOf(stamp, utc_offset));
}

TEST(SyslogYear, NewestThatIsNotAfterTheReferencePlusADay) {
  EXPECT_EQ(TimeOf("Oct 11 22:14:15", "2024-10-12T00:00:00Z"), "2024-10-11T22:14:15.000000Z");
  EXPECT_EQ(TimeOf("Oct 11 22:14:15", "2024-10-11T00:00:00Z"), "2024-10-11T22:14:15.000000Z");  // within the day
  EXPECT_EQ(TimeOf("Oct 11 22:14:15", "2024-10-10T00:00:00Z"), "2023-10-11T22:14:15.000000Z");
  EXPECT_EQ(TimeOf("Dec 31 23:59:59", "2024-01-02T08:00:00Z"), "2023-12-31T23:59:59.000000Z");
  EXPECT_EQ(TimeOf("Jan  1 00:00:01", "2023-12-31T23:59:00Z"), "2024-01-01T00:00:01.000000Z");
  EXPECT_EQ(TimeOf("Jan  2 00:00:01", "2023-12-31T20:00:00Z"), "2023-01-02T00:00:01.000000Z");
}

TEST(SyslogYear, LeapDayIsOfTheNewestYearThatHasOne) {
  EXPECT_EQ(TimeOf("Feb 29 12:00:00", "2024-03-01T00:00:00Z"), "2024-02-29T12:00:00.000000Z");
  EXPECT_EQ(TimeOf("Feb 29 12:00:00", "2026-03-01T00:00:00Z"), "2024-02-29T12:00:00.000000Z");
  EXPECT_EQ(TimeOf("Feb 29 12:00:00", "2024-02-27T00:00:00Z"), "2020-02-29T12:00:00.000000Z");
  EXPECT_EQ(TimeOf("Feb 29 12:00:00", "1903-03-01T00:00:00Z"), "1896-02-29T12:00:00.000000Z");  // 1900 had none
}

TEST(SyslogYear, ZonesMoveTheLine) {
  EXPECT_EQ(TimeOf("Jan  1 00:30:00", "2024-01-01T00:00:00Z", 3600), "2023-12-31T23:30:00.000000Z");
  EXPECT_EQ(TimeOf("Dec 31 23:30:00", "2024-01-01T06:00:00Z", -5 * 3600), "2024-01-01T04:30:00.000000Z");
  EXPECT_EQ(TimeOf("2024-10-11T22:14:15.5+02:00", "2000-01-01T00:00:00Z", 3600), "2024-10-11T20:14:15.500000Z");
  EXPECT_EQ(TimeOf("2024-10-11T22:14:15-0530", "2000-01-01T00:00:00Z"), "2024-10-12T03:44:15.000000Z");
  EXPECT_EQ(TimeOf("2024-10-11T22:14:15", "2000-01-01T00:00:00Z", 3600), "2024-10-11T21:14:15.000000Z");
}

TEST(SyslogYear, StampsAsDevicesWriteThem) {
  for (const char* text : {"Oct  1 02:03:04", "Oct 1 02:03:04", "Oct 01 02:03:04", "Oct  1 2024 02:03:04",
                           "Oct 1 02:03:04 2024", "Oct  1 02:03:04.000", "Oct  1 02:03:04 UTC:"}) {
    EXPECT_EQ(TimeOf(text, "2024-10-02T00:00:00Z"), "2024-10-01T02:03:04.000000Z") << text;
  }
  for (const char* text :
       {"Okt  1 02:03:04", "Oct 32 02:03:04", "Oct  0 02:03:04", "Oct  1 24:03:04", "Oct  1 02:63:04", "Oct  1 2:03:04",
        "Oct  1", "oct  1 02:03:04", "2024-02-30T00:00:00", "2024-13-01T00:00:00"}) {
    EXPECT_EQ(TimeOf(text, "2024-10-02T00:00:00Z"), "no stamp") << text;
  }
}

TEST(SyslogYear, ReferenceIsTheDateInTheNameThenTheFilesTimeThenNow) {
  const Stamp june = [] {
    Stamp s;
    ReadMonthStamp("Jun 10 00:00:00", &s);
    return s;
  }();
  const int64_t now = At("2026-01-01T00:00:00Z");
  FileFacts facts;
  EXPECT_EQ(ToCivil(YearRule(nullptr, now).TimeOf(june, 0)).year, 2025);
  EXPECT_EQ(ToCivil(YearRule(&facts, now).TimeOf(june, 0)).year, 2025);
  facts.modified = At("2023-07-01T00:00:00Z");
  EXPECT_EQ(ToCivil(YearRule(&facts, now).TimeOf(june, 0)).year, 2023);
  facts.path = "/var/log/2019-01-01/messages-20200701.gz";
  EXPECT_EQ(ToCivil(YearRule(&facts, now).TimeOf(june, 0)).year, 2020);
}

TEST(SyslogYear, DatesInNames) {
  for (const char* name : {"messages-20240303", "auth.log.2024-03-03.gz", "a/fw_2024_03_03_extra.log",
                           "x20240303101112.log", "10.0.0.1-2024.03.03", "20240101-20240303.log", "fw-2024030310"}) {
    EXPECT_EQ(DateInName(name), At("2024-03-03T00:00:00Z")) << name;
  }
  for (const char* name : {"messages", "auth.log.1", "2024-03-03/auth.log", "4711202403030", "20241303", "20230229",
                           "123456789012345", "2024-03.03", "v2024"}) {
    EXPECT_EQ(DateInName(name), 0) << name;
  }
}

std::string Shown(const Envelope& e) {
  std::string out;
  const auto add = [&](const char* name, std::string_view value) {
    if (!value.empty()) out += std::string(name) + "=" + std::string(value) + " ";
  };
  if (e.time != 0) add("time", FormatTime(e.time).substr(0, 19));
  add("facility", e.facility);
  add("severity", e.severity);
  add("host", e.host);
  add("program", e.program);
  add("pid", e.pid);
  add("id", e.message_id);
  add("data", e.structured);
  return out + "| " + std::string(e.message);
}

std::string Read(std::string_view line) { return Shown(ReadEnvelope(line, YearRule(At("2024-12-01T00:00:00Z")), 0)); }

TEST(SyslogEnvelope, FormsOfTheBsdProtocol) {
  EXPECT_EQ(Read("<34>Oct 11 22:14:15 web1 su[12]: hello there"),
            "time=2024-10-11T22:14:15 facility=auth severity=crit host=web1 program=su pid=12 | hello there");
  EXPECT_EQ(Read("Oct  1 22:14:15 web1 kernel: [ 1.2] x"),
            "time=2024-10-01T22:14:15 host=web1 program=kernel | [ 1.2] x");
  EXPECT_EQ(Read("Oct 1 22:14:15 sudo:   bob : TTY=pts/0"), "time=2024-10-01T22:14:15 program=sudo | bob : TTY=pts/0");
  EXPECT_EQ(Read("Oct 11 2023 22:14:15 fe80::1 a/b[c-1]: x"),
            "time=2023-10-11T22:14:15 host=fe80::1 program=a/b pid=c-1 | x");
  EXPECT_EQ(Read("Oct 11 22:14:15 web1 last message repeated 2 times"),
            "time=2024-10-11T22:14:15 host=web1 | last message repeated 2 times");
  EXPECT_EQ(Read("Oct 11 22:14:15 web1 sshd(pam_unix)[7]: x"),
            "time=2024-10-11T22:14:15 host=web1 program=sshd(pam_unix) pid=7 | x");
  EXPECT_EQ(Read("Oct 11 22:14:15 web1 prog[]: x"), "time=2024-10-11T22:14:15 host=web1 | prog[]: x");
  EXPECT_EQ(Read("Oct 11 22:14:15 web1 a: "), "time=2024-10-11T22:14:15 host=web1 program=a | ");
  EXPECT_EQ(Read("sshd[12]: x"), "program=sshd pid=12 | x");
  EXPECT_EQ(Read("<13>prog: x"), "facility=user severity=notice program=prog | x");
  EXPECT_EQ(Read("<999>prog: x"), "program=prog | x");
  EXPECT_EQ(Read("note: x"), "| note: x");
  EXPECT_EQ(Read(""), "| ");
  EXPECT_EQ(Read("<34>"), "facility=auth severity=crit | ");
}

TEST(SyslogEnvelope, FormsOfRfc5424) {
  EXPECT_EQ(
      Read("<165>1 2024-10-11T22:14:15.003+01:00 web1 app 12 ID47 [a@1 b=\"c]\\\"d\"][e f=\"g\"] \xef\xbb\xbfhello"),
      "time=2024-10-11T21:14:15 facility=local4 severity=notice host=web1 program=app pid=12 id=ID47 "
      "data=[a@1 b=\"c]\\\"d\"][e f=\"g\"] | hello");
  EXPECT_EQ(Read("<14>1 - - - - - -"), "facility=user severity=info | ");
  EXPECT_EQ(Read("<14>1 - web1 app - - - x"), "facility=user severity=info host=web1 program=app | x");
  EXPECT_EQ(Read("<14>1 - web1 app - - [a b=\"c x"), "facility=user severity=info host=web1 program=app | [a b=\"c x");
  EXPECT_EQ(Read("57 <14>1 - web1 app - - - x"), "facility=user severity=info host=web1 program=app | x");
}

TEST(SyslogEnvelope, FormsOfOthers) {
  EXPECT_EQ(Read("2024-10-11T22:14:15.5+0200 web1 app[1]: x"),
            "time=2024-10-11T20:14:15 host=web1 program=app pid=1 | x");
  EXPECT_EQ(Read("Mon Oct 14 10:22:11 2024 daemon.warn dnsmasq[1]: x"),
            "time=2024-10-14T10:22:11 facility=daemon severity=warning program=dnsmasq pid=1 | x");
  EXPECT_EQ(Read("Mon 2024-10-14 10:22:11 CEST web1 app[1]: x"),
            "time=2024-10-14T10:22:11 host=web1 program=app pid=1 | x");
  EXPECT_EQ(Read("1728901331.250000 web1 app[1]: x"), "time=2024-10-14T10:22:11 host=web1 program=app pid=1 | x");
  EXPECT_EQ(Read("14-Oct-2024 10:22:11.5 queries: info: client x: y"),
            "time=2024-10-14T10:22:11 program=named | client x: y");
  EXPECT_EQ(Read("[   12.345678] usb 1-1: new"), "program=kernel | usb 1-1: new");
  EXPECT_EQ(Read("[   12.345678] web1 app[1]: x"), "host=web1 program=app pid=1 | x");
  EXPECT_EQ(Read("[Mon Oct 14 10:22:11 2024] x y"), "time=2024-10-14T10:22:11 program=kernel | x y");
  EXPECT_EQ(Read("[Mon Oct 14 10:22:11 2024] [error] [client 192.0.2.1] x"),
            "| [Mon Oct 14 10:22:11 2024] [error] [client 192.0.2.1] x");
  EXPECT_EQ(Read("Oct 11 2024 22:14:15: %ASA-6-302013: Built"), "time=2024-10-11T22:14:15 | %ASA-6-302013: Built");
  EXPECT_EQ(Read("Oct 11 22:14:15 fw1 : %ASA-6-302013: Built"),
            "time=2024-10-11T22:14:15 host=fw1 | %ASA-6-302013: Built");
  EXPECT_EQ(Read("Oct 11 22:14:15 fw1 CEF:0|a|b"), "time=2024-10-11T22:14:15 host=fw1 | CEF:0|a|b");
  EXPECT_EQ(Read("<189>date=2024-10-11 time=01:02:03"),
            "facility=local7 severity=notice | date=2024-10-11 time=01:02:03");
}

// Lines made at random, read by a regular expression that says the same in the plain way.
TEST(SyslogEnvelope, SameAsARegularExpression) {
  const std::regex plain(
      "(?:<(\\d{1,3})>)?([A-Z][a-z]{2}) {1,2}(\\d{1,2}) (\\d\\d:\\d\\d:\\d\\d) "
      "(?:([^ \\[\\]{}\"=:%][^ :\\[\\]{}\"=]*) )?([A-Za-z0-9_./()@+#~$,-]*[A-Za-z_./()@+#~$,-][A-Za-z0-9_./()@+#~$,-]*)"
      "(?:\\[([A-Za-z0-9_.-]{1,31})\\](?:: *| +|$)|:(?: +|$))(.*)");
  std::mt19937 random(4711);
  const auto pick = [&](std::initializer_list<const char*> of) {
    return std::string(of.begin()[random() % of.size()]);
  };
  int full = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string line = pick({"", "<34>", "<191>", "<0>"});
    line += pick({"Jan", "Feb", "Oct", "Dec"}) + pick({"  1", " 11", " 28", " 9"}) +
            pick({" 00:00:00", " 23:59:59", " 12:30:01"}) + ' ';
    line += pick({"", "web1 ", "192.0.2.7 ", "a-b.c ", "fw_1 "});
    line += pick({"sshd", "CRON", "a/b", "x.y", "postfix/smtpd", "sshd(pam_unix)", "1"}) +
            pick({"", "[1]", "[4711]", "[a-b]", "[]", "[ 1]", "["}) + pick({":", ": ", ":  ", " ", "", ":x"});
    line += pick({"", "message", "two words", "a: b", "[1]: x", "x=1 y=2", "\xff\xfe"});
    std::smatch m;
    const Envelope e = ReadEnvelope(line, YearRule(At("2024-12-30T00:00:00Z")), 0);
    if (!std::regex_match(line, m, plain)) {
      EXPECT_TRUE(e.program.empty()) << line << "\n" << Shown(e);
      continue;
    }
    ++full;
    EXPECT_EQ(e.host, m[5].str()) << line;
    EXPECT_EQ(e.program, m[6].str()) << line;
    EXPECT_EQ(e.pid, m[7].str()) << line;
    EXPECT_EQ(e.message, m[8].str()) << line;
    EXPECT_EQ(e.facility.empty(), !m[1].matched) << line;
    static const std::string kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char time[40];
    std::snprintf(time, sizeof time, "2024-%02d-%02dT%sZ", static_cast<int>(kMonths.find(m[2].str()) / 3 + 1),
                  std::stoi(m[3].str()), m[4].str().c_str());
    EXPECT_EQ(e.time, At(time)) << line;
  }
  EXPECT_GT(full, 5000);
}

std::string Match(std::string_view pattern, std::string_view message) {
  const auto compiled = Pattern::Compile(pattern);
  if (!compiled.ok()) return std::string(compiled.status().message().data(), compiled.status().message().size());
  std::string_view values[kMaxCaptures];
  size_t end = 0;
  if (!compiled->Match(message, values, &end)) return "no";
  std::string out;
  for (size_t i = 0; i < compiled->fields().size(); ++i)
    out += compiled->fields()[i] + "=" + std::string(values[i]) + ";";
  return out + std::to_string(end);
}

TEST(SyslogPattern, Words) {
  EXPECT_EQ(Match("a {x} b", "a 1 b"), "x=1;5");
  EXPECT_EQ(Match("a {x} b", "a 1 c"), "no");
  EXPECT_EQ(Match("a {x} b", "a 1 2 b"), "no");
  EXPECT_EQ(Match("a {x} b", "a  b"), "no");
  EXPECT_EQ(Match("a {x?} b", "a  b"), "x=;4");
  EXPECT_EQ(Match("{x}, {y}", "1, 2 more"), "x=1;y=2;4");
  EXPECT_EQ(Match("from {ip}:{port}", "from 2001:db8::1:22 x"), "ip=2001:db8::1;port=22;19");
  EXPECT_EQ(Match("[{x}]", "[a]"), "x=a;3");
  EXPECT_EQ(Match("{} {x}", "a b"), "x=b;3");
  EXPECT_EQ(Match("{x}", ""), "no");
  EXPECT_EQ(Match("{x}", "word more"), "x=word;4");
}

TEST(SyslogPattern, AnyText) {
  EXPECT_EQ(Match("for {u*} from {ip} port {p}", "for root from 192.0.2.1 port 22 ssh2"),
            "u=root;ip=192.0.2.1;p=22;31");
  // Whoever chooses his name does not choose where he comes from.
  EXPECT_EQ(Match("for {u*} from {ip} port {p}", "for x from 198.51.100.1 port 1 from 192.0.2.1 port 22 ssh2"),
            "u=x from 198.51.100.1 port 1;ip=192.0.2.1;p=22;53");
  EXPECT_EQ(Match("for {u*} from {ip} port {p}", "for  from 192.0.2.1 port 22"), "u=;ip=192.0.2.1;p=22;27");
  EXPECT_EQ(Match("{a~} ; {b~} ; {c*}", "1 ; 2 ; 3 ; 4"), "a=1;b=2;c=3 ; 4;13");
  EXPECT_EQ(Match("x {rest*}", "x "), "rest=;2");
  EXPECT_EQ(Match("{p~} {>}IN=", "drop it: IN=eth0"), "p=drop it:;9");
}

TEST(SyslogPattern, MistakesAreNamed) {
  EXPECT_EQ(Match("a {x", ""), "a brace that does not close in: a {x");
  EXPECT_EQ(Match("{x}{y}", ""), "two fields side by side in: {x}{y}");
  EXPECT_EQ(Match("{x} {x}", ""), "a field named twice in: {x} {x}");
  EXPECT_EQ(Match("", ""), "nothing in: ");
  EXPECT_EQ(Match("{>}a {x}", ""), "a field behind {>} in: a {x}");
}

TEST(SyslogPattern, HostileMessagesCostLittle) {
  std::string message;
  for (int i = 0; i < 100000; ++i) message += " from a";
  for (const ProgramRules& p : Programs::Get().all()) {
    std::string_view values[kMaxCaptures];
    size_t end = 0;
    (void)p.Match("Failed password for" + message, values, &end);
    (void)p.Match("{*}" + message, values, &end);
  }
}

TEST(SyslogPrograms, NamesAsLinesHaveThem) {
  const Programs& programs = Programs::Get();
  const auto name = [&](std::string_view program) {
    const ProgramRules* p = programs.Find(program);
    return p == nullptr ? "none" : p->name;
  };
  EXPECT_EQ(name("sshd"), "sshd");
  EXPECT_EQ(name("sshd(pam_unix)"), "sshd");
  EXPECT_EQ(name("/usr/sbin/CRON"), "cron");
  EXPECT_EQ(name("postfix/smtpd"), "postfix");
  EXPECT_EQ(name("-bash"), "linux");
  EXPECT_EQ(name("ovpn-server1"), "openvpn");
  EXPECT_EQ(name("nobody-knows-it"), "none");
  EXPECT_EQ(name("/"), "none");
  EXPECT_EQ(name("("), "none");
}

// Everything a file says, in short.
struct Collect : Sink {
  size_t events = 0, damage = 0, named = 0;
  void OnEvent(const Event& event) override {
    ++events;
    named += event.shape->fields.size() > 10;
  }
  void OnDamage(const Damage&) override { ++damage; }
  void ShapesDropped() override {}
};

bool Recognised(std::string_view text) {
  return kFormat.recognise(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

TEST(SyslogFormat, RecognisedByContent) {
  EXPECT_TRUE(Recognised("Oct 11 22:14:15 web1 sshd[1]: x\nOct 11 22:14:16 web1 kernel: y\n"));
  EXPECT_TRUE(Recognised("<34>1 2024-10-11T22:14:15Z web1 app - - - x\n"));
  EXPECT_TRUE(Recognised("2024-10-11T22:14:15+00:00 web1 app[1]: x\r\n"));
  EXPECT_TRUE(Recognised("-- Journal begins at Mon. --\nOct 11 22:14:15 web1 sshd[1]: x\n"));
  EXPECT_TRUE(Recognised("date=2024-10-11 time=01:02:03 devname=\"a\" type=\"event\"\n"));
  EXPECT_TRUE(Recognised("CEF:0|a|b|1|2|n|3|src=192.0.2.1\n"));
  EXPECT_TRUE(Recognised("[    0.000000] Linux version 6.1\n"));
  EXPECT_FALSE(Recognised(""));
  EXPECT_FALSE(Recognised("{\"a\": 1}\n"));
  EXPECT_FALSE(Recognised("a,b,c\n1,2,3\n"));
  EXPECT_FALSE(Recognised("192.0.2.1 - - [11/Oct/2024:22:14:15 +0000] \"GET / HTTP/1.1\" 200 1\n"));
  EXPECT_FALSE(Recognised("[Mon Oct 14 10:22:11.123456 2024] [core:error] [pid 1] x\n"));
  EXPECT_FALSE(Recognised("2024-10-11 22:14:15,123 INFO main: started\n"));
  EXPECT_FALSE(Recognised("2024-10-11T22:14:15.123Z,a,b\n"));
  EXPECT_FALSE(Recognised("some prose: with a colon\nand more\n"));
  EXPECT_FALSE(Recognised("#separator \\x09\n#fields ts uid\n"));
  EXPECT_FALSE(Recognised("ElfFile\0\0\0"));
}

std::string ParamsOf(std::string_view text) {
  StructuredData data;
  ReadStructured(text, &data);
  std::string out;
  for (const StructuredData::Param& p : data.params) {
    out += std::string(p.id) + ' ' + std::string(p.name) + '=' + std::string(p.value) + ';';
  }
  return out;
}

TEST(SyslogStructured, ParametersOfAllElements) {
  EXPECT_EQ(ParamsOf(R"([a@1 x="1" y=""][b z="2"])"), "[a@1 x=1;[a@1 y=;[b z=2;");
  EXPECT_EQ(ParamsOf(R"([a x="\"\\\]\n"])"), R"([a x="\]\n;)");
  EXPECT_EQ(ParamsOf(R"([a x="say "no" now" y="1"])"), R"([a x=say "no" now;[a y=1;)");
  EXPECT_EQ(ParamsOf(R"([a x="[b y=\"2\"]"])"), R"([a x=[b y="2"];)");
  EXPECT_EQ(ParamsOf("[a][b word x= y=\"1\"]"), "[b y=1;");
  EXPECT_EQ(ParamsOf("[a x=\"open"), "");
  EXPECT_EQ(ParamsOf("x=\"1\""), " x=1;");
}

TEST(SyslogStructured, AnyBytesAreTaken) {
  for (uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    std::string text = "[";
    for (size_t n = random() % 40; n > 0; --n) text += "ab=\"\\] ["[random() % 8];
    Collect sink;
    const std::string line = "<1>1 - - p - - " + text + "\n";
    ReadWhole(kFormat, {}, reinterpret_cast<const uint8_t*>(line.data()), line.size(), &sink);
    ASSERT_EQ(sink.events, 1u) << text;
    ParamsOf(text);
  }
}

TEST(SyslogFormat, NoLineOfRealLogsIsLost) {
  const std::filesystem::path folder = std::filesystem::path(SPOOR_SHARED_DATA) / "syslog";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    const std::string text = bytes.str();
    std::istringstream in(text);
    size_t lines = 0;
    for (std::string line; std::getline(in, line);) lines += line.find_first_not_of(" \t\r") != std::string::npos;
    EXPECT_TRUE(Recognised(text)) << entry.path();
    Collect sink;
    ReadWhole(kFormat, {}, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &sink);
    EXPECT_EQ(sink.events, lines) << entry.path();
    EXPECT_EQ(sink.damage, 0u) << entry.path();
    EXPECT_GT(sink.named * 10, lines * 8) << entry.path();  // nearly all of their messages are known
  }
}

}  // namespace
}  // namespace spoor::syslog
