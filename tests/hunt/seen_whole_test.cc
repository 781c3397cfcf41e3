// What is kept of very many kinds of events depends on no order.
#include "hunt/seen_whole.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace spoor {
namespace {

KindKey Key(size_t i) {
  KindKey key;
  key.log.host = "H";
  key.log.channel = "Security";
  key.event_id = static_cast<uint32_t>(i);
  key.has_event_id = true;
  return key;
}

// Kinds 0 to count-1, with `fields` fields each, a thousand kinds a piece, in some order.
Seen Take(size_t count, uint64_t fields, unsigned seed) {
  std::vector<size_t> ids(count);
  for (size_t i = 0; i < count; ++i) ids[i] = i;
  std::mt19937 random(seed);
  std::shuffle(ids.begin(), ids.end(), random);
  const FileTable files({{"a", ""}, {"b", ""}, {"c", ""}});
  SeenWhole whole(sigma::SwitchOn::BuiltIn(), files);
  PieceNotes notes;
  for (size_t i = 0; i < count; ++i) {
    SeenKind& kind = notes.kinds[Key(ids[i])];
    kind.events = 1;
    for (uint64_t f = 0; f < fields; ++f) kind.fields.push_back(f);
    ++notes.events;
    if (notes.events < 1000 && i + 1 < count) continue;
    whole.Take(&notes);
    notes = {};
  }
  return whole.Finish();
}

size_t Fields(const Seen& seen) {
  size_t n = 0;
  for (const auto& [key, kind] : seen.kinds) n += kind.fields.size();
  return n;
}

size_t WithAnyField(const Seen& seen) {
  return static_cast<size_t>(
      std::count_if(seen.kinds.begin(), seen.kinds.end(), [](const auto& one) { return one.second.any_field; }));
}

TEST(SeenWhole, KindsShareTheRoomForFields) {
  constexpr size_t kShare = kMaxFields / kMaxKinds;
  for (const unsigned seed : {1u, 2u}) {
    const Seen fit = Take(kMaxKinds + 500, kShare, seed);
    EXPECT_EQ(fit.kinds.size(), kMaxKinds);
    EXPECT_EQ(WithAnyField(fit), 0u) << "the kinds that are dropped take no share";
    EXPECT_EQ(Fields(fit), kMaxFields);
    const Seen many = Take(kMaxKinds, kShare + 1, seed);
    EXPECT_EQ(WithAnyField(many), kMaxKinds);
    EXPECT_EQ(Fields(many), 0u);
  }
  const Seen few = Take(1000, kMaxKindFields, 1);
  EXPECT_EQ(WithAnyField(few), 0u);
  EXPECT_EQ(Fields(few), 1000 * kMaxKindFields);
  EXPECT_EQ(WithAnyField(Take(10, kMaxKindFields + 1, 1)), 10u);
}

}  // namespace
}  // namespace spoor
