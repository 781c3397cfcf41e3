// The line with the names becomes a Layout once; a row is a pass over its bytes. A column that holds an event as JSON
// (the audit data of Microsoft 365), as XML or as a line of syslog (what Splunk exports) is read by the reader of that
// form, and what that finds is the event.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/bytes.h"
#include "base/text.h"
#include "formats/csv/cutter.h"
#include "formats/csv/fields.h"
#include "formats/csv/format.h"
#include "formats/evtx_xml/event.h"
#include "formats/evtx_xml/format.h"
#include "formats/json/cutter.h"
#include "formats/json/format.h"
#include "formats/layouts.h"
#include "formats/loose_time.h"
#include "formats/mapping/mapped_shape.h"
#include "formats/syslog/format.h"
#include "formats/syslog/payload.h"

namespace spoor::csv {
namespace {

constexpr size_t kMaxColumns = 2048;
constexpr size_t kMaxName = 128;

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The columns' names. One without a name is called by its number; one that is there twice, "name#2".
std::vector<std::string> NamesOf(std::string_view line, char separator) {
  std::vector<std::string> names;
  absl::flat_hash_set<std::string> seen;
  std::string room(line.size(), '\0');
  char* out = room.data();
  for (size_t at = 0; at <= line.size() && names.size() <= kMaxColumns;) {
    std::string_view field;
    at = TakeField(line, at, separator, &field, &out);
    std::string name(Trimmed(field));
    if (name.empty()) name = "column" + std::to_string(names.size() + 1);
    std::string own = name;
    for (int n = 2; !seen.insert(own).second; ++n) own = name + '#' + std::to_string(n);
    names.push_back(std::move(own));
  }
  return names;
}

struct Layout {
  std::string names_line;
  size_t columns = 0;
  LooseTimes times;
  bool ragged = false;  // rows may end before the last column
  std::unique_ptr<MappedShape> shape;
  // Of the column that holds the event, each made when it is needed.
  FormatOptions inner;
  std::unique_ptr<PieceReader> json, xml, syslog;
  // The row as a whole is read as JSON: its names, and the columns that hold names and values.
  bool as_json = false;
  std::vector<std::string> names;
  std::vector<uint32_t> pairs;
  // Columns of a table nobody knows that may hold a message in CEF or LEEF.
  std::vector<uint32_t> messages;
};

// What programs call the column with the message as it was.
constexpr std::string_view kMessageNames[] = {
    "message",  "msg",       "raw",           "_raw",           "log",     "rawlog", "rawmessage", "raw_message",
    "rawevent", "raw_event", "syslogmessage", "event.original", "payload", "event"};

// Passes on what a column holds as the event of its row.
class ColumnSink : public Sink {
 public:
  // `own_time`: what the column says of its time is better than what the row says.
  ColumnSink(Sink* sink, const Event& row, bool own_time) : sink_(sink), row_(row), own_time_(own_time) {}
  void OnEvent(const Event& event) override {
    Event out = event;
    out.offset = row_.offset;
    out.record = row_.record;
    if (out.time == 0 || (!own_time_ && row_.time != 0)) out.time = row_.time;
    found_ = true;
    sink_->OnEvent(out);
  }
  void OnDamage(const Damage&) override {}
  void ShapesDropped() override { sink_->ShapesDropped(); }
  bool found() const { return found_; }

