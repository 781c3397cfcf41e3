#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/csv/fields.h"
#include "formats/day_clock.h"
#include "formats/header_lines.h"
#include "formats/layouts.h"
#include "formats/lines.h"
#include "formats/mapping/mapped_shape.h"
#include "formats/w3c/format.h"

namespace spoor::w3c {
namespace {

constexpr size_t kMaxColumns = 1024;

constexpr std::string_view kKept[] = {"Software", "Log-type", "Date", "Time", "Fields"};
const HeaderKinds kHeader = {kKept, "", true};

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// cs(User-Agent) is called cs-user-agent in rules.
std::string NameOf(std::string_view field) {
  const size_t open = field.find('(');
  if (open == std::string_view::npos || open == 0 || open > 3 || !field.ends_with(')')) return std::string(field);
  std::string name(field.substr(0, open));
  return name.append(1, '-').append(AsciiLower(field.substr(open + 1, field.size() - open - 2)));
}

// What a header says.
struct Layout {
  char separator = ' ';
  bool quotes = true;       // a text in quotes is one value
  bool local_time = false;  // of the machine's zone
  size_t columns = 0;
  int date = -1, time = -1, agent = -1;
  std::string day;                     // of lines with a time and no date
  std::vector<std::string> constants;  // software and kind of log, values behind the columns
  std::unique_ptr<MappedShape> shape;
};

class LineReader : public PieceReader {
 public:
  explicit LineReader(const FormatOptions& options)
      : given_(options.given),
        mappings_(options.mappings != nullptr ? *options.mappings : Mappings::BuiltIn()),
        utc_offset_(options.utc_offset) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    HeaderLines header(kHeader, piece.header != nullptr ? std::string_view(*piece.header) : std::string_view());
    Layout* layout = nullptr;
    bool known = false;  // `layout` is that of the header
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      // IIS fills with zeros what it has not written yet; after a crash it writes on behind them.
      const size_t zeros = std::min(line.find_first_not_of('\0'), line.size());
      line.remove_prefix(zeros);
      offset += zeros;
      if (line.empty()) return;
      if (line.front() == '#') {
        if (header.Add(line)) known = false;
        return;
      }
      if (!known) {
        layout = LayoutOf(header.text(), sink);
        known = true;
      }
      if (layout == nullptr) {
        // Exchange repeats the fields as a first line.
        if (number > 1) sink->OnDamage({offset, line.size(), "w3c_line_without_fields"});
        return;
      }
      ReadLine(*layout, line, offset, number, sink);
    });
  }

 private:
  // nullptr: no fields are named.
  Layout* LayoutOf(const std::string& header, Sink* sink) {
    return layouts_.Get(header, sink, [&] { return MakeLayout(header); });
  }

  std::unique_ptr<Layout> MakeLayout(std::string_view header) {
    auto layout = std::make_unique<Layout>();
    std::string_view rest, software, type, fields;
    for (size_t at = 0; at < header.size();) {
      const size_t stop = header.find('\n', at);
      const std::string_view line = header.substr(at, stop - at);
      at = stop + 1;
      if (HeaderSays(line, "Software", &rest)) {
        software = Trimmed(rest);
      } else if (HeaderSays(line, "Log-type", &rest)) {
        type = Trimmed(rest);
      } else if (HeaderSays(line, "Date", &rest)) {
        layout->day = Trimmed(rest).substr(0, 10);
      } else if (HeaderSays(line, "Time", &rest)) {  // "#Time Format: Local"
        layout->local_time = rest.find("Local") != std::string_view::npos;
      } else if (HeaderSays(line, "Fields", &rest)) {
        fields = Trimmed(rest);
      }
    }
    if (fields.empty()) return nullptr;
    layout->separator = fields.find('\t') != std::string_view::npos  ? '\t'
                        : fields.find(',') != std::string_view::npos ? ','
                                                                     : ' ';
    layout->quotes = software.find("Internet Information Services") == std::string_view::npos;
    std::vector<std::string> names;
    for (size_t at = 0; at <= fields.size();) {
      const size_t stop = std::min(fields.find(layout->separator, at), fields.size());
      const std::string_view name = Trimmed(fields.substr(at, stop - at));
      if (!name.empty()) names.push_back(NameOf(name));
      at = stop + 1;
    }
    if (names.empty() || names.size() > kMaxColumns) return nullptr;
    layout->columns = names.size();
    for (size_t i = 0; i < names.size(); ++i) {
      const int column = static_cast<int>(i);
      if (names[i] == "date") layout->date = column;
      if (names[i] == "time") layout->time = column;
      if (names[i] == "cs-user-agent") layout->agent = column;
    }
    if (layout->quotes) layout->agent = -1;
    // Which log it is, for the mappings.
    for (const auto& [name, text] : {std::pair("#software", software), std::pair("#log-type", type)}) {
      if (text.empty()) continue;
      names.emplace_back(name);
      layout->constants.emplace_back(text);
    }
    // The user agent with its spaces, and as it is written.
    std::vector<std::string> seen = names;
    if (layout->agent >= 0) seen.emplace_back("cs-user-agent");
    Mapped mapped = mappings_.Map(seen);
    mapped.hidden_from = layout->columns;
    layout->shape = std::make_unique<MappedShape>(std::move(mapped), given_, ++shapes_);
    return layout;
  }

  static Value TextValue(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
  }

  void ReadLine(Layout& layout, std::string_view line, uint64_t offset, uint64_t number, Sink* sink) {
    values_.clear();
    if (scratch_.size() < 2 * line.size()) scratch_.resize(2 * line.size());
    char* out = scratch_.data();
    size_t at = 0;
    while (values_.size() < layout.columns && at <= line.size()) {
      std::string_view text;
      if (layout.quotes) {
        at = csv::TakeField(line, at, layout.separator, &text, &out);
      } else {
        const size_t end = std::min(line.find(layout.separator, at), line.size());
        text = line.substr(at, end - at);
        at = end + 1;
      }
      values_.push_back(text == "-" || (text.empty() && layout.separator != ' ') ? Value() : TextValue(text));
    }
    if (values_.size() < layout.columns) {
      sink->OnDamage({offset, 0, "w3c_line_short"});
      values_.resize(layout.columns);
    } else if (at < line.size()) {
      sink->OnDamage({offset, line.size() - at, "w3c_line_long"});
    }
    for (const std::string& constant : layout.constants) values_.push_back(TextValue(constant));
    if (layout.agent >= 0) {
      const Value written = values_[static_cast<size_t>(layout.agent)];
      values_.push_back(written);
      if (written.size > 0 && std::memchr(written.data, '+', written.size) != nullptr) {
        std::replace_copy(written.data, written.data + written.size, out, '+', ' ');
        values_[static_cast<size_t>(layout.agent)] = TextValue({out, written.size});
      }
    }
    Event event;
    event.time = TimeOf(layout);
    event.shape = &layout.shape->For(&values_);
    event.values = values_.data();
    event.record = number;
    event.offset = offset;
    sink->OnEvent(event);
  }

  std::string_view TextOf(int column) const {
    if (column < 0) return {};
    const Value& value = values_[static_cast<size_t>(column)];
    return value.type == ValueType::kUtf8 ? AsText(value.data, value.size) : std::string_view();
  }

  int64_t TimeOf(const Layout& layout) {
    const int64_t offset = layout.local_time ? utc_offset_ * int64_t{1000000} : 0;
    if (layout.time >= 0) {
      const std::string_view date = layout.date >= 0 ? TextOf(layout.date) : std::string_view(layout.day);
      const auto day = day_.Of(date, [](std::string_view d) { return ParseTime(d); });
      const auto clock = ClockOf(TextOf(layout.time));
      if (day && clock) return *day + *clock - offset;
    }
    for (const uint32_t at : layout.shape->times()) {
      if (const auto time = ParseAnyTime(TextOf(static_cast<int>(at)))) return *time - offset;
    }
    return 0;
  }

  const SourceTag given_;
  const Mappings& mappings_;
  const int32_t utc_offset_;
  Layouts<Layout> layouts_;  // by header
  uint64_t shapes_ = 0;
  std::vector<Value> values_;
  std::vector<char> scratch_;
  DayCache day_;
};

// The first line begins with '#', or the second does (Exchange names the fields before it says what they are), and a
// line among the first names the fields.
bool IsW3c(const uint8_t* head, size_t size) {
  std::string_view text = AsText(head, size);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t second = text.find('\n');
  if (!text.starts_with('#') &&
      (second == std::string_view::npos || !text.substr(second + 1).starts_with("#Software:"))) {
    return false;
  }
  return text.starts_with("#Fields:") || text.find("\n#Fields:") != std::string_view::npos;
}

}  // namespace

const Format kFormat = {
    "w3c",
    IsW3c,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<LineReader>(options); },
    [] { return CutLinesWithHeader(kHeader); },
};

}  // namespace spoor::w3c
