// What is counted over all findings while they are made.
//
// Every worker counts in a Summary of its own; they are added at the end, and the sum does not depend on how
// the findings were spread. Memory is bounded by the two limits below and by the number of rules. Not
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "findings/finding.h"

namespace spoor {

// Past either limit the table concerned is given up (and says so) rather than filled with whatever came
// first, which would depend on the number of threads.
inline constexpr size_t kMaxHours = 1 << 16;  // seven years of hours with findings: 2 MiB a worker
inline constexpr size_t kMaxHosts = 1 << 16;  // about 6 MiB a worker

struct HourCount {
  uint64_t findings = 0;
  uint64_t severe = 0;  // of these, high or critical
};
struct HostCount {
  uint64_t findings = 0;
  sigma::Level worst = sigma::Level::kInformational;
};
struct RuleCount {
  const sigma::Rule* rule = nullptr;  // null: nothing counted
  uint64_t findings = 0;
};

class Summary {
 public:
  static constexpr int kLevels = 5;

  void Count(const Finding& finding);
  void Add(const Summary& other);

  uint64_t findings() const { return findings_; }
  uint64_t level(sigma::Level level) const { return by_level_[static_cast<size_t>(level)]; }
  // By rule number; shorter than the rule set where the last rules found nothing.
  const std::vector<RuleCount>& rules() const { return rules_; }

  struct Hour {
    int64_t start;  // microseconds since 1970-01-01 UTC
    HourCount count;
  };
  // In order of time. Empty, and overflow true, if there were more than kMaxHours.
  std::vector<Hour> Hours() const;
  bool hours_overflow() const { return hours_overflow_; }

  struct Host {
    std::string tenant, host;
    HostCount count;
  };
  // Worst level first, then most findings, then name. Empty, and overflow true, if there were more than
  // kMaxHosts. Findings without a host are not in it.
  std::vector<Host> Hosts() const;
  bool hosts_overflow() const { return hosts_overflow_; }

 private:
  HourCount* HourOf(int64_t micros);
  HostCount* HostOf(std::string_view tenant, std::string_view host);
  void BoundHours();
  void BoundHosts();

  uint64_t findings_ = 0;
  std::array<uint64_t, kLevels> by_level_{};
  std::vector<RuleCount> rules_;
  absl::flat_hash_map<int64_t, HourCount> hours_;
  absl::flat_hash_map<std::string, HostCount> hosts_;  // "tenant\0host"
  bool hours_overflow_ = false, hosts_overflow_ = false;
  std::string key_;  // for look-ups
};

// Facts about the whole hunt: what a table shows above the findings, and why there may be none.
struct HuntFacts {
  uint64_t files = 0, bytes = 0, events = 0, damage = 0;  // damage: damaged places
  size_t rules_loaded = 0, rules_failed = 0;
  size_t rules_applicable = 0;              // rules some event seen could have satisfied, by its log source
  int64_t first_event = 0, last_event = 0;  // microseconds; 0, 0: no event with a time
  double seconds = 0;
  bool partial = false;  // stopped before the end
  sigma::Level min_level = sigma::Level::kInformational;
  uint64_t unknown_source = 0;                              // events that do not say what they are
  std::vector<std::pair<std::string, uint64_t>> sources;    // "Security 4688" -> events, most frequent first
  std::vector<std::pair<std::string, std::string>> unread;  // path, reason
};

}  // namespace spoor
