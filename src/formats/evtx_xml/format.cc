#include "formats/evtx_xml/format.h"

#include <charconv>
#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "base/bytes.h"
#include "base/time.h"
#include "formats/evtx_xml/event.h"
#include "formats/mapping/mapped_shape.h"

namespace spoor::evtx_xml {
namespace {

constexpr std::string_view kBegin = "<Event", kEnd = "</Event>", kCData = "<![CDATA[", kCDataEnd = "]]>";
constexpr size_t kTail = kEnd.size() - 1;  // bytes of a beginning or an end that may be cut in two
constexpr size_t kMaxShapes = 16 << 20;    // bytes

// Behind the next </Event> that is not in a CDATA section; npos: there is none.
size_t EndOfEvent(std::string_view text, size_t from) {
  size_t end = text.find(kEnd, from);
  while (end != std::string_view::npos) {
    const size_t section = text.substr(0, end).find(kCData, from);
    if (section == std::string_view::npos) return end + kEnd.size();
    const size_t closed = text.find(kCDataEnd, section);
    if (closed == std::string_view::npos) return closed;
    from = closed + kCDataEnd.size();
    if (from > end) end = text.find(kEnd, from);
  }
  return end;
}

// The beginning of the next event; npos: there is none.
size_t BeginOfEvent(std::string_view text, size_t from = 0) {
  for (size_t at = from; (at = text.find(kBegin, at)) != std::string_view::npos; at += kBegin.size()) {
    const size_t behind = at + kBegin.size();
    if (behind < text.size() && std::strchr(" \t\r\n>", text[behind]) != nullptr && text[behind] != 0) return at;
  }
  return std::string_view::npos;
}

class EventCutter : public Cutter {
 public:
  Cut Next(const uint8_t* data, size_t size, bool last) override {
    const std::string_view text = AsText(data, size);
    Cut cut;
    cut.records_before = records_;
    bool resumed = false;  // what was too long is over, and an event begins
    if (too_long_ > 0) {
      const size_t end = text.find(kEnd);
      // What is too long need be no event: one that begins meanwhile is read.
      const size_t begin = BeginOfEvent(text.substr(0, end));
      resumed = begin == 0;
      if (!resumed) {
        const bool over = begin != std::string_view::npos || end != std::string_view::npos;
        cut.size = begin != std::string_view::npos ? begin : end != std::string_view::npos ? end + kEnd.size() : size;
        if (!over && !last && size > kTail) cut.size -= kTail;
        Discard(&cut, last || over);
        return cut;
      }
      ++cut.records_before;
    }
    uint64_t events = 0;
    for (size_t end; (end = EndOfEvent(text, cut.size)) != std::string_view::npos; ++events) cut.size = end;
    if (last && size - cut.size <= kMaxRecord) cut.size = size;
    if (cut.size == 0 && size > kMaxRecord) {
      const size_t next = BeginOfEvent(text, 1);
      const bool over = next != std::string_view::npos;
      cut.size = over ? next : last ? size : size - kTail;
      Discard(&cut, last || over);
      return cut;
    }
    if (resumed && cut.size > 0) {
      Tell(&cut);
      ++events;
    }
    records_ += events;
    offset_ += cut.size;
    return cut;
  }

 private:
  void Discard(Cut* cut, bool end) {
    cut->discard = true;
    too_long_ += cut->size;
    offset_ += cut->size;
    if (!end) return;
    Tell(cut);
    ++records_;
  }

  // What was too long ends at offset_.
  void Tell(Cut* cut) {
    cut->damage = "xml_event_too_long";
    cut->damage_bytes = too_long_;
    cut->damage_offset = offset_ - too_long_;
    too_long_ = 0;
  }

  uint64_t records_ = 0, offset_ = 0, too_long_ = 0;
};

class EventReader : public PieceReader {
 public:
  explicit EventReader(const FormatOptions& options)
      : given_(options.given), mappings_(options.mappings != nullptr ? *options.mappings : Mappings::BuiltIn()) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    const std::string_view text = AsText(piece.data, piece.size);
    uint64_t number = piece.records_before;
    for (size_t at = 0; at < text.size();) {
      size_t end = EndOfEvent(text, at);
      const bool whole = end != std::string_view::npos;
      if (!whole) end = text.size();
      ++number;
      // Of an event that is cut off, and the next one, the second is whole.
      size_t begin = BeginOfEvent(text.substr(0, end), at);
      while (begin != std::string_view::npos) {
        if (whole && event_.Read(text.substr(begin, end - begin))) {
          Emit(piece.offset + begin, number, sink);
          break;
        }
        const size_t next = BeginOfEvent(text.substr(0, end), begin + kBegin.size());
        const size_t stop = next == std::string_view::npos ? end : next;
        sink->OnDamage({piece.offset + begin, stop - begin,
                        whole && next == std::string_view::npos ? event_.problem() : "xml_ends_within_event"});
        begin = next;
      }
      at = end;
    }
  }

 private:
  void Emit(uint64_t offset, uint64_t number, Sink* sink) {
    key_.clear();
    for (const XmlField& field : event_.fields()) {
      key_ += field.name;
      key_ += '\n';
    }
    if (memory_ > kMaxShapes) {
      sink->ShapesDropped();
      shapes_.clear();
      memory_ = 0;
    }
    std::unique_ptr<MappedShape>& shape = shapes_[key_];
    if (shape == nullptr) {
      std::vector<std::string> names;
      for (const XmlField& field : event_.fields()) names.emplace_back(field.name);
      shape = std::make_unique<MappedShape>(mappings_.Map(names), given_, ++made_);
      memory_ += shape->memory() + key_.size();
    }
    values_.clear();
    for (const XmlField& field : event_.fields()) {
      values_.push_back({reinterpret_cast<const uint8_t*>(field.text.data()), static_cast<uint32_t>(field.text.size()),
                         ValueType::kUtf8});
    }
    const size_t before = shape->memory();
    Event event;
    event.shape = &shape->For(&values_);
    memory_ += shape->memory() - before;
    event.values = values_.data();
    event.offset = offset;
    event.record = number;
    for (const uint32_t at : shape->times()) {
      if (const auto time = ParseAnyTime(event_.fields()[at].text)) {
        event.time = *time;
        break;
      }
    }
    if (shape->record() >= 0) {
      const std::string_view text = event_.fields()[static_cast<size_t>(shape->record())].text;
      uint64_t own = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), own);
      if (error == std::errc() && end == text.data() + text.size()) event.record = own;
    }
    sink->OnEvent(event);
  }

  const SourceTag given_;
  const Mappings& mappings_;
  XmlEvent event_;
  std::string key_;
  std::vector<Value> values_;
  absl::flat_hash_map<std::string, std::unique_ptr<MappedShape>> shapes_;
  size_t memory_ = 0;
  uint64_t made_ = 0;
};

// XML whose first element is an event or a root with events in it.
bool IsEventXml(const uint8_t* head, size_t size) {
  std::string_view text = AsText(head, std::min(size, kPieceHead + 8));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '<') return false;
  const size_t begin = BeginOfEvent(text);
  if (begin == std::string_view::npos) return false;
  // What an event begins with is a few bytes further on.
  return begin == first || text.find("<System>", begin) != std::string_view::npos ||
         text.find("schemas.microsoft.com/win/2004/08/events", begin) != std::string_view::npos;
}

}  // namespace

const Format kFormat = {
    "xml",
    IsEventXml,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<EventReader>(options); },
    []() -> std::unique_ptr<Cutter> { return std::make_unique<EventCutter>(); },
};

}  // namespace spoor::evtx_xml