 private:
  Sink* const sink_;
  const Event& row_;
  const bool own_time_;
  bool found_ = false;
};

std::optional<uint64_t> WholeNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Appends "A: x ¦ B: y" (as Hayabusa writes details) as an object. False: it is no such list.
bool AppendPairs(std::string_view text, std::string* out) {
  static constexpr std::string_view kBetween = " \xc2\xa6 ", kIs = ": ";
  const size_t before = out->size();
  *out += '{';
  for (size_t at = 0; at <= text.size();) {
    const size_t stop = std::min(text.find(kBetween, at), text.size());
    const std::string_view pair = text.substr(at, stop - at);
    at = stop + kBetween.size();
    const size_t is = pair.find(kIs);
    if (is == std::string_view::npos || is == 0) {
      if (pair.ends_with(':') || pair.find_first_not_of(' ') == std::string_view::npos) continue;  // without a value
      out->resize(before);
      return false;
    }
    if (out->back() != '{') *out += ',';
    AppendJsonString(Trimmed(pair.substr(0, is)), out);
    *out += ':';
    AppendJsonString(pair.substr(is + kIs.size()), out);
  }
  *out += '}';
  return true;
}

class TableReader : public PieceReader {
 public:
  explicit TableReader(const FormatOptions& options)
      : options_(options), mappings_(options.mappings != nullptr ? *options.mappings : Mappings::BuiltIn()) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    if (piece.header == nullptr) return;
    const Header header = Unpack(*piece.header);
    Layout* const layout = LayoutOf(header, sink);
    for (size_t at = 0; at + sizeof(Row) <= header.rows.size(); at += sizeof(Row)) {
      Row row;
      std::memcpy(&row, header.rows.data() + at, sizeof row);
      const std::string_view text = AsText(piece.data + row.begin, row.end - row.begin);
      const uint64_t offset = piece.offset + row.begin, line = piece.records_before + row.line + 1;
      if (layout == nullptr) {
        sink->OnDamage({offset, text.size(), "csv_row_without_names"});
      } else if (text != layout->names_line) {  // files put one behind the other
        ReadRow(*layout, header.separator, text, offset, line, sink);
      }
    }
  }

 private:
  Layout* LayoutOf(const Header& header, Sink* sink) {
    std::string key(1, header.separator);
    key += header.names;
    return layouts_.Get(key, sink, [&] { return MakeLayout(header); });
  }

  // nullptr: there are no names, or too many.
  std::unique_ptr<Layout> MakeLayout(const Header& header) {
    const std::vector<std::string> names = NamesOf(header.names, header.separator);
    if (header.names.empty() || names.size() > kMaxColumns) return nullptr;
    auto layout = std::make_unique<Layout>();
    layout->names_line = header.names;
    layout->columns = names.size();
    Mapped mapped = mappings_.Map(names);
    const bool utc = mapped.mapping != nullptr && mapped.mapping->utc;
    layout->times = {utc ? 0 : options_.utc_offset, mapped.mapping != nullptr && mapped.mapping->day_first};
    layout->ragged = mapped.mapping != nullptr && mapped.mapping->ragged;
    // Texts to be unfolded have names of their own: the row is read as JSON would be that has its columns.
    if (mapped.json < 0 && (!mapped.unfold.empty() || !mapped.pairs.empty())) {
      layout->as_json = true;
      layout->names = names;
      layout->pairs = mapped.pairs;
    }
    layout->inner = options_;
    if (mapped.mapping != nullptr && !mapped.mapping->source.is_windows_log()) {
      layout->inner.given = mapped.mapping->source;
    }
    if (mapped.mapping == nullptr) {
      for (uint32_t i = 0; i < names.size(); ++i) {
        std::string name = AsciiLower(names[i]);
        std::erase(name, ' ');
        if (std::find(std::begin(kMessageNames), std::end(kMessageNames), name) != std::end(kMessageNames)) {
          layout->messages.push_back(i);
        }
      }
    }
    layout->shape = std::make_unique<MappedShape>(std::move(mapped), options_.given, ++shapes_);
    return layout;
  }

