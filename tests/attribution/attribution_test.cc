#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "attribution/compare.h"
#include "attribution/observations.h"
#include "support/attribution_evaluation.h"

namespace spoor {
namespace {

const Attack& Known() { return Attack::BuiltIn(); }

const Hypothesis& Of(const std::vector<Hypothesis>& all, std::string_view id) {
  return *std::find_if(all.begin(), all.end(), [&](const Hypothesis& h) { return h.actor && h.actor->id == id; });
}

Evidence Read(const Knowledge& knowledge, std::initializer_list<const char*> words, const char* visible = nullptr) {
  ObservationReader reader(knowledge);
  for (const char* word : words) reader.Add(word);
  if (visible != nullptr) reader.AddVisible(visible);
  EXPECT_TRUE(reader.problems().empty());
  return reader.evidence();
}

// The tolerances are those that the documentation promises.
TEST(Attribution, FindsTheAuthorsOfCampaigns) {
  const Score s = Judge(TryCampaigns(Known(), {}, Leave::kCampaign));
  EXPECT_EQ(s.tried, 22u);
  EXPECT_GE(s.first, 15u);
  EXPECT_GE(s.among_five, 17u);
  EXPECT_LT(std::fabs(s.claimed - static_cast<double>(s.first) / 22), 0.1);
  EXPECT_LE(s.calibration_error, 0.1);
}

TEST(Attribution, IsNotSureOfAnybodyWhereTheAuthorIsUnknown) {
  const Score campaigns = Judge(TryCampaigns(Known(), {}, Leave::kGroup));
  EXPECT_LE(campaigns.over_half * 5, campaigns.tried);
  const Score draws = Judge(TryDrawsWithoutGroup(Known(), {}, Draw(Known(), {5, true, true, 2})));
  EXPECT_LE(draws.over_half * 5, draws.tried);
}

// `behind`: how far a simple model that is told the noise may be ahead.
TEST(Attribution, InfersTheNoiseOfRandomDraws) {
  struct Line {
    size_t k;
    bool noisy;
    double least, behind;
  };
  for (const Line& line : {Line{3, false, 0.86, 0.01}, Line{5, false, 0.97, 0.01}, Line{8, false, 0.99, 0.005},
                           Line{3, true, 0.47, 0.04}, Line{5, true, 0.89, 0.005}, Line{8, true, 0.95, 0.01}}) {
    const std::vector<Drawn> draws = Draw(Known(), {line.k, line.noisy, false, 5});
    const Score s = Judge(TryDraws(Known(), {}, draws));
    const double right = static_cast<double>(s.first) / static_cast<double>(s.tried);
    EXPECT_GE(right, line.least) << line.k << line.noisy;
    EXPECT_GE(right, ToldNoise(Known(), draws, line.noisy ? 0.25 : 0) - line.behind) << line.k << line.noisy;
  }
}

// Five techniques of a group's list (seed of its own). What was seen in logs, or stands beside software, was not taken
// from a list; and a list that mostly names what the group is not known for was not either.
TEST(Attribution, AListTakenFromWhatIsWrittenIsToldByItself) {
  const Knowledge knowledge(Known(), {});
  const Model model(knowledge);
  size_t surer = 0, tried = 0;
  for (const Drawn& d : Draw(Known(), {5, false, false, 1, 4})) {
    if (d.techniques.size() < 5) continue;
    Evidence bare;
    for (const uint32_t t : d.techniques) bare.techniques.push_back({t, 1, ""});
    Evidence seen = bare;
    seen.visible.assign(Known().techniques().size(), true);
    const std::string_view id = Known().groups()[d.group].id;
    surer += Of(model.Weigh(bare), id).probability > Of(model.Weigh(seen), id).probability;
    ++tried;
  }
  EXPECT_GE(surer * 100, tried * 95) << surer << " of " << tried;

  // APT29's SolarWinds campaign shows what no page of a group lists together: who it was stays as open.
  Evidence campaign = EvidenceOf(Known(), *Known().FindCampaign("C0024"));
  campaign.software.clear();
  Evidence seen = campaign;
  seen.visible.assign(Known().techniques().size(), true);
  const Knowledge without(Known(), {}, {.campaign = "C0024"});
  const Model other(without);
  EXPECT_NEAR(Of(other.Weigh(campaign), "G0016").probability, Of(other.Weigh(seen), "G0016").probability, 0.1);
}

TEST(Attribution, ThePriorFavoursThoseOfWhomMuchIsWrittenOnlyInPart) {
  const Knowledge knowledge(Known(), {});
  const auto all = Model(knowledge).Weigh({});
  double least = 1, sum = 0;
  for (const Hypothesis& h : all) {
    if (h.actor == nullptr) continue;
    least = std::min(least, h.prior);
    sum += h.prior;
  }
  const Parameters p;
  const double alike = (1 - p.none) / static_cast<double>(all.size() - 1);
  EXPECT_NEAR(sum, 1 - p.none, 1e-9);
  EXPECT_GT(least, alike * (1 - p.standing));
  EXPECT_GT(Of(all, "G0016").prior, alike * 1.5);  // APT29, of whom much is written
}

TEST(Attribution, ProbabilitiesSumToOneAndDoNotDependOnTheOrderOfObservations) {
  const Knowledge knowledge(Known(), BuiltInProfiles(Known()));
  const Model model(knowledge);
  const auto a = model.Weigh(Read(knowledge, {"T1598.003", "T1665", "S0153", "T1190"}));
  const auto b = model.Weigh(Read(knowledge, {"T1190", "S0153", "T1665", "T1598.003"}));
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    sum += a[i].probability;
    EXPECT_EQ(a[i].actor, b[i].actor);
    EXPECT_NEAR(a[i].probability, b[i].probability, 1e-9);
  }
  EXPECT_NEAR(sum, 1, 1e-9);
}

TEST(Attribution, WithoutObservationsThePriorStands) {
  const Knowledge knowledge(Known(), {});
  for (const Hypothesis& h : Model(knowledge).Weigh({})) EXPECT_NEAR(h.probability, h.prior, 1e-12);
}

TEST(Attribution, ARareTechniqueWeighsMoreThanACommonOne) {
  const Knowledge knowledge(Known(), {});
  const auto all = Model(knowledge).Weigh(Read(knowledge, {"T1665", "T1105"}));  // 2 groups; most groups
  const Hypothesis& apt31 = Of(all, "G0128");
  EXPECT_GT(apt31.weights[0].log_ratio, apt31.weights[1].log_ratio + 0.5);
}

TEST(Attribution, WhatIsDoubtedWeighsLess) {
  const Knowledge knowledge(Known(), {});
  const Model model(knowledge);
  const double sure = Of(model.Weigh(Read(knowledge, {"T1665"})), "G0128").probability;
  const double doubted = Of(model.Weigh(Read(knowledge, {"T1665@0.3"})), "G0128").probability;
  const double nothing = Of(model.Weigh({}), "G0128").probability;
  EXPECT_GT(sure, doubted);
  EXPECT_GT(doubted, nothing);
}

TEST(Attribution, WhatTheEvidenceCannotShowDoesNotSpeakAgainstAnActor) {
  const Knowledge knowledge(Known(), BuiltInProfiles(Known()));
  const Model model(knowledge);
  const Comparison blind = Compare(model, Read(knowledge, {"T1598.003", "T1589.002"}, "reconnaissance"));
  for (const Row& row : blind.rows) {
    for (const Unseen& u : row.missing) EXPECT_TRUE(Known().FindTechnique(u.id)->tactics & 1) << u.id;
  }
}

TEST(Attribution, WhatElseAnActorIsKnownForMattersOnlyWhereItCouldBeSeen) {
  const std::string few = "id: X1\nname: X\ntechniques: [{id: T1598.003}, {id: T1589.002}]\n";
  const std::string more = few.substr(0, few.size() - 2) + ", {id: T1003.001}, {id: T1021.001}, {id: T1486}]\n";
  const auto ratio = [](const std::string& yaml, const char* visible) {
    const Knowledge knowledge(Known(), {*ParseProfile(yaml, "x.yml", Known())});
    return Of(Model(knowledge).Weigh(Read(knowledge, {"T1598.003"}, visible)), "X1").weights[0].log_ratio;
  };
  EXPECT_NEAR(ratio(few, "reconnaissance"), ratio(more, "reconnaissance"), 1e-9);
  EXPECT_GT(ratio(few, nullptr), ratio(more, nullptr) + 0.1);
}

TEST(Attribution, NewSoftwareTellsNothing) {
  const Knowledge knowledge(Known(), {});
  Evidence evidence;
  evidence.software.push_back({"never heard of it", 1, ""});
  for (const Hypothesis& h : Model(knowledge).Weigh(evidence)) EXPECT_NEAR(h.probability, h.prior, 1e-12);
}

TEST(Attribution, ASubTechniqueCountsForItsParentToSomeDegree) {
  const Knowledge knowledge(Known(), {});
  // APT31 is known for T1584.008 and not for T1584.
  const Hypothesis h = Of(Model(knowledge).Weigh(Read(knowledge, {"T1584", "T1484"})), "G0128");
  EXPECT_TRUE(h.weights[0].known);
  EXPECT_FALSE(h.weights[1].known);
  EXPECT_GT(h.weights[0].log_ratio, h.weights[1].log_ratio);
}

TEST(Compare, TellsTheFirstTwoApartByWhatWasNotSeen) {
  const Knowledge knowledge(Known(), BuiltInProfiles(Known()));
  const Evidence evidence = Read(knowledge, {"T1598.003", "T1665", "T1190"});
  const Comparison c = Compare(Model(knowledge), evidence, 3);
  ASSERT_FALSE(c.tell_apart.empty());
  EXPECT_LE(c.tell_apart.size(), 6u);
  for (const Unseen& u : c.tell_apart) {
    EXPECT_GT(u.ratio, 1.25);
    EXPECT_TRUE(u.id != "T1598.003" && u.id != "T1665" && u.id != "T1190");
  }
}

TEST(Observations, ReadsWhatPeopleWrite) {
  const Knowledge knowledge(Known(), BuiltInProfiles(Known()));
  ObservationReader reader(knowledge);
  reader.AddFile("# list\nt1598.003\tgateway log\r\nred leaves\nT1193 # old\nS0153@0.5\nsector = legislature\n\n", "l");
  EXPECT_EQ(reader.evidence().techniques.size(), 2u);
  EXPECT_EQ(reader.evidence().techniques[0].how, "gateway log");
  EXPECT_EQ(reader.evidence().software.size(), 1u);
  EXPECT_EQ(reader.evidence().traits.size(), 1u);
  ASSERT_EQ(reader.notes().size(), 1u);
  EXPECT_NE(reader.notes()[0].find("taken as T1566.001"), std::string::npos);
  EXPECT_TRUE(reader.problems().empty());
}

TEST(Observations, NamesWhatItCannotUse) {
  const Knowledge knowledge(Known(), {});
  for (const char* word :
       {"T9999", "G0128", "C0024", "TA0001", "T1043", "nosuchtool", "T1665@2", "T1665@", "sector="}) {
    ObservationReader reader(knowledge);
    reader.Add(word);
    EXPECT_EQ(reader.problems().size(), 1u) << word;
  }
}

TEST(Observations, RefusesAVisibilityThatIsNone) {
  const Knowledge knowledge(Known(), {});
  ObservationReader reader(knowledge);
  EXPECT_TRUE(reader.AddVisible("Initial Access, T1071,reconnaissance"));
  EXPECT_FALSE(reader.AddVisible("initial-acess"));
  EXPECT_FALSE(reader.AddVisible("T9999"));
  EXPECT_EQ(reader.problems().size(), 2u);
}

TEST(Observations, HasABound) {
  const Knowledge knowledge(Known(), {});
  ObservationReader reader(knowledge);
  for (size_t i = 0; i < kMaxObservations + 5; ++i) reader.Add("sector=s" + std::to_string(i));
  EXPECT_EQ(reader.evidence().traits.size(), kMaxObservations);
  EXPECT_EQ(reader.problems().size(), 1u);
}

TEST(Knowledge, LeavesOutWhatItIsTold) {
  const Knowledge all(Known(), {});
  const auto techniques = [](const Knowledge& k, std::string_view id) {
    for (const Actor& a : k.actors()) {
      if (a.id == id) return a.techniques.size();
    }
    return size_t{0};
  };
  LeftOut campaign, group;
  campaign.campaign = "C0024";
  group.group = "G0016";
  EXPECT_LT(techniques(Knowledge(Known(), {}, campaign), "G0016"), techniques(all, "G0016"));
  EXPECT_EQ(techniques(Knowledge(Known(), {}, group), "G0016"), 0u);
}

TEST(Knowledge, WhatOnlyACampaignShowsWeighsLess) {
  const Knowledge all(Known(), {});
  const Group& group = *Known().FindGroup("G0016");  // APT29, with two campaigns
  const auto actor =
      std::find_if(all.actors().begin(), all.actors().end(), [](const Actor& a) { return a.id == "G0016"; });
  size_t by_campaign = 0;
  for (const auto& k : actor->techniques) {
    const bool own = std::binary_search(group.techniques.begin(), group.techniques.end(), k.item);
    EXPECT_EQ(k.weight, own ? 1 : 0.7);
    by_campaign += !own;
  }
  EXPECT_GT(by_campaign, 0u);
}

}  // namespace
}  // namespace spoor
