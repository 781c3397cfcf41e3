// A header becomes a Layout once: what separates what, which columns are lists, the shape. A line is then one pass for
// the separators; texts stay where they are unless something in them is escaped.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/escapes.h"
#include "formats/header_lines.h"
#include "formats/layouts.h"
#include "formats/lines.h"
#include "formats/mapping/mapped_shape.h"
#include "formats/split.h"
#include "formats/zeek/format.h"

namespace spoor::zeek {
namespace {

constexpr size_t kMaxColumns = 1024;
constexpr auto kTextArray = static_cast<ValueType>(static_cast<uint8_t>(ValueType::kUtf8) | kArrayFlag);

constexpr std::string_view kKept[] = {"separator", "set_separator", "empty_field", "unset_field",
                                      "path",      "fields",        "types"};
const HeaderKinds kHeader = {kKept, "separator"};

// \xNN and \\.
constexpr Escapes kEscapes = {"\\", "\\"};

std::string Unescaped(std::string_view text) { return spoor::Unescaped(text, kEscapes); }

// "1521911720.865716" as microseconds; 0: none.
int64_t TimeOf(std::string_view text) {
  int64_t seconds = 0, micros = 0;
  size_t at = 0;
  for (; at < text.size() && at < 11 && text[at] >= '0' && text[at] <= '9'; ++at)
    seconds = seconds * 10 + (text[at] - '0');
  if (at == 0 || (at < text.size() && text[at] != '.')) return ParseAnyTime(text).value_or(0);
  int64_t scale = 100000;
  for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    micros += (text[at] - '0') * scale;
    scale /= 10;
  }
  return at < text.size() ? 0 : seconds * 1000000 + micros;
}

bool IsList(std::string_view type) {
  return type.starts_with("vector[") || type.starts_with("set[") || type.starts_with("table[");
}

// What a header says.
struct Layout {
  char separator = '\t', set_separator = ',';
  std::string empty = "(empty)", unset = "-", path;
  std::vector<bool> lists;  // of each column
  std::unique_ptr<MappedShape> shape;
};

class LineReader : public PieceReader {
 public:
  explicit LineReader(const FormatOptions& options)
      : mappings_(options.mappings != nullptr ? *options.mappings : Mappings::BuiltIn()) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    HeaderLines header(kHeader, piece.header != nullptr ? std::string_view(*piece.header) : std::string_view());
    const Layout* layout = nullptr;
    bool known = false;  // `layout` is that of the header
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
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
        sink->OnDamage({offset, line.size(), "zeek_line_without_header"});
        return;
      }
      ReadLine(*layout, line, offset, number, sink);
    });
  }

 private:
  // nullptr: no columns are named.
  const Layout* LayoutOf(const std::string& header, Sink* sink) {
    return layouts_.Get(header, sink, [&] { return MakeLayout(header); });
  }

  std::unique_ptr<Layout> MakeLayout(std::string_view header) {
    auto layout = std::make_unique<Layout>();
    std::vector<std::string> names;
    std::string_view types;
    const auto each = [&](const auto& fn) {
      for (size_t at = 0; at < header.size();) {
        const size_t stop = header.find('\n', at);
        fn(header.substr(at, stop - at));
        at = stop + 1;
      }
    };
    std::string_view rest;
    each([&](std::string_view line) {
      if (!HeaderSays(line, "separator", &rest)) return;
      if (const std::string separator = Unescaped(rest); !separator.empty()) layout->separator = separator[0];
    });
    const auto split = [&](std::string_view text, const auto& fn) {
      for (size_t at = 0; at <= text.size();) {
        const size_t stop = std::min(text.find(layout->separator, at), text.size());
        fn(text.substr(at, stop - at));
        at = stop + 1;
      }
    };
    each([&](std::string_view line) {
      if (HeaderSays(line, "set_separator", &rest)) {
        if (const std::string separator = Unescaped(rest); !separator.empty()) layout->set_separator = separator[0];
      } else if (HeaderSays(line, "empty_field", &rest)) {
        layout->empty = rest;
      } else if (HeaderSays(line, "unset_field", &rest)) {
        layout->unset = rest;
      } else if (HeaderSays(line, "path", &rest)) {
        layout->path = Unescaped(rest);
      } else if (HeaderSays(line, "fields", &rest)) {
        split(rest, [&](std::string_view name) { names.push_back(Unescaped(name)); });
      } else if (HeaderSays(line, "types", &rest)) {
        types = rest;
      }
    });
    if (names.empty() || names.size() > kMaxColumns || names[0].empty()) return nullptr;
    if (!types.empty()) split(types, [&](std::string_view type) { layout->lists.push_back(IsList(type)); });
    layout->lists.resize(names.size());
    if (layout->path == layout->unset) layout->path.clear();
    if (!layout->path.empty()) names.emplace_back("_path");  // as Zeek's JSON writers name it
    Mapped mapped = mappings_.Map(names);
    mapped.hidden_from = layout->lists.size();
    const SourceTag own = {"zeek", AsciiLower(layout->path), ""};
    layout->shape = std::make_unique<MappedShape>(std::move(mapped), own, ++shapes_);
    return layout;
  }

  void ReadLine(const Layout& layout, std::string_view line, uint64_t offset, uint64_t number, Sink* sink) {
    const size_t columns = layout.lists.size();
    values_.assign(columns + (layout.path.empty() ? 0 : 1), Value());
    // Elements have their size before them, and all else only becomes shorter.
    if (const size_t room = 5 * line.size() + 4 * columns; scratch_.size() < room) scratch_.resize(room);
    out_ = scratch_.data();
    size_t column = 0, begin = 0;
    bool escaped = false;
    ForEachOf(line, layout.separator, '\\', [&](size_t at) {
      if (line[at] != layout.separator) {
        escaped = true;
        return true;
      }
      values_[column] = ValueOf(layout, column, line.substr(begin, at - begin), escaped);
      escaped = false;
      begin = at + 1;
      return ++column < columns;
    });
    if (column == columns) {
      sink->OnDamage({offset, line.size() - begin, "zeek_line_long"});
    } else {
      values_[column] = ValueOf(layout, column, line.substr(begin), escaped);
      if (column + 1 < columns) sink->OnDamage({offset, 0, "zeek_line_short"});
    }
    if (!layout.path.empty()) values_[columns] = TextValue(layout.path);
    Event event;
    event.shape = &layout.shape->For(&values_);
    event.values = values_.data();
    event.record = number;
    event.offset = offset;
    for (const uint32_t time : layout.shape->times()) {
      if (values_[time].type != ValueType::kUtf8) continue;
      event.time = TimeOf(AsText(values_[time].data, values_[time].size));
      if (event.time != 0) break;
    }
    sink->OnEvent(event);
  }

  static Value TextValue(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
  }

  Value ValueOf(const Layout& layout, size_t column, std::string_view text, bool escaped) {
    if (text == layout.unset) return {};
    if (layout.lists[column]) return List(layout, text);
    if (text == layout.empty) return TextValue(text.substr(0, 0));
    if (!escaped) return TextValue(text);
    char* const begin = out_;
    out_ = Unescape(text, kEscapes, begin);
    return TextValue({begin, static_cast<size_t>(out_ - begin)});
  }

  Value List(const Layout& layout, std::string_view text) {
    char* const begin = out_;
    for (size_t at = 0; at <= text.size() && text != layout.empty;) {
      const size_t stop = std::min(text.find(layout.set_separator, at), text.size());
      std::string_view element = text.substr(at, stop - at);
      if (element == layout.empty) element = {};
      char* const first = out_ + 4;
      const char* const end = Unescape(element, kEscapes, first);
      const auto size = static_cast<uint32_t>(end - first);
      std::memcpy(out_, &size, sizeof size);
      out_ = first + size;
      at = stop + 1;
    }
    return {reinterpret_cast<const uint8_t*>(begin), static_cast<uint32_t>(out_ - begin), kTextArray};
  }

  const Mappings& mappings_;
  Layouts<Layout> layouts_;  // by header
  uint64_t shapes_ = 0;
  std::vector<Value> values_;
  std::vector<char> scratch_;  // texts that had escapes, and the elements of lists
  char* out_ = nullptr;        // what is free of it
};

// The first line is "#separator ", or lines with '#' name fields and their types.
bool IsZeek(const uint8_t* head, size_t size) {
  std::string_view text = AsText(head, size);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.starts_with("#separator ")) return true;
  bool fields = false, types = false;
  while (text.starts_with('#')) {
    fields |= text.starts_with("#fields\t");
    types |= text.starts_with("#types\t");
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return fields && types;
}

}  // namespace

const Format kFormat = {
    "zeek",
    IsZeek,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<LineReader>(options); },
    [] { return CutLinesWithHeader(kHeader); },
};

}  // namespace spoor::zeek
