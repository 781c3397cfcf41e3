// evaluate_attribution: prints the tables of docs/attribution.md, measured here and now.
#include <fmt/format.h>

#include <string>

#include "intel/profile.h"
#include "support/attribution_evaluation.h"

namespace spoor {
namespace {

void PrintCampaigns(const Attack& attack, const Parameters& parameters) {
  fmt::print("Campaigns that ATT&CK attributes, each left out of what is known\n\n");
  fmt::print("| campaign | group | rank | claimed for it | first | claimed |\n|---|---|---|---|---|---|\n");
  for (const Tried& t : TryCampaigns(attack, parameters, Leave::kCampaign)) {
    fmt::print("| {} {} | {} | {} | {:.2f} | {}{} | {:.2f} |\n", t.campaign, attack.FindCampaign(t.campaign)->name,
               attack.FindGroup(t.truth.front())->name, t.rank, t.right, t.first,
               t.none_first ? " (after \"none of these\")" : "", t.claimed);
  }
}

void PrintScore(const std::string& what, const Score& s) {
  fmt::print("| {} | {} of {} | {} | {:.3f} | {:.3f} | {:.3f} | {} of {} |\n", what, s.first, s.tried, s.among_five,
             s.claimed, s.calibration_error, s.log_loss, s.tried - s.over_half, s.tried);
}

void PrintDraws(const Attack& attack, const Parameters& parameters) {
  fmt::print(
      "\n| draws of k techniques | right first | claimed for the first | told the noise | group left out: none above "
      "50 % "
      "|\n|---|---|---|---|---|\n");
  for (const auto& [noisy, by_use] : {std::pair{false, false}, {true, false}, {true, true}}) {
    for (const size_t k : {3, 5, 8}) {
      const std::vector<Drawn> draws = Draw(attack, {k, noisy, by_use});
      const Score with = Judge(TryDraws(attack, parameters, draws));
      const Score without = Judge(TryDrawsWithoutGroup(attack, parameters, draws));
      fmt::print("| {}{} | {:.1f} % | {:.1f} % | {:.1f} % | {:.1f} % |\n", k,
                 !noisy   ? ""
                 : by_use ? ", a quarter foreign, as often as groups use them"
                          : ", a quarter foreign, any",
                 100.0 * static_cast<double>(with.first) / static_cast<double>(with.tried), 100 * with.claimed,
                 100 * ToldNoise(attack, draws, noisy ? 0.25 : 0),
                 100 - 100.0 * static_cast<double>(without.over_half) / static_cast<double>(without.tried));
    }
  }
}

void Print() {
  const Attack& attack = Attack::BuiltIn();
  const Parameters parameters;
  PrintCampaigns(attack, parameters);
  fmt::print(
      "\n| left out | right first | among five | mean claimed | calibration error | log loss | first at most 50 % "
      "|\n|---|---|---|---|---|---|---|\n");
  PrintScore("the campaign", Judge(TryCampaigns(attack, parameters, Leave::kCampaign)));
  PrintScore("and its group's software that it shares",
             Judge(TryCampaigns(attack, parameters, Leave::kCampaignAndSharedSoftware)));
  PrintScore("the campaign, and its techniques alone are given",
             Judge(TryCampaigns(attack, parameters, Leave::kCampaign, true)));
  PrintScore("the whole group", Judge(TryCampaigns(attack, parameters, Leave::kGroup)));
  PrintDraws(attack, parameters);
}

}  // namespace
}  // namespace spoor

int main() { spoor::Print(); }
