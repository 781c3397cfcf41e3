#include "formats/csv/cutter.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "formats/csv/fields.h"
#include "formats/split.h"

namespace spoor::csv {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";
constexpr std::string_view kSeparators = ",\t;|";
constexpr size_t kMaxNames = 64 << 10;  // bytes of the line with the names
constexpr size_t kMaxBanner = 4000;     // … of the text above it; with the mark and a name less than kPieceHead

// The end of the row that begins at `at`: the place of its line end, or of the text's end; npos: more is needed to say.
// Fields in quotes end before `limit`, else their quote stands for itself; such that begin before *plain_until end on
// their line (which spares looking for the end of each of many quotes that nothing closes).
size_t EndOfRow(std::string_view text, size_t at, char separator, size_t limit, bool last, size_t* plain_until) {
  const size_t begin = at;
  for (;;) {
    size_t end = std::string_view::npos, quote = std::string_view::npos;
    ForEachOf(text.substr(at), '\n', '"', [&](size_t i) {
      const size_t place = at + i;
      if (text[place] == '\n') {
        end = place;
        return false;
      }
      if (place != begin && text[place - 1] != separator) return true;  // within a field
      quote = place;
      return false;
    });
    if (end != std::string_view::npos) return end;
    if (quote == std::string_view::npos) return last ? text.size() : end;
    std::string_view within = text.substr(0, std::min(limit, text.size()));
    if (quote < *plain_until) within = within.substr(0, std::min(text.find('\n', quote), within.size()));
    bool doubled = false;
    size_t closing = FindClosing(within, quote + 1, separator, &doubled);
    if (closing != std::string_view::npos && closing + 1 == within.size() && within.size() < text.size() &&
        text[closing + 1] != separator && text[closing + 1] != '\r' && text[closing + 1] != '\n') {
      closing = std::string_view::npos;  // the limit cut it from what follows it
    }
    if (closing != std::string_view::npos && closing + 1 == text.size() && !last) return std::string_view::npos;
    if (closing == std::string_view::npos) {
      if (quote >= *plain_until) {
        if (within.size() < limit && !last) return std::string_view::npos;
        *plain_until = within.size();
      }
      at = quote + 1;
    } else {
      at = closing + 1;
    }
  }
}

// Above the names of Microsoft's DHCP server's columns stands what the numbers of its events mean, in the language of
// Windows; the names are English in all.
constexpr std::string_view kDhcp = "DHCP", kDhcpNames = "ID,Date,Time,Description,IP";

bool HasBanner(std::string_view text) { return text.substr(0, text.find('\n')).find(kDhcp) != std::string_view::npos; }

size_t BehindBanner(std::string_view text, size_t at) {
  const size_t stop = text.find('\n', at);
  if (stop == std::string_view::npos || text.substr(at, stop - at).find(kDhcp) == std::string_view::npos) return at;
  for (size_t line = stop + 1; line < std::min(text.size(), at + kMaxBanner);) {
    if (text.substr(line).starts_with(kDhcpNames)) return line;
    const size_t end = text.find('\n', line);
    if (end == std::string_view::npos) break;
    line = end + 1;
  }
  return at;
}

std::string Pack(char separator, std::string_view names, const std::vector<Row>& rows) {
  std::string packed;
  const auto size = static_cast<uint32_t>(names.size());
  packed.reserve(5 + names.size() + rows.size() * sizeof(Row));
  packed += separator;
  packed.append(reinterpret_cast<const char*>(&size), sizeof size);
  packed.append(names);
  packed.append(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(Row));
  return packed;
}

class TableCutter : public Cutter {
 public:
  Cut Next(const uint8_t* data, size_t size, bool last) override {
    const std::string_view text = AsText(data, size);
    Cut cut;
    cut.records_before = lines_;
    if (too_long_ > 0) return Resume(text, last);
    size_t at = 0;
    uint64_t lines = 0;
    rows_.clear();
    if (!begun_) {
      if (!last && size < kMark.size() + kMaxBanner + kDhcpNames.size() && HasBanner(text)) return cut;
      Beginning beginning;
      if (!FindBeginning(text, last || size > kMaxRecord, &beginning) && !last && size <= kMaxRecord) return cut;
      begun_ = true;
      separator_ = beginning.separator;
      names_ = text.substr(beginning.names, beginning.names_end - beginning.names);
      at = std::min(text.size(), beginning.names_end);
      if (text.substr(at).starts_with('\r')) ++at;
      if (text.substr(at).starts_with('\n')) ++at;
      lines = static_cast<uint64_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    }
    size_t plain_until = plain_until_ > offset_ ? static_cast<size_t>(plain_until_ - offset_) : 0;
    while (at < text.size()) {
      const size_t end = EndOfRow(text, at, separator_, at + kMaxRecord, last, &plain_until);
      if (end == std::string_view::npos || end - at > kMaxRecord) break;
      const size_t row_end = end > at && text[end - 1] == '\r' ? end - 1 : end;
      if (row_end > at) {
        rows_.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(row_end), static_cast<uint32_t>(lines)});
      }
      lines += 1 + static_cast<uint64_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                                                    text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      at = std::min(end + 1, text.size());
    }
    plain_until_ = offset_ + plain_until;
    if (at == 0 && (size > kMaxRecord || last)) return Resume(text, last);
    cut.size = at;
    cut.header = std::make_shared<const std::string>(Pack(separator_, names_, rows_));
    lines_ += lines;
    offset_ += at;
    return cut;
  }

 private:
  // A row that is too long: passes over it to the end of the line.
  Cut Resume(std::string_view text, bool last) {
    Cut cut;
    cut.records_before = lines_;
    cut.discard = true;
    const size_t stop = text.find('\n');
    cut.size = stop == std::string_view::npos ? text.size() : stop + 1;
    too_long_ += cut.size;
    offset_ += cut.size;
    if (stop != std::string_view::npos) ++lines_;
    if (stop != std::string_view::npos || last) {
      cut.damage = "csv_row_too_long";
      cut.damage_bytes = too_long_;
      cut.damage_offset = offset_ - too_long_;
      too_long_ = 0;
    }
    return cut;
  }

  bool begun_ = false;
  char separator_ = ',';
  std::string names_;
  std::vector<Row> rows_;
  uint64_t lines_ = 0, offset_ = 0, too_long_ = 0;
  uint64_t plain_until_ = 0;  // offset in the file
};

}  // namespace