  void ReadRow(Layout& layout, char separator, std::string_view text, uint64_t offset, uint64_t line, Sink* sink) {
    values_.clear();
    if (scratch_.size() < text.size()) scratch_.resize(text.size());
    char* out = scratch_.data();
    size_t at = 0;
    while (values_.size() < layout.columns && at <= text.size()) {
      std::string_view field;
      at = TakeField(text, at, separator, &field, &out);
      values_.push_back(field.empty() ? Value()
                                      : Value{reinterpret_cast<const uint8_t*>(field.data()),
                                              static_cast<uint32_t>(field.size()), ValueType::kUtf8});
    }
    if (values_.size() < layout.columns) {
      if (!layout.ragged) sink->OnDamage({offset, 0, "csv_row_short"});
      values_.resize(layout.columns);
    } else if (at < text.size()) {  // a separator at the end is none between fields
      sink->OnDamage({offset, text.size() - at, "csv_row_long"});
    }
    Event event;
    event.record = line;
    event.offset = offset;
    if (layout.shape->record() >= 0) {
      event.record = WholeNumber(TextOf(layout.shape->record())).value_or(line);
    }
    event.time = TimeOf(layout);
    if (layout.as_json) {
      RowAsJson(layout);
      if (ReadPadded(layout, event, sink)) return;
    }
    if (layout.shape->json() >= 0 && ReadInner(layout, event, sink)) return;
    for (const uint32_t column : layout.messages) {
      const std::string_view message = TextOf(static_cast<int>(column));
      if (syslog::FindCefOrLeef(message) != std::string_view::npos && ReadLine(layout, message, event, sink)) return;
    }
    event.shape = &layout.shape->For(&values_);
    event.values = values_.data();
    sink->OnEvent(event);
  }

  std::string_view TextOf(int column) const {
    const Value& value = values_[static_cast<size_t>(column)];
    return AsText(value.data, value.size);
  }

  // Reads the column with the event. False: it holds none.
  bool ReadInner(Layout& layout, const Event& row, Sink* sink) {
    const std::string_view text = TextOf(layout.shape->json());
    if (text.starts_with('{')) {
      padded_.assign(text);
      return ReadPadded(layout, row, sink);
    }
    if (text.starts_with('<') && evtx_xml::LooksLikeEvent(text)) {
      padded_.assign(text);
      return ReadAs(evtx_xml::kFormat, &layout.xml, layout, nullptr, row, sink);
    }
    const auto* head = reinterpret_cast<const uint8_t*>(text.data());
    return syslog::kFormat.recognise(head, text.size()) && ReadLine(layout, text, row, sink);
  }

  // A message of syslog, which may go over several lines: they are one event all the same.
  bool ReadLine(Layout& layout, std::string_view text, const Event& row, Sink* sink) {
    padded_.assign(text);
    std::replace(padded_.begin(), padded_.end(), '\n', ' ');
    return ReadAs(syslog::kFormat, &layout.syslog, layout, nullptr, row, sink);
  }

  // Reads padded_ as an object of JSON, however many lines it has.
  bool ReadPadded(Layout& layout, const Event& row, Sink* sink) {
    const json::Span span{0, static_cast<uint32_t>(padded_.size())};
    return ReadAs(json::kFormat, &layout.json, layout,
                  std::make_shared<const std::string>(reinterpret_cast<const char*>(&span), sizeof span), row, sink);
  }

  // Makes padded_ the object that has the row's columns.
  void RowAsJson(const Layout& layout) {
    padded_ = "{";
    for (size_t i = 0; i < layout.names.size(); ++i) {
      const std::string_view text = TextOf(static_cast<int>(i));
      if (text.empty()) continue;
      if (padded_.size() > 1) padded_ += ',';
      AppendJsonString(layout.names[i], &padded_);
      padded_ += ':';
      const bool pairs = std::find(layout.pairs.begin(), layout.pairs.end(), i) != layout.pairs.end();
      if (!pairs || !AppendPairs(text, &padded_)) AppendJsonString(text, &padded_);
    }
    padded_ += '}';
  }

  // Reads padded_ as a format.
  bool ReadAs(const Format& format, std::unique_ptr<PieceReader>* reader, const Layout& layout,
              std::shared_ptr<const std::string> header, const Event& row, Sink* sink) {
    if (*reader == nullptr) *reader = format.make_reader(layout.inner);
    PieceBytes piece;
    piece.size = padded_.size();
    padded_.append(kPiecePadding, '\0');
    piece.data = reinterpret_cast<const uint8_t*>(padded_.data());
    piece.header = std::move(header);
    // A line of syslog may say no year, and no zone.
    ColumnSink column(sink, row, &format != &syslog::kFormat);
    (*reader)->Read(piece, &column);
    return column.found();
  }

