#include "world/clues.h"

namespace spoor {
namespace {

std::string PathKey(std::string_view path, std::string_view tenant) {
  std::string key(tenant);
  key += '\0';
  key += path;
  return key;
}

}  // namespace

void Clues::Add(const FindingRecord& finding) {
  if (finding.rule_number >= rules.size()) rules.resize(finding.rule_number + 1);
  ClueRule& rule = rules[finding.rule_number];
  if (rule.findings++ == 0) {
    rule.id = finding.rule_id;
    rule.title = finding.title;
    rule.level = finding.level;
    rule.tags.assign(finding.tags.begin(), finding.tags.end());
    rule.source = finding.source;
  }
  if (rule.findings > kMaxOfRule || clues.size() >= kMaxClues) {
    ++left_out;
    return;
  }
  const auto [it, fresh] =
      path_numbers_.try_emplace(PathKey(finding.path, finding.tenant), static_cast<uint32_t>(paths.size()));
  if (fresh) {
    paths.emplace_back(finding.path);
    tenants.emplace_back(finding.tenant);
  }
  Clue clue;
  clue.rule = finding.rule_number;
  clue.level = finding.level;
  clue.time = finding.time;
  clue.path = it->second;
  clue.record = finding.record;
  clue.offset = finding.offset;
  clue.event_id = finding.event_id.value_or(0);
  clue.host = finding.host;
  clue.user = finding.user;
  clue.source = finding.source;
  if (!finding.matched.empty()) clue.detail = finding.matched.front().value;
  at_[{clue.path, clue.offset, clue.record}].push_back(static_cast<uint32_t>(clues.size()));
  clues.push_back(std::move(clue));
}

uint32_t Clues::PathNumber(std::string_view path, std::string_view tenant) const {
  const auto it = path_numbers_.find(PathKey(path, tenant));
  return it == path_numbers_.end() ? ~0u : it->second;
}

const std::vector<uint32_t>* Clues::At(uint32_t path, uint64_t offset, uint64_t record) const {
  const auto it = at_.find(std::make_tuple(path, offset, record));
  return it == at_.end() ? nullptr : &it->second;
}

}  // namespace spoor
