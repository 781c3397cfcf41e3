// Pseudonyms: no name of the roster or the evidence is left, and the same key gives the same ones.
#include "story/redact.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "base/text.h"
#include "campaign/persons.h"
#include "cli/builtin_rules.h"
#include "simdjson.h"
#include "story/notify.h"
#include "story/render.h"

namespace spoor {
namespace {

std::string Hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[c & 15];
  }
  return out;
}

TEST(Hmac, IsThatOfTheStandard) {
  // RFC 4231, cases 2, 1 and 6.
  EXPECT_EQ(Hex(Hmac("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(Hmac(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(Hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

Roster Read(const std::string& text) {
  std::vector<std::string> notes;
  return *Roster::Read(text, "r.csv", &notes);
}

const char kPeople[] =
    "person,organisation,account,sid,mail,private_mail\n"
    "Jane Doe,acme,ACME\\jdoe,S-1-5-21-1-2-3-1104,jane.doe@acme.example,bluebird77@mail.example\n"
    "Jürgen Q. Müller-Lang,acme,ACME\\jml,,juergen@acme.example,\n"
    "Ed,globex,GLOBEX\\ed,,ed@globex.example,\n";

Redactor Made(const Roster& roster, const std::string& key = "a key of some length") {
  Redactor redact(key);
  for (const RosterPerson& person : roster.persons()) redact.AddPerson(person);
  redact.AddAccount("acme\\svc-backup");
  redact.AddAccount("acme\\administrator");
  redact.AddAccount("nt authority\\system");
  redact.AddAccount("acme\\ws1$");
  redact.Seal();
  return redact;
}

TEST(Redactor, ReplacesANameHoweverItIsWritten) {
  const Roster roster = Read(kPeople);
  const Redactor redact = Made(roster);
  const std::string jane = redact.Text("Jane Doe");
  EXPECT_TRUE(jane.starts_with("person-")) << jane;
  EXPECT_EQ(jane.size(), 15u);
  for (const char* name : {"jane doe", "DOE, Jane", "Jane_Doe", "JaneDoe", "acme\\jdoe", "ACME\\\\JDOE", "JDoe",
                           "jane.doe@acme.example", "jane%2Edoe%40acme.example", "bluebird77", "s-1-5-21-1-2-3-1104"}) {
    EXPECT_EQ(redact.Text(name), jane) << name;
  }
  EXPECT_EQ(redact.Text("C:\\Users\\jdoe\\Desktop\\jane-doe.docx"),
            "C:\\Users\\" + jane + "\\Desktop\\" + jane + ".docx");
  const std::string mueller = redact.Text("acme\\jml");
  for (const char* name : {"JÜRGEN Q. MÜLLER-LANG", "Müller-Lang, Jürgen Q", "Jürgen Lang", "juergen"}) {
    EXPECT_EQ(redact.Text(name), mueller) << name;
  }
  EXPECT_NE(mueller, jane);
  EXPECT_EQ(redact.Text("acme/jdoe, jane doe x"), redact.Text("acme\\jdoe") + ", " + jane + " x");
  EXPECT_TRUE(redact.Text("acme\\svc-backup").starts_with("account-"));
  EXPECT_EQ(redact.Text("runas svc-backup"), "runas " + redact.Text("acme\\svc-backup"));
}

TEST(Redactor, OfNamesThatOverlapNothingIsLeft) {
  const Roster roster = Read("person,account\nJane Doe,ACME\\jane\n");
  const Redactor redact = Made(roster);
  EXPECT_EQ(redact.Text("acme/Jane Doe!"), redact.Text("jane") + "!");
  EXPECT_EQ(redact.Text("Jane Doe Jane"), redact.Text("jane"));
}

TEST(Redactor, LeavesWhatIsNoName) {
  const Roster roster = Read(kPeople);
  const Redactor redact = Made(roster);
  for (const char* text : {"", "jdoes", "xjane doe1", "net localgroup administrators", "ACME\\Administrator", "ws1$",
                           "NT AUTHORITY\\SYSTEM", "ed it", "S-1-5-21-1-2-3-11045", "Jane ... Doe", "100%"}) {
    EXPECT_EQ(redact.Text(text), text);
  }
  EXPECT_EQ(redact.Text("globex\\ed"), redact.Text("ed@globex.example"));  // short names where their domain is
}

TEST(Redactor, TheKeyAloneSaysWhich) {
  const Roster roster = Read(kPeople);
  EXPECT_EQ(Made(roster).Text("jdoe"), Made(roster).Text("jdoe"));
  EXPECT_NE(Made(roster).Text("jdoe"), Made(roster, "another key, not that one").Text("jdoe"));
}

TEST(Redactor, OfTwoOfOneNameNeitherIsTaken) {
  const Roster roster = Read("person,account\nJane Doe,A\\jane\nJane Doe,B\\jane\n");
  const Redactor redact = Made(roster);
  EXPECT_NE(redact.Text("a\\jane"), redact.Text("b\\jane"));
  EXPECT_NE(redact.Text("jane"), redact.Text("a\\jane"));
  EXPECT_TRUE(redact.Text("jane").starts_with("person-"));
}

TEST(Redactor, OfTwoAccountsOfOneNameNeitherIsTakenForAPersons) {
  Redactor redact("a key of some length");
  redact.AddAccount("a\\svc-x");
  redact.AddAccount("b\\svc-x");
  redact.Seal();
  EXPECT_NE(redact.Text("svc-x"), redact.Text("a\\svc-x"));
  EXPECT_TRUE(redact.Text("svc-x").starts_with("account-"));
}

TEST(Redactor, OfJsonTheValuesAreReplaced) {
  const Roster roster = Read(kPeople);
  const Redactor redact = Made(roster);
  const std::string jane = redact.Text("jdoe");
  EXPECT_EQ(
      redact.Json(R"({"jdoe":["jdoe","a \"jdoe\" \\jdoe\\ \u00e9"],"state":"jdoe","n":1.50})"),
      "{\"jdoe\":[\"" + jane + "\",\"a \\\"" + jane + "\\\" \\\\" + jane + "\\\\ é\"],\"state\":\"jdoe\",\"n\":1.50}");
  EXPECT_EQ(redact.Json("\"J\\u00fcrgen Lang\""), "\"" + redact.Text("juergen") + "\"");
  EXPECT_EQ(redact.Json("\"\\ud83d\\ude00\""), "\"😀\"");
}

// The words of a text, a space around each.
std::string Spread(const std::string& text) {
  std::string out = " ";
  for (const char c : Folded(text)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0) {
      out += c;
    } else if (out.back() != ' ') {
      out += ' ';
    }
  }
  return out + " ";
}

// Texts made of names, letters and what may stand between: afterwards no name stands anywhere.
TEST(Redactor, NoNameIsLeftInAnyText) {
  const Roster roster = Read(kPeople);
  const Redactor redact = Made(roster);
  const std::string names[] = {"Jane Doe",
                               "acme\\jdoe",
                               "jane.doe@acme.example",
                               "bluebird77",
                               "Müller-Lang, Jürgen Q.",
                               "acme\\jml",
                               "S-1-5-21-1-2-3-1104",
                               "svc-backup"};
  const std::string between[] = {" ", "\\", "/", "\"", "x ", ".", ";", "' ", "é ", "-", "\n", "="};
  std::mt19937 random(9);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto n = random() % 6; n > 0; --n)
      text += between[random() % std::size(between)] + names[random() % std::size(names)];
    text += between[random() % std::size(between)];
    const std::string out = redact.Text(text);
    for (const std::string& name : names) {
      EXPECT_EQ(Spread(out).find(Spread(name)), std::string::npos) << text << "\n" << out;
    }
    EXPECT_EQ(redact.Text(out), out);  // a pseudonym is no name
    const std::string json = redact.Json(JsonString(text));
    simdjson::dom::parser parser;
    std::string_view value;
    ASSERT_FALSE(parser.parse(json).get(value)) << json;
    EXPECT_EQ(value, out);
  }
}

