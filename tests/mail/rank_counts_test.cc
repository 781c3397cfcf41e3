// The bound that all collectors of a trace share.
#include "mail/rank_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "mail/kept.h"

namespace spoor {
namespace {

TEST(RankCounts, WhatIsAtTheBoundOrAboveIsNoneOfTheSmallest) {
  constexpr size_t kMost = 1000;
  RankCounts counts;
  std::vector<uint64_t> ranks;
  for (size_t i = 0; i < 50'000; ++i) {
    ranks.push_back(RankOf(std::to_string(i)));
    counts.Count(ranks.back());
  }
  std::sort(ranks.begin(), ranks.end());
  const uint64_t bound = counts.Bound(kMost);
  EXPECT_GT(bound, ranks[kMost]);
  const auto below = std::lower_bound(ranks.begin(), ranks.end(), bound) - ranks.begin();
  EXPECT_LT(below, static_cast<std::ptrdiff_t>(kMost + 100));  // and hardly more than needed is kept
}

TEST(RankCounts, ThereIsNoBoundBelowSoMany) {
  RankCounts counts;
  for (size_t i = 0; i < 1000; ++i) counts.Count(RankOf(std::to_string(i)));
  EXPECT_EQ(counts.Bound(1000), UINT64_MAX);
}

TEST(Kept, OfOneNameTheFetchesOfSmallestRankStay) {
  Kept kept;
  HostSeen host;
  const std::string* const text = kept.pool.Put("a");
  for (uint64_t i = 0; i < 3 * kMaxFetches; ++i) {
    Fetch fetch;
    fetch.rank = (i * 7919) % (3 * kMaxFetches);
    fetch.tenant = fetch.client = fetch.user = text;
    kept.Keep(fetch, &host);
  }
  EXPECT_LE(host.fetches.size(), kMaxFetches * 5 / 4);
  EXPECT_EQ(kept.fetches, host.fetches.size());
  size_t small = 0;
  for (const Fetch& fetch : host.fetches) small += fetch.rank < kMaxFetches;
  EXPECT_EQ(small, kMaxFetches);
}

}  // namespace
}  // namespace spoor
