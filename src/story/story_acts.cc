#include "story/story_acts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "campaign/stages.h"

namespace spoor {
namespace {

constexpr int64_t kPause = int64_t{12} * 3'600'000'000;
constexpr int64_t kWeek = 14 * kPause;
constexpr int64_t kOnTheWay = 300'000'000;

// Where contact is all there is, what matters is with whom.
std::vector<StoryAct> WithContactsTogether(std::vector<StoryAct> acts) {
  std::vector<StoryAct> together;
  std::map<std::string, size_t> by_contact;
  for (StoryAct& act : acts) {
    if (std::any_of(act.steps.begin(), act.steps.end(), [](const Step* step) { return step->contact.empty(); })) {
      together.push_back(std::move(act));
      continue;
    }
    for (const Step* step : act.steps) {
      const auto [it, fresh] = by_contact.try_emplace(step->contact, together.size());
      if (fresh) together.push_back({step->first, step->first, {}, step->contact});
      together[it->second].steps.push_back(step);
      together[it->second].last = std::max(together[it->second].last, step->last);
    }
  }
  std::stable_sort(together.begin(), together.end(),
                   [](const StoryAct& a, const StoryAct& b) { return a.first < b.first; });
  return together;
}

// Where nobody was let in, what matters is from where it was tried.
std::vector<StoryAct> WithTriesTogether(std::vector<StoryAct> acts) {
  std::vector<StoryAct> together;
  std::map<ThingId, size_t> by_origin;
  for (StoryAct& act : acts) {
    const ThingId from = act.steps.front()->from;
    const bool in_vain = from != kNoThing && std::all_of(act.steps.begin(), act.steps.end(), [&](const Step* step) {
                           return step->in_vain && step->from == from;
                         });
    const auto known = in_vain ? by_origin.find(from) : by_origin.end();
    if (known == by_origin.end() || act.first > together[known->second].last + kWeek) {
      if (in_vain) by_origin[from] = together.size();
      together.push_back(std::move(act));
      continue;
    }
    StoryAct& before = together[known->second];
    before.tried_from = from;
    before.steps.insert(before.steps.end(), act.steps.begin(), act.steps.end());
    before.last = act.last;
  }
  return together;
}

// A visit that shows nothing but how somebody came there, or went on, and from there right into the next machine: part
// of the visit to that one.
std::vector<StoryAct> WithWaysTogether(std::vector<StoryAct> acts) {
  std::vector<StoryAct> together;
  for (size_t i = 0; i < acts.size(); ++i) {
    const StoryAct& act = acts[i];
    const Step& way = *act.steps.front();
    const auto leads_to = [&](const StoryAct& next) {
      const Step& into = *next.steps.front();
      return into.from == way.host && into.host != way.host && into.stage == way.stage &&
             next.first - act.last <= kOnTheWay;
    };
    const bool one = act.contact.empty() && act.tried_from == kNoThing && way.stage >= 0 && way.host != kNoThing &&
                     std::all_of(act.steps.begin(), act.steps.end(),
                                 [&](const Step* step) { return step->stage == way.stage && step->from == way.from; });
    if (one && i + 1 < acts.size() && leads_to(acts[i + 1])) {
      acts[i + 1].steps.insert(acts[i + 1].steps.end(), act.steps.begin(), act.steps.end());
      continue;
    }
    together.push_back(std::move(acts[i]));
  }
  return together;
}

}  // namespace

std::vector<StoryAct> ActsOf(const Campaign& campaign) {
  std::vector<StoryAct> acts;
  std::map<std::pair<std::string, std::string>, size_t> open;  // by organisation and place
  for (const Step& step : campaign.steps) {
    std::pair<std::string, std::string> where(step.tenant, PlaceOf(step));
    if (!step.wave.empty()) {
      where = {"", step.wave};
    } else if (where.second.empty()) {
      where = {"", step.title};
    }
    const auto [it, fresh] = open.try_emplace(std::move(where), acts.size());
    if (fresh || (!step.host_name.empty() && step.first > acts[it->second].last + kPause)) {
      it->second = acts.size();
      acts.push_back({step.first, step.first, {}});
    }
    acts[it->second].last = std::max(acts[it->second].last, step.first);
    acts[it->second].steps.push_back(&step);
  }
  return WithWaysTogether(WithTriesTogether(WithContactsTogether(std::move(acts))));
}

std::vector<StoryLine> LinesOf(const StoryAct& act) {
  std::vector<const Step*> steps = act.steps;
  const auto is_idle = [](const Step* step) { return step->technique.empty(); };
  if (!std::all_of(steps.begin(), steps.end(), is_idle)) std::erase_if(steps, is_idle);
  const bool account = steps.front()->host_name.empty() && steps.front()->wave.empty();
  const auto stage_of = [&](const Step* step) {
    if (account) return steps.back()->stage;
    if (step->stage < 0) return step->stage;
    if (Stages()[static_cast<size_t>(step->stage)].told_of_process && step->about != kNoThing) {
      const auto same = std::find_if(steps.begin(), steps.end(), [&](const Step* s) {
        return s->about == step->about && s->stage >= 0 && s->stage != step->stage;
      });
      if (same != steps.end()) step = *same;
    }
    for (const int with : Stages()[static_cast<size_t>(step->stage)].told_with) {
      if (std::any_of(steps.begin(), steps.end(), [&](const Step* s) { return s->stage == with; })) return with;
    }
    return step->stage;
  };
  std::vector<StoryLine> lines;
  for (const Step* step : steps) {
    const int stage = stage_of(step);
    auto it = std::find_if(lines.begin(), lines.end(), [&](const StoryLine& line) { return line.stage == stage; });
    if (it == lines.end()) it = lines.insert(lines.end(), {stage, {}});
    it->steps.push_back(step);
  }
  return lines;
}

}  // namespace spoor
