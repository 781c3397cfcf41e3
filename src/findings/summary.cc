#include "findings/summary.h"

#include <algorithm>
#include <tuple>

namespace spoor {
namespace {

constexpr int64_t kHour = int64_t{3600} * 1000000;

int64_t HourNumber(int64_t micros) { return micros / kHour - (micros % kHour < 0 ? 1 : 0); }

}  // namespace

void Summary::Count(const Finding& finding) {
  const sigma::Level level = finding.rule->level;
  ++findings_;
  ++by_level_[static_cast<size_t>(level)];

  if (finding.rule_number >= rules_.size()) rules_.resize(finding.rule_number + 1);
  RuleCount& rule = rules_[finding.rule_number];
  rule.rule = finding.rule;
  ++rule.findings;

  if (finding.time != 0 && !hours_overflow_) {
    HourCount* hour = HourOf(finding.time);
    ++hour->findings;
    if (level >= sigma::Level::kHigh) ++hour->severe;
    BoundHours();
  }
  if (!finding.host.empty() && !hosts_overflow_) {
    HostCount* host = HostOf(finding.tenant, finding.host);
    ++host->findings;
    host->worst = std::max(host->worst, level);
    BoundHosts();
  }
}

void Summary::Add(const Summary& other) {
  findings_ += other.findings_;
  for (size_t i = 0; i < by_level_.size(); ++i) by_level_[i] += other.by_level_[i];
  rules_.resize(std::max(rules_.size(), other.rules_.size()));
  for (size_t i = 0; i < other.rules_.size(); ++i) {
    if (other.rules_[i].rule == nullptr) continue;
    rules_[i].rule = other.rules_[i].rule;
    rules_[i].findings += other.rules_[i].findings;
  }
  hours_overflow_ |= other.hours_overflow_;
  for (const auto& [number, count] : other.hours_) {
    HourCount& mine = hours_[number];
    mine.findings += count.findings;
    mine.severe += count.severe;
  }
  BoundHours();
  hosts_overflow_ |= other.hosts_overflow_;
  for (const auto& [key, count] : other.hosts_) {
    HostCount& mine = hosts_[key];
    mine.findings += count.findings;
    mine.worst = std::max(mine.worst, count.worst);
  }
  BoundHosts();
}

HourCount* Summary::HourOf(int64_t micros) { return &hours_[HourNumber(micros)]; }

HostCount* Summary::HostOf(std::string_view tenant, std::string_view host) {
  key_.assign(tenant);
  key_.push_back('\0');
  key_.append(host);
  return &hosts_[key_];
}

void Summary::BoundHours() {
  hours_overflow_ |= hours_.size() > kMaxHours;
  if (hours_overflow_) absl::flat_hash_map<int64_t, HourCount>().swap(hours_);
}

void Summary::BoundHosts() {
  hosts_overflow_ |= hosts_.size() > kMaxHosts;
  if (hosts_overflow_) absl::flat_hash_map<std::string, HostCount>().swap(hosts_);
}

std::vector<Summary::Hour> Summary::Hours() const {
  std::vector<Hour> hours;
  hours.reserve(hours_.size());
  for (const auto& [number, count] : hours_) hours.push_back({number * kHour, count});
  std::sort(hours.begin(), hours.end(), [](const Hour& a, const Hour& b) { return a.start < b.start; });
  return hours;
}

std::vector<Summary::Host> Summary::Hosts() const {
  std::vector<Host> hosts;
  hosts.reserve(hosts_.size());
  for (const auto& [key, count] : hosts_) {
    const size_t cut = key.find('\0');
    hosts.push_back({key.substr(0, cut), key.substr(cut + 1), count});
  }
  std::sort(hosts.begin(), hosts.end(), [](const Host& a, const Host& b) {
    return std::tie(b.count.worst, b.count.findings, a.tenant, a.host) <
           std::tie(a.count.worst, a.count.findings, b.tenant, b.host);
  });
  return hosts;
}

}  // namespace spoor
