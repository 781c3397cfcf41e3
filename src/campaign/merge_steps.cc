#include "campaign/merge_steps.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

namespace spoor {
namespace {

constexpr int64_t kHours = 6 * 3'600'000'000LL;

void Merge(Step* into, Step&& from) {
  const auto other_title = [&](const std::string& title) {
    if (title == into->title || std::find(into->also.begin(), into->also.end(), title) != into->also.end()) return;
    into->also.push_back(title);
  };
  if (from.weight > into->weight) {
    std::swap(into->title, from.title);
    std::swap(into->summary, from.summary);
    std::swap(into->level, from.level);
    std::swap(into->about, from.about);
    std::swap(into->stage, from.stage);
    std::swap(into->tactic, from.tactic);
    into->weight = from.weight;
    std::erase(into->also, into->title);
  }
  other_title(from.title);
  for (const std::string& title : from.also) other_title(title);
  for (const std::string& technique : from.techniques) {
    if (std::find(into->techniques.begin(), into->techniques.end(), technique) == into->techniques.end())
      into->techniques.push_back(technique);
  }
  if (into->account.empty()) into->account = from.account;
  if (into->from == kNoThing) into->from = from.from;
  into->last = std::max(into->last, from.last);
  into->clues.insert(into->clues.end(), from.clues.begin(), from.clues.end());
  std::sort(into->clues.begin(), into->clues.end());
  into->clues.erase(std::unique(into->clues.begin(), into->clues.end()), into->clues.end());
  for (const RecordPlace& place : from.places) {
    const bool there = std::any_of(into->places.begin(), into->places.end(), [&](const RecordPlace& p) {
      return p.file == place.file && p.offset == place.offset && p.record == place.record;
    });
    if (!there) into->places.push_back(place);
  }
  into->things += from.things;
  into->theirs |= from.theirs && into->account == from.account;
}

}  // namespace

void MergeSteps(std::vector<Step>* steps) {
  using Key = std::tuple<std::string, std::string, std::string, bool>;  // tenant, machine, technique, in vain
  std::map<Key, size_t> open;
  std::vector<Step> merged;
  for (Step& step : *steps) {
    const Key key(step.tenant, step.host_name, step.technique.empty() ? "/" + step.title : step.technique,
                  step.in_vain);
    const auto it = open.find(key);
    if (it != open.end() && !step.host_name.empty() && step.first <= merged[it->second].last + kHours) {
      Merge(&merged[it->second], std::move(step));
      continue;
    }
    open[key] = merged.size();
    merged.push_back(std::move(step));
  }
  *steps = std::move(merged);
}

}  // namespace spoor
