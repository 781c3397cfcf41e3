// Which rules a kind of event can fire, asked without compiling anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "match/program.h"
#include "sigma/load.h"

namespace spoor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const char kRules[] = R"(
title: 0 a process by its command line
logsource: {category: process_creation, product: windows}
detection: {s: {CommandLine|contains: x}, condition: s}
---
title: 1 a process by its image, or by its hash
logsource: {category: process_creation, product: windows}
detection: {s: {Image|endswith: '\a.exe'}, h: {Hashes|contains: y}, condition: 1 of *}
---
title: 2 a process without a command line
logsource: {category: process_creation, product: windows}
detection: {s: {CommandLine: null}, condition: s}
---
title: 3 a process whose command line is not x
logsource: {category: process_creation, product: windows}
detection: {s: {CommandLine|contains: x}, condition: not s}
---
title: 4 a logon
logsource: {service: security, product: windows}
detection: {s: {EventID: 4624, LogonType: 3}, condition: s}
---
title: 5 anything of Security but logons
logsource: {service: security, product: windows}
detection: {s: {EventID: 4624}, k: [whoami], condition: k and not s}
---
title: 6 Linux
logsource: {product: linux, service: auditd}
detection: {s: {a0: x}, condition: s}
---
title: 7 an expression that nothing satisfies, too
logsource: {category: process_creation, product: windows}
detection: {s: {CommandLine|re: '^$'}, condition: s}
)";

class RulesFor : public testing::Test {
 protected:
  RulesFor() {
    sigma::ParseRules(kRules, "rules.yml", {}, &set_);
    EXPECT_EQ(set_.rules.size(), 8u);
    builder_ = std::make_unique<ProgramBuilder>(set_.rules, sigma::SourceMap::BuiltIn(), 1);
  }
  static SourceKey Windows(const std::string& channel, uint32_t id) {
    SourceKey key;
    key.channel = channel;
    key.event_id = id;
    key.has_event_id = true;
    return key;
  }
  std::vector<uint32_t> Without(const SourceKey& key, const std::string& field) const {
    return builder_->RulesFor(key, [&](std::string_view name) { return name != field; });
  }
  sigma::RuleSet set_;
  std::unique_ptr<ProgramBuilder> builder_;
};

TEST_F(RulesFor, TheKindDecidesAboutIdsAndChannels) {
  EXPECT_THAT(builder_->RulesFor(Windows("Microsoft-Windows-Sysmon/Operational", 1)), ElementsAre(0, 1, 2, 3, 7));
  EXPECT_THAT(builder_->RulesFor(Windows("Security", 4688)), ElementsAre(0, 1, 2, 3, 5, 7));
  EXPECT_THAT(builder_->RulesFor(Windows("security", 4624)), ElementsAre(4));
  EXPECT_THAT(builder_->RulesFor(Windows("System", 7045)), IsEmpty());
}

TEST_F(RulesFor, OtherProductsGoByName) {
  SourceKey key;
  key.product = "linux";
  EXPECT_THAT(builder_->RulesFor(key), IsEmpty());
  key.service = "auditd";
  EXPECT_THAT(builder_->RulesFor(key), ElementsAre(6));
}

TEST_F(RulesFor, FieldsWithoutValuesRuleOutWhoeverWantsOne) {
  const SourceKey sysmon = Windows("Microsoft-Windows-Sysmon/Operational", 1);
  EXPECT_THAT(Without(sysmon, "CommandLine"), ElementsAre(1, 2, 3, 7));
  EXPECT_THAT(Without(sysmon, "Hashes"), ElementsAre(0, 1, 2, 3, 7));
  EXPECT_THAT(builder_->RulesFor(sysmon, [](std::string_view) { return false; }), ElementsAre(2, 3, 7));
}

TEST_F(RulesFor, FieldsAreAskedForByTheirNamesInTheEvent) {
  std::set<std::string> asked;
  builder_->RulesFor(Windows("Security", 4688), [&](std::string_view name) {
    asked.emplace(name);
    return true;
  });
  EXPECT_TRUE(asked.contains("NewProcessName"));
  EXPECT_FALSE(asked.contains("Image"));
}

TEST_F(RulesFor, SaysTheSameAsTheProgramThatIsCompiled) {
  for (const auto& [channel, id] : std::vector<std::pair<std::string, uint32_t>>{
           {"Security", 4688}, {"Security", 4624}, {"Security", 4625}, {"Microsoft-Windows-Sysmon/Operational", 1}}) {
    const auto program = builder_->Build(Windows(channel, id));
    ASSERT_TRUE(program.ok());
    std::vector<uint32_t> compiled;
    if (*program != nullptr) {
      for (const auto& rule : (*program)->rules) compiled.push_back(rule.rule);
    }
    std::sort(compiled.begin(), compiled.end());
    EXPECT_EQ(builder_->RulesFor(Windows(channel, id)), compiled) << channel << ' ' << id;
  }
}

}  // namespace
}  // namespace spoor
