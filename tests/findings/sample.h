// Findings for tests: one that has everything, and random ones.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "findings/finding.h"

namespace spoor {

// "2026-01-02T03:04:05.678901Z"
inline constexpr int64_t kSampleTime = 1767323045678901;

inline const sigma::Rule& SampleRule() {
  static const sigma::Rule rule = [] {
    sigma::Rule r;
    r.id = "5f0b8a7e-0001";
    r.title = "Suspicious Encoded PowerShell";
    r.level = sigma::Level::kHigh;
    r.tags = {"attack.execution", "attack.t1059.001"};
    return r;
  }();
  return rule;
}

inline Finding SampleFinding() {
  Finding f;
  f.time = kSampleTime;
  f.rule = &SampleRule();
  f.tenant = "acme";
  f.host = "WS1";
  f.user = "ACME\\jane";
  f.source = "windows/sysmon";
  f.event_id = 1;
  f.record = 4711;
  f.path = "logs/Sysmon.evtx";
  f.offset = 135168;
  f.matched = {{"CommandLine", "powershell -enc SQBFAFgA", "contains:  -enc "}};
  f.event = {{"Image", "C:\\Windows\\powershell.exe"}, {"CommandLine", "powershell -enc SQBFAFgA"}};
  return f;
}

// Rules of all levels, five of them.
inline const std::vector<sigma::Rule>& FiveRules() {
  static const std::vector<sigma::Rule> rules = [] {
    std::vector<sigma::Rule> r(5);
    for (int i = 0; i < 5; ++i) {
      r[i].title = "rule " + std::to_string(i);
      r[i].id = "id-" + std::to_string(i);
      r[i].level = static_cast<sigma::Level>((i * 3) % 5);
    }
    return r;
  }();
  return rules;
}

// Findings whose keys collide often. The strings live in `texts`.
struct RandomFindings {
  std::vector<std::string> texts;
  std::vector<Finding> findings;

  RandomFindings(size_t count, unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 20; ++i) texts.push_back(std::string(random() % 400, static_cast<char>('a' + i)));
    for (size_t i = 0; i < count; ++i) {
      Finding f;
      f.rule_number = static_cast<uint32_t>(random() % 5);
      f.rule = &FiveRules()[f.rule_number];
      f.time = kSampleTime + static_cast<int64_t>(random() % 50) * 3600 * 1000000;
      f.file = static_cast<uint32_t>(random() % 3);
      f.path = texts[f.file];
      f.offset = random() % 20;
      f.record = random() % 3;  // not in the order: such findings are told apart by their text
      f.host = texts[random() % texts.size()];
      f.event = {{"Field", texts[random() % texts.size()]}};
      findings.push_back(f);
    }
  }
};

}  // namespace spoor
