#include "match/gram_index.h"

#include <algorithm>
#include <array>
#include <bit>

namespace spoor {
namespace {

constexpr size_t kFilterBitsPerGram = 16;  // one place in 16 passes without reason
constexpr int kMinFilterBits = 10, kMaxFilterBits = 20;

constexpr std::array<uint8_t, 256> kCommonness = [] {
  std::array<uint8_t, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<uint8_t>(c)] = 2;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<uint8_t>(c)] = 1;
  for (const char c : std::string_view("etaoinsrcldmpuw\\. -/")) table[static_cast<uint8_t>(c)] = 3;
  return table;
}();

// How many of the literals hold a gram, counted under a hash that may confuse some.
class GramCounts {
 public:
  GramCounts() : counts_(1 << 16) {}
  void Add(uint32_t gram) {
    uint16_t& n = counts_[Place(gram)];
    n = static_cast<uint16_t>(n + (n != 0xffff));
  }
  uint32_t Of(uint32_t gram) const { return counts_[Place(gram)]; }

 private:
  static uint32_t Place(uint32_t gram) { return gram * 0x85ebca6bu >> 16; }
  std::vector<uint16_t> counts_;
};

// Where in a literal its rarest four bytes stand: in few other literals, and of bytes that are not common.
size_t RarestGram(std::string_view literal, const GramCounts& counts) {
  size_t rarest = 0;
  uint32_t least = ~0u;
  for (size_t i = 0; i + 4 <= literal.size(); ++i) {
    const uint32_t gram = Load32(literal.data() + i);
    uint32_t cost = 4 * static_cast<uint32_t>(std::bit_width(counts.Of(gram)));
    for (int b = 0; b < 4; ++b) cost += kCommonness[gram >> (8 * b) & 0xff];
    if (cost < least) {
      least = cost;
      rarest = i;
    }
  }
  return rarest;
}

}  // namespace

int ByteCommonness(uint8_t byte) { return kCommonness[byte]; }

void GramIndex::Build(const std::vector<std::string_view>& literals) {
  *this = GramIndex();
  GramCounts counts;
  for (const std::string_view literal : literals) {
    for (size_t i = 0; i + 4 <= literal.size(); ++i) counts.Add(Load32(literal.data() + i));
  }
  struct Draft {
    uint32_t gram;
    Entry entry;
  };
  std::array<std::vector<Draft>, 5> drafts;  // by length of the gram
  for (uint32_t id = 0; id < literals.size(); ++id) {
    const std::string_view literal = literals[id];
    if (literal.size() == 1) {
      const auto b = static_cast<uint8_t>(literal[0]);
      any_single_ = true;
      singles_[b >> 6] |= uint64_t{1} << (b & 63);
      single_id_[b] = id;
      continue;
    }
    const auto at = static_cast<uint32_t>(bytes_.size());
    bytes_ += literal;
    const size_t length = std::min<size_t>(4, literal.size());
    const size_t gram_at = RarestGram(literal, counts);
    uint32_t gram = 0;
    std::memcpy(&gram, literal.data() + gram_at, length);
    drafts[length].push_back(
        {gram, {at, static_cast<uint32_t>(literal.size()), static_cast<uint32_t>(gram_at), id, 0}});
  }
  for (uint32_t length = 4; length >= 2; --length) {
    std::vector<Draft>& list = drafts[length];
    if (list.empty()) continue;
    std::stable_sort(list.begin(), list.end(), [](const Draft& a, const Draft& b) { return a.gram < b.gram; });
    Table table;
    table.length = length;
    table.mask = length == 4 ? ~0u : (1u << (8 * length)) - 1;
    const int bits =
        std::clamp<int>(std::bit_width(list.size() * kFilterBitsPerGram - 1), kMinFilterBits, kMaxFilterBits);
    table.shift = 32 - bits;
    table.filter.resize(size_t{1} << (bits - 3));
    table.slots.resize(std::bit_ceil(2 * list.size()), {0, kFree});
    table.slot_shift = 32 - std::countr_zero(table.slots.size());
    table.slot_mask = static_cast<uint32_t>(table.slots.size() - 1);
    for (size_t i = 0; i < list.size(); ++i) {
      const uint32_t gram = list[i].gram;
      if (i == 0 || list[i - 1].gram != gram) {
        const uint32_t bit = HashOf(gram) >> table.shift;
        table.filter[bit >> 3] |= static_cast<uint8_t>(1 << (bit & 7));
        uint32_t s = HashOf(gram) >> table.slot_shift;
        while (table.slots[s].first != kFree) s = (s + 1) & table.slot_mask;
        table.slots[s] = {gram, static_cast<uint32_t>(entries_.size())};
      }
      entries_.push_back(list[i].entry);
      entries_.back().last = i + 1 == list.size() || list[i + 1].gram != gram;
    }
    tables_.push_back(std::move(table));
  }
}

}  // namespace spoor