// All that a trace writes.
TEST(Redactor, NoNameIsLeftInWhatATraceWrites) {
  const std::string folder = std::string(SPOOR_SOURCE_DIR) + "/tests/cases/trace/people-by-a-roster";
  HuntOptions options;
  options.digest = false;
  options.jobs = 1;
  const std::atomic<bool> stop{false};
  TraceResult result = Trace(*ListEvidence({folder + "/logs"}, {}), LoadBuiltInRules({}, {}),
                             sigma::SourceMap::BuiltIn(), options, {}, stop, nullptr);
  ASSERT_EQ(result.found.campaigns.size(), 1u);
  const Roster roster =
      Read("person,organisation,role,account,mail\nJane Doe,acme,board,ACME\\jane,jane@acme.example\n");
  EXPECT_EQ(AddPersons(roster, &result.found.campaigns[0]), 1u);
  StoryOptions story;
  const auto has = [](const std::string& text) { return Spread(text).find(" jane ") != std::string::npos; };
  EXPECT_TRUE(has(TraceJson(result)));
  EXPECT_TRUE(has(TraceStory(result, story)));
  EXPECT_TRUE(has(NotifyCsv(result, nullptr)));
  const Redactor redact = RedactorOf("a key of some length", result, &roster);
  story.redact = &redact;
  EXPECT_FALSE(has(redact.Json(TraceJson(result))));
  EXPECT_FALSE(has(TraceStory(result, story)));
  EXPECT_FALSE(has(NotifyCsv(result, &redact)));
  // Without a roster the names of accounts are known from the evidence.
  const Redactor alone = RedactorOf("a key of some length", result, nullptr);
  EXPECT_EQ(Spread(alone.Json(TraceJson(result))).find(" acme jane "), std::string::npos);
}

}  // namespace
}  // namespace spoor
