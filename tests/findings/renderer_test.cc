// What JSON Lines and CSV look like: docs/findings.md as tests.
#include "findings/renderer.h"

#include <gtest/gtest.h>

#include "findings/sample.h"

namespace spoor {
namespace {

std::string Json(const Finding& f) {
  std::string out;
  MakeJsonLinesRenderer()->Render(f, &out);
  return out;
}

TEST(JsonLines, KeysStandInTheOrderOfTheContract) {
  EXPECT_EQ(Json(SampleFinding()),
            R"({"time":"2026-01-02T03:04:05.678901Z","level":"high","rule_id":"5f0b8a7e-0001",)"
            R"("title":"Suspicious Encoded PowerShell","tags":["attack.execution","attack.t1059.001"],)"
            R"("tenant":"acme","host":"WS1","user":"ACME\\jane","source":"windows/sysmon","event_id":1,"record":4711,)"
            R"("evidence":{"path":"logs/Sysmon.evtx","offset":135168},)"
            R"("matched":[{"field":"CommandLine","value":"powershell -enc SQBFAFgA","pattern":"contains:  -enc "}],)"
            R"("event":{"Image":"C:\\Windows\\powershell.exe","CommandLine":"powershell -enc SQBFAFgA"}})"
            "\n");
}

TEST(JsonLines, WhatIsAbsentIsLeftOut) {
  sigma::Rule rule;
  rule.title = "t";
  Finding f;
  f.rule = &rule;
  f.path = "a.json";
  EXPECT_EQ(Json(f), R"({"level":"informational","title":"t","record":0,"evidence":{"path":"a.json","offset":0}})"
                     "\n");
}

TEST(JsonLines, ACarvedRecordSaysSo) {
  Finding f = SampleFinding();
  f.carved = true;
  EXPECT_NE(Json(f).find(R"("record":4711,"carved":true,"evidence")"), std::string::npos);
}

TEST(JsonLines, TheDigestGoesBetweenPathAndOffset) {
  const std::unique_ptr<Renderer> renderer = MakeJsonLinesRenderer();
  std::string out = "before ";
  const size_t gap = renderer->Render(SampleFinding(), &out);
  out.insert(7 + gap, std::string(renderer->DigestPrefix()) + "00ff" + std::string(renderer->DigestSuffix()));
  EXPECT_NE(out.find(R"("evidence":{"path":"logs/Sysmon.evtx","sha256":"00ff","offset":135168})"), std::string::npos);
}

TEST(JsonLines, ARepeatedFieldBecomesAnArrayAtItsFirstPlace) {
  Finding f = SampleFinding();
  f.event = {{"Data", "a"}, {"Other", "x"}, {"Data", "b"}, {"data", "c"}, {"Data", "d"}};
  EXPECT_NE(Json(f).find(R"("event":{"Data":["a","b","d"],"Other":"x","data":"c"}})"), std::string::npos);
}

TEST(JsonLines, ManyFieldsKeepTheirOrder) {
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("field" + std::to_string(i));
  Finding f = SampleFinding();
  f.event.clear();
  std::string expected = R"("event":{)";
  for (const std::string& name : names) {
    f.event.push_back({name, "v"});
    expected += (name == "field0" ? "\"" : ",\"") + name + R"(":"v")";
  }
  EXPECT_NE(Json(f).find(expected + "}}\n"), std::string::npos);
  f.event.push_back({names[7], "w"});
  EXPECT_NE(Json(f).find(R"("field7":["v","w"],"field8":"v")"), std::string::npos);
}

TEST(JsonLines, HostileTextStaysInItsString) {
  Finding f = SampleFinding();
  f.matched.clear();
  f.event = {{"a\":1,\"b", "\x1b[2J\xff\u202e\n\"}"}};
  EXPECT_NE(Json(f).find("\"event\":{\"a\\\":1,\\\"b\":\"\\u001b[2J\uFFFD\\u202e\\n\\\"}\"}}\n"), std::string::npos)
      << Json(f);
}

TEST(JsonLines, AValueOfMegabytesIsKept) {
  const std::string big(3 << 20, '\\');
  Finding f = SampleFinding();
  f.event = {{"ScriptBlockText", big}};
  EXPECT_GT(Json(f).size(), 6u << 20);
  EXPECT_LT(Json(SampleFinding()).size(), 1000u);
}

TEST(JsonLines, ACorrelationListsItsEvents) {
  sigma::Rule rule;
  rule.title = "a \"rule\"";
  rule.id = std::string("rule-1");
  Finding f = SampleFinding();
  f.events.push_back({1'000'000, &rule, "logs/a.evtx", 7, 4096});
  f.events.push_back({2'500'000, &rule, "logs/b.evtx", 8, 512});
  const std::string text = Json(f);
  EXPECT_NE(
      text.find(
          R"(},"events":[{"time":"1970-01-01T00:00:01.000000Z","rule_id":"rule-1","title":"a \"rule\"","record":7,)"
          R"("evidence":{"path":"logs/a.evtx","offset":4096}},{"time":"1970-01-01T00:00:02.500000Z",)"),
      std::string::npos)
      << text;
}

TEST(Csv, HasAHeaderAndOneLineAFinding) {
  const std::unique_ptr<Renderer> renderer = MakeCsvRenderer();
  std::string out = renderer->Head(Summary(), HuntFacts());
  const size_t start = out.size();
  const size_t gap = renderer->Render(SampleFinding(), &out);
  out.insert(start + gap, "00ff");
  EXPECT_EQ(out,
            "time,level,title,rule_id,tags,tenant,host,user,source,event_id,record,path,sha256,offset,carved,"
            "matched,"
            "event,events\n"
            "2026-01-02T03:04:05.678901Z,high,Suspicious Encoded PowerShell,5f0b8a7e-0001,"
            "attack.execution "
            "attack.t1059.001,acme,WS1,ACME\\jane,windows/sysmon,1,4711,logs/Sysmon.evtx,00ff,135168,,"
            "CommandLine=powershell -enc SQBFAFgA,"
            R"("{""Image"":""C:\\Windows\\powershell.exe"",""CommandLine"":""powershell -enc SQBFAFgA""}",)"
            "\n");
}

TEST(Csv, AFormulaInTheEvidenceIsDefused) {
  Finding f = SampleFinding();
  f.host = "=HYPERLINK(\"http://x\")";
  f.matched.push_back({"User", "b", ""});
  std::string out;
  MakeCsvRenderer()->Render(f, &out);
  EXPECT_NE(out.find(R"x(,acme,"'=HYPERLINK(""http://x"")",)x"), std::string::npos) << out;
  EXPECT_NE(out.find(",CommandLine=powershell -enc SQBFAFgA; User=b,"), std::string::npos) << out;
}

TEST(Csv, AbsentColumnsAreEmpty) {
  sigma::Rule rule;
  rule.title = "t";
  Finding f;
  f.rule = &rule;
  f.path = "a.json";
  f.carved = true;
  std::string out;
  MakeCsvRenderer()->Render(f, &out);
  EXPECT_EQ(out, ",informational,t,,,,,,,,0,a.json,,0,true,,,\n");
}

}  // namespace
}  // namespace spoor