Header Unpack(std::string_view packed) {
  Header header;
  if (packed.size() < 5) return header;
  uint32_t size = 0;
  header.separator = packed[0];
  std::memcpy(&size, packed.data() + 1, sizeof size);
  header.names = packed.substr(5, size);
  header.rows = packed.substr(5 + size);
  return header;
}

bool FindBeginning(std::string_view text, bool last, Beginning* out) {
  size_t at = text.starts_with(kMark) ? kMark.size() : 0;
  char said = 0;
  for (;;) {
    const size_t stop = text.find('\n', at);
    if (stop == std::string_view::npos) break;
    std::string_view line = text.substr(at, stop - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool separator = line.size() == 5 && line.starts_with("sep=");
    if (separator) said = line[4];
    if (!separator && !line.empty()) break;
    at = stop + 1;
  }
  at = BehindBanner(text, at);
  // The separator is what the first line has most of, quotes not looked into.
  const std::string_view line = text.substr(at, std::min(text.find('\n', at), text.size()) - at);
  size_t most = 0;
  out->separator = said != 0 ? said : ',';
  for (const char c : said != 0 ? std::string_view() : kSeparators) {
    size_t n = 0;
    bool quoted = false;
    for (const char one : line) {
      quoted ^= one == '"';
      n += one == c && !quoted;
    }
    if (n > most) {
      most = n;
      out->separator = c;
    }
  }
  out->names = at;
  size_t plain_until = 0;
  const size_t end = EndOfRow(text, at, out->separator, at + kMaxNames, last, &plain_until);
  if (end == std::string_view::npos || end - at > kMaxNames) {
    out->names_end = at;
    return false;
  }
  out->names_end = end > at && text[end - 1] == '\r' ? end - 1 : end;
  return out->names_end > at;
}

std::unique_ptr<Cutter> MakeCutter() { return std::make_unique<TableCutter>(); }

}  // namespace spoor::csv