  int64_t TimeOf(const Layout& layout) {
    const int clock = layout.shape->clock();
    for (const uint32_t at : layout.shape->times()) {
      std::string_view text = TextOf(static_cast<int>(at));
      if (text.empty()) continue;
      if (clock >= 0) {
        joined_.assign(text).append(1, ' ').append(TextOf(clock));
        text = joined_;
      }
      if (const auto time = ParseLooseTime(text, layout.times)) return *time;
    }
    return 0;
  }

  const FormatOptions options_;
  const Mappings& mappings_;
  Layouts<Layout> layouts_;  // by separator and names
  uint64_t shapes_ = 0;
  std::vector<Value> values_;
  std::vector<char> scratch_;  // fields that had doubled quotes
  std::string joined_, padded_;
};

// A name as people give columns: not empty, not long, begins with a letter, an underscore or the like, and is neither a
// number nor a time nor a sentence.
bool IsName(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  size_t letters = 0, digits = 0, spaces = 0;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || c == '=' || c == '{' || c == '}' || c == '<' || c == '>' || c == '"') return false;
    letters += (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    letters += byte >= 0x80;
    digits += c >= '0' && c <= '9';
    spaces += c == ' ';
  }
  return letters > 0 && digits <= letters && spaces <= 6 && !(name[0] >= '0' && name[0] <= '9');
}

constexpr size_t kMinColumns = 3;

// A line with names that a mapping knows.
bool IsKnown(const uint8_t* head, size_t size) {
  const std::string_view text = AsText(head, size);
  Beginning begin;
  if (text.starts_with('{') || text.starts_with('[') || !FindBeginning(text, size < kPieceHead, &begin)) return false;
  const std::string_view line = text.substr(begin.names, begin.names_end - begin.names);
  const std::vector<std::string> names = NamesOf(line, begin.separator);
  if (names.size() < kMinColumns || names.size() > kMaxColumns) return false;
  return Mappings::BuiltIn().Map(names).mapping != nullptr;
}

// Rows below a line with names, of which most have as many fields.
bool IsTable(const uint8_t* head, size_t size) {
  constexpr int kLooked = 20;
  const std::string_view text = AsText(head, size);
  Beginning begin;
  if (!FindBeginning(text, size < kPieceHead, &begin)) return false;
  const std::string_view line = text.substr(begin.names, begin.names_end - begin.names);
  const std::vector<std::string> names = NamesOf(line, begin.separator);
  if (names.size() < kMinColumns || names.size() > kMaxColumns) return false;
  // NamesOf gives missing and doubled ones names of its own: these do not count.
  std::string room(line.size(), '\0');
  char* out = room.data();
  size_t good = 0, all = 0;
  for (size_t at = 0; at <= line.size(); ++all) {
    std::string_view field;
    at = TakeField(line, at, begin.separator, &field, &out);
    if (all < names.size() && Trimmed(field) == names[all]) good += IsName(names[all]);
  }
  if (good < kMinColumns || good + 1 < all) return false;
  const auto cutter = MakeCutter();
  const bool whole = size < kPieceHead;
  const Cut cut = cutter->Next(head, size, whole);
  if (cut.header == nullptr) return false;
  const Header header = Unpack(*cut.header);
  int rows = 0, odd = 0;
  std::string copy(size, '\0');
  for (size_t at = 0; at + sizeof(Row) <= header.rows.size() && rows < kLooked; at += sizeof(Row), ++rows) {
    Row row;
    std::memcpy(&row, header.rows.data() + at, sizeof row);
    const std::string_view fields = text.substr(row.begin, row.end - row.begin);
    size_t width = 0;
    out = copy.data();
    for (size_t place = 0; place <= fields.size(); ++width) {
      std::string_view field;
      place = TakeField(fields, place, header.separator, &field, &out);
    }
    const bool cut_off = whole && row.end == size && text.back() != '\n';
    odd += width != names.size() && !cut_off;
  }
  return rows > 0 && odd * 4 <= rows;
}

}  // namespace

const Format kKnownFormat = {
    "csv",
    IsKnown,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<TableReader>(options); },
    MakeCutter,
};

const Format kFormat = {"csv", IsTable, kKnownFormat.make_reader, MakeCutter};

}  // namespace spoor::csv
