#include "formats/auditd/chains.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/bytes.h"

namespace spoor::auditd {

void Chains::Clear() {
  records_.clear();
  last_.clear();
}

void Chains::Add(const RecordHead& head, uint64_t number) {
  const auto index = static_cast<uint32_t>(records_.size());
  Record record{head, number};
  uint32_t before = kNone;
  if (index > 0 && records_.back().head.id == head.id && records_.back().head.node == head.node) {
    before = index - 1;
    last_[{head.node, head.id}] = index;
  } else {
    const auto [it, fresh] = last_.try_emplace({head.node, head.id}, index);
    if (!fresh) {
      before = it->second;
      it->second = index;
    }
  }
  if (before != kNone && number - records_[before].number <= kWindow) {
    record.first = false;
    records_[before].next = index;
  }
  records_.push_back(record);
}

namespace {

class EventCutter : public Cutter {
 public:
  Cut Next(const uint8_t* data, size_t size, bool last) override {
    size_t given = size;
    if (!in_long_line_ && !last) {
      given = Boundary(data, size);
      if (given == 0) {
        if (size <= kMaxRecord) return {};
        given = size;
      }
    }
    Cut cut = lines_->Next(data, given, last && given == size);
    in_long_line_ = cut.discard && cut.damage == nullptr;
    return cut;
  }

 private:
  // The last place that no event goes across; 0: none.
  size_t Boundary(const uint8_t* data, size_t size) {
    // The last lines that are complete, from the end.
    constexpr size_t kLines = 4 * kWindow;
    ends_.clear();
    names_.clear();
    const auto* stop = static_cast<const uint8_t*>(memrchr(data, '\n', size));
    while (stop != nullptr && ends_.size() < kLines) {
      const auto* before = static_cast<const uint8_t*>(memrchr(data, '\n', static_cast<size_t>(stop - data)));
      const uint8_t* const first = before == nullptr ? data : before + 1;
      RecordHead head;
      ends_.push_back(static_cast<size_t>(stop - data) + 1);
      const bool has = ReadHead(AsText(first, static_cast<size_t>(stop - first)), &head);
      names_.emplace_back(has ? head.node : std::string_view(), has ? head.id : std::string_view());
      stop = before;
    }
    const bool whole = stop == nullptr;  // ends_ has all lines there are
    // A cut behind line i (from the end): the kWindow lines up to it against the kWindow behind it. Where there are not
    // so many behind it, it is good only if nothing in front could go on.
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (i + kWindow > ends_.size() && !whole) return 0;
      const size_t back = std::min(i + kWindow, ends_.size());
      const size_t ahead = std::min<size_t>(i, kWindow);
      const bool seen_all = i >= kWindow;
      bool good = true;
      for (size_t b = i; b < back && good; ++b) {
        if (names_[b].second.empty()) continue;
        if (!seen_all) good = false;
        for (size_t a = i - ahead; a < i && good; ++a) good = names_[a] != names_[b];
      }
      if (good) return ends_[i];
    }
    return 0;
  }

  std::unique_ptr<Cutter> lines_ = CutLines();
  bool in_long_line_ = false;
  std::vector<size_t> ends_;
  std::vector<std::pair<std::string_view, std::string_view>> names_;  // node and id
};

}  // namespace

std::unique_ptr<Cutter> CutEvents() { return std::make_unique<EventCutter>(); }

}  // namespace spoor::auditd
