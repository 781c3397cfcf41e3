// The example evidence (examples/*.evtx.txt), hunted with the built-in rules: what its README promises.
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/builtin_rules.h"
#include "findings/sample.h"
#include "hunt/hunt.h"
#include "support/event_text.h"
#include "support/read_events.h"
#include "support/string_output.h"

namespace spoor {
namespace {

using test::StringOutput;

TEST(ExampleEvidence, GivesTheFindingsOfItsReadme) {
  const test::TemporaryFolder folder;
  for (const std::string& path : test::FilesBelow(SPOOR_SOURCE_DIR "/examples", ".evtx.txt")) {
    const auto file = test::MakeEvtx(test::ReadAll(path));
    ASSERT_TRUE(file.ok()) << path << ": " << file.status();
    test::WriteAll(folder / std::filesystem::path(path).stem().string(), *file);
  }
  const auto evidence = ListEvidence({folder.path()}, {});
  ASSERT_TRUE(evidence.ok()) << evidence.status();
  const sigma::RuleSet rules = LoadBuiltInRules({});
  const std::unique_ptr<Renderer> table = MakeTableRenderer({});
  StringOutput output;
  const std::atomic<bool> stop{false};
  const HuntResult result =
      Hunt(*evidence, rules, sigma::SourceMap::BuiltIn(), {}, *table, &output, stop, [](const HuntProgress&) {});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.facts.files, 9u);
  EXPECT_EQ(result.facts.events, 384u);
  EXPECT_EQ(result.facts.damage, 0u);
  EXPECT_EQ(result.summary.findings(), 53u);
  EXPECT_EQ(result.summary.level(sigma::Level::kHigh), 16u);
  EXPECT_EQ(result.summary.level(sigma::Level::kMedium), 31u);
  EXPECT_EQ(result.summary.level(sigma::Level::kLow), 6u);
  // Each is in the table, those of one record together.
  EXPECT_EQ(output.text.find("more; use"), std::string::npos);
  const auto holds = [&](const char* part) { EXPECT_NE(output.text.find(part), std::string::npos) << part; };
  holds(
      "high           Web server starts a shell\n                     medium         Questions about user "
      "and");
  holds("-1004 → Builtin\\Administrators\n");
  holds("rundll32.exe → C:\\Windows\\System32\\lsass.exe, access 0x1fffff\n");
  holds("New-MailboxExportRequest -Mailbox \"a.berg\" -FilePath");
  holds("service WinHealthSvc, as LocalSystem\n");
  holds("adm.lind@NORDLICHT.EXAMPLE → service svc_sql, cipher 0x17");
  holds("log System emptied by EX1\\svc_health\n");
}

}  // namespace
}  // namespace spoor
