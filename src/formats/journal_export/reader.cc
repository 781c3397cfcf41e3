// Fields come in the order in which a journal came to know their values, which differs from entry to entry. They are
// read in the order of their names, so that entries with the same fields are of one shape; a field that is there
// several times has several values, as in the journal's JSON.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "formats/journal_export/cutter.h"
#include "formats/journal_export/fields.h"
#include "formats/journal_export/format.h"
#include "formats/json/key_tree.h"
#include "formats/lines.h"
#include "formats/loose_time.h"

namespace spoor::journal_export {
namespace {

constexpr size_t kMaxFields = 1024;    // of an entry (systemd takes no more); those after them are passed over
constexpr size_t kMaxTree = 16 << 20;  // bytes of shapes, then they are learned anew
constexpr auto kTextArray = static_cast<ValueType>(static_cast<uint8_t>(ValueType::kUtf8) | kArrayFlag);

Value TextValue(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
}

class EntryReader : public PieceReader {
 public:
  explicit EntryReader(const FormatOptions& options)
      : loose_{options.utc_offset, false},
        tree_(options.given, options.mappings != nullptr ? *options.mappings : Mappings::BuiltIn()) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    if (piece.header == nullptr) return;
    uint64_t number = piece.records_before;
    for (size_t at = 0; at + sizeof(Entry) <= piece.header->size(); at += sizeof(Entry)) {
      Entry entry;
      std::memcpy(&entry, piece.header->data() + at, sizeof entry);
      std::string_view text = AsText(piece.data + entry.begin, entry.end - entry.begin);
      uint64_t offset = piece.offset + entry.begin;
      if (offset == 0 && text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
        offset += 3;
      }
      ReadEntry(text, offset, ++number, sink);
    }
  }

 private:
  void ReadEntry(std::string_view text, uint64_t offset, uint64_t number, Sink* sink) {
    fields_.clear();
    Damage damage{0, 0, "journal_field_invalid"};  // lines that are no fields, side by side
    const auto report = [&] {
      if (damage.bytes > 0) sink->OnDamage(damage);
      damage.bytes = 0;
    };
    for (size_t at = 0; at < text.size();) {
      const Field field = TakeField(text, at, true);
      if (field.kind == Field::kBad) {
        if (damage.bytes == 0) damage.offset = offset + at;
        damage.bytes += field.end - at;
      } else {
        report();
      }
      if (field.kind == Field::kCut) sink->OnDamage({offset + at, text.size() - at, "journal_field_cut"});
      if (field.kind == Field::kField || field.kind == Field::kCut) {
        if (fields_.size() == kMaxFields) {
          sink->OnDamage({offset + at, text.size() - at, "journal_entry_too_many_fields"});
          break;
        }
        fields_.emplace_back(field.name, field.value);
      }
      at = field.end;
    }
    report();
    if (!fields_.empty()) Send(offset, number, sink);
  }

  void Send(uint64_t offset, uint64_t number, Sink* sink) {
    if (tree_.memory() > kMaxTree) {
      sink->ShapesDropped();
      tree_.Clear();
    }
    std::stable_sort(fields_.begin(), fields_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    values_.clear();
    lists_.clear();
    in_lists_.clear();
    json::KeyTree::Node* at = tree_.root();
    for (size_t i = 0, next; i < fields_.size(); i = next) {
      for (next = i + 1; next < fields_.size() && fields_[next].first == fields_[i].first;) ++next;
      at = tree_.Next(at, json::KeyTree::Step::kName, fields_[i].first);
      if (next == i + 1) {
        values_.push_back(TextValue(fields_[i].second));
        continue;
      }
      const size_t begin = lists_.size();
      for (size_t n = i; n < next; ++n) AppendUtf8Element(fields_[n].second, &lists_);
      in_lists_.emplace_back(values_.size(), begin);
      values_.push_back({nullptr, static_cast<uint32_t>(lists_.size() - begin), kTextArray});
    }
    for (const auto& [value, begin] : in_lists_) {
      values_[value].data = reinterpret_cast<const uint8_t*>(lists_.data()) + begin;
    }
    MappedShape& shape = tree_.ShapeAt(at);
    Event event;
    event.record = number;
    event.offset = offset;
    for (const uint32_t i : shape.times()) {
      if (values_[i].type != ValueType::kUtf8) continue;
      if (const auto time = ParseLooseTime(AsText(values_[i].data, values_[i].size), loose_)) {
        event.time = *time;
        break;
      }
    }
    event.shape = &shape.For(&values_);
    event.values = values_.data();
    sink->OnEvent(event);
  }

  const LooseTimes loose_;
  json::KeyTree tree_;
  std::vector<std::pair<std::string_view, std::string_view>> fields_;  // of the entry: name, value
  std::vector<Value> values_;
  std::string lists_;                                // the elements of lists
  std::vector<std::pair<size_t, size_t>> in_lists_;  // values that are there, and where
};

// A line that only the journal writes, and a field behind it. Not the first line alone: it may be a damaged one.
bool IsExport(const uint8_t* head, size_t size) {
  bool stamp = false, found = false;  // the line before was such a line
  ForEachHeadLine(head, size, [&](std::string_view line) {
    found = stamp && IsFieldName(line.substr(0, line.find('=')));
    stamp = line.starts_with("__CURSOR=") || line.starts_with("__REALTIME_TIMESTAMP=") ||
            line.starts_with("_SOURCE_REALTIME_TIMESTAMP=");
    return !found;
  });
  return found;
}

}  // namespace

const Format kFormat = {
    "journal-export",
    IsExport,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<EntryReader>(options); },
    MakeCutter,
};

}  // namespace spoor::journal_export
