#include "formats/journal_export/cutter.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "formats/journal_export/fields.h"

namespace spoor::journal_export {
namespace {

class EntryCutter : public Cutter {
 public:
  Cut Next(const uint8_t* data, size_t size, bool last) override {
    const std::string_view text = AsText(data, size);
    if (too_long_ > 0) return PassOver(text, last);
    entries_.clear();
    size_t done = 0;  // behind the last entry that is whole
    for (size_t at = offset_ == 0 && text.starts_with("\xef\xbb\xbf") ? 3 : 0; at < size;) {
      const Field field = TakeField(text, at, last);
      const bool too_long = field.kind == Field::kTooLong || field.end - done > kMaxRecord;
      if (field.kind == Field::kMore && size - done <= kMaxRecord) break;
      if (field.kind == Field::kMore || too_long) {
        if (done > 0) break;
        return PassOver(text, last);
      }
      at = field.end;
      if (field.kind != Field::kEnd && at < size) continue;
      if (field.kind != Field::kEnd && !last) break;
      if (field.kind != Field::kEnd || at - done > 2) {  // not an empty line alone
        entries_.push_back({static_cast<uint32_t>(done), static_cast<uint32_t>(at)});
      }
      done = at;
    }
    Cut cut;
    cut.records_before = records_;
    cut.size = done;
    if (done == 0) return cut;
    cut.header = std::make_shared<const std::string>(reinterpret_cast<const char*>(entries_.data()),
                                                     entries_.size() * sizeof(Entry));
    records_ += entries_.size();
    offset_ += done;
    return cut;
  }

 private:
  // Passes over an entry that is longer than kMaxRecord, or has a value that is, up to its end.
  Cut PassOver(std::string_view text, bool last) {
    size_t at = 0;
    bool over = false;
    while (at < text.size() && !over) {
      if (in_value_ > 0) {
        const size_t part = static_cast<size_t>(std::min<uint64_t>(in_value_, text.size() - at));
        in_value_ -= part;
        at += part;
        continue;
      }
      if (in_line_) {
        const size_t stop = text.find('\n', at);
        at = stop == std::string_view::npos ? text.size() : stop + 1;
        in_line_ = stop == std::string_view::npos;
        continue;
      }
      const Field field = TakeField(text, at, last);
      if (field.kind == Field::kMore) {
        if (at > 0 || text.size() <= kMaxRecord) break;
        in_line_ = true;
        continue;
      }
      if (field.kind == Field::kTooLong) in_value_ = field.long_size;
      at = field.end;
      over = field.kind == Field::kEnd;
    }
    Cut cut;
    cut.records_before = records_;
    cut.discard = true;
    cut.size = at;
    too_long_ += at;
    offset_ += at;
    if (over || (last && at == text.size())) {
      cut.damage = "journal_entry_too_long";
      cut.damage_bytes = too_long_;
      cut.damage_offset = offset_ - too_long_;
      too_long_ = in_value_ = 0;
      in_line_ = false;
      ++records_;
    }
    return cut;
  }

  std::vector<Entry> entries_;
  uint64_t records_ = 0, offset_ = 0;
  uint64_t too_long_ = 0;  // bytes so far of an entry that is passed over; 0: none is
  uint64_t in_value_ = 0;  // … bytes left of the value it is in
  bool in_line_ = false;   // … it is in a line whose beginning is gone
};

}  // namespace

std::unique_ptr<Cutter> MakeCutter() { return std::make_unique<EntryCutter>(); }

}  // namespace spoor::journal_export
