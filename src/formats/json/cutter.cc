#include "formats/json/cutter.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "formats/json/scan.h"
#include "formats/json/text.h"

namespace spoor::json {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";  // byte order mark
constexpr size_t kMaxPreamble = 4096;               // bytes of an object before the list it is there for
constexpr size_t kDeciding = 64 << 10;              // bytes of a file by which it is decided how its records lie

// What objects around a list of records call it.
constexpr std::string_view kListNames[] = {"Records", "records", "value",   "Events", "events", "logs",
                                           "results", "items",   "entries", "data",   "rows",   "Items"};

std::string_view WithoutMark(std::string_view text) {
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

// What an object begins with.
enum class Begins { kRecord, kList, kUnknown };

class Preamble {
 public:
  explicit Preamble(std::string_view text) : text_(text) {}

  // Is the object that begins here one around a list of objects? kUnknown: the text ends before that can be said.
  // Before the list there may be single values ("@odata.context": "…"). *begin: behind the bracket that opens the list.
  Begins Look(size_t* begin) {
    ++at_;  // the brace
    for (int member = 0; member < 8; ++member) {
      std::string_view name;
      if (!Skip() || !Text(&name)) return Failed();
      if (!Skip() || !Take(':') || !Skip()) return Failed();
      if (text_[at_] == '[') {
        const size_t list = at_++;
        if (!Skip()) return Failed();
        const bool known = std::find(std::begin(kListNames), std::end(kListNames), name) != std::end(kListNames);
        if (!known || (text_[at_] != '{' && text_[at_] != ']')) return Begins::kRecord;
        *begin = list + 1;
        return Begins::kList;
      }
      // An event has values of all kinds, too; what stands before a list says only how to go on.
      if (text_[at_] == '{' || (member == 0 && !name.starts_with('@') && !IsAboutList(name))) return Begins::kRecord;
      if (text_[at_] == '"') {
        std::string_view value;
        if (!Text(&value)) return Failed();
      } else {
        at_ = std::min(text_.find_first_of(",}]", at_), text_.size());
      }
      if (!Skip() || !Take(',')) return Failed();
    }
    return Begins::kRecord;
  }

 private:
  static bool IsAboutList(std::string_view name) {
    return name == "nextToken" || name == "NextToken" || name == "nextPageToken" || name == "kind" || name == "count" ||
           name == "total" || name == "etag" || name == "odata.metadata";
  }
  Begins Failed() const {
    return at_ >= text_.size() && text_.size() < kMaxPreamble ? Begins::kUnknown : Begins::kRecord;
  }
  bool Skip() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) != nullptr && text_[at_] != 0) ++at_;
    return at_ < text_.size();
  }
  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Text(std::string_view* out) {
    if (!Take('"')) return false;
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      at_ = text_.size();
      return false;
    }
    *out = text_.substr(begin, at_ - begin);
    ++at_;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool IsWholeObject(std::string_view line) { return line.size() >= 2 && line.front() == '{' && line.back() == '}'; }

// Records are lines if the first line is a whole object, but not one around a list, and the next (if there is one)
// begins with a brace. Where one of the two is damaged, most of the others tell.
bool AreLines(std::string_view text) {
  text = WithoutMark(text);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text.substr(first).starts_with("Record ")) return false;
  text.remove_prefix(first);
  size_t ignored = 0;
  if (text[0] == '{' && Preamble(text.substr(0, kMaxPreamble)).Look(&ignored) == Begins::kList) return false;
  const size_t stop = text.find('\n');
  if (stop == std::string_view::npos) return text[0] == '{';  // one long line, of which more is to come
  const bool first_is = IsWholeObject(Trimmed(text.substr(0, stop)));
  const size_t next = text.find_first_not_of(" \t\r\n", stop);
  const bool next_may = next == std::string_view::npos || text[next] == '{';
  if (first_is && next_may) return true;
  if (!first_is && (!next_may || next == std::string_view::npos)) return false;
  size_t lines = 0, whole = 0;
  for (size_t at = 0, end; (end = text.find('\n', at)) != std::string_view::npos; at = end + 1) {
    const std::string_view line = Trimmed(text.substr(at, end - at));
    lines += !line.empty();
    whole += IsWholeObject(line);
  }
  return 2 * whole > lines;
}

class JsonCutter : public Cutter {
 public:
  Cut Next(const uint8_t* data, size_t size, bool last) override {
    if (!decided_) {
      if (size < kDeciding && !last) return {};
      decided_ = true;
      if (AreLines(AsText(data, std::min(size, kDeciding)))) lines_ = CutLines();
    }
    if (lines_ != nullptr) return lines_->Next(data, size, last);
    return too_long_ > 0 ? Resume(data, size, last) : Objects(data, size, last);
  }

 private:
  // Where in the brackets a place is.
  struct Place {
    int depth = 0;  // brackets that are open
    int list = 0;   // … around records: 0 none, 1 a list, 2 a list in an object; kPast: behind the list in its object
  };
  static constexpr int kPast = 1 << 30;

  Cut Objects(const uint8_t* data, size_t size, bool last) {
    const std::string_view text = AsText(data, size);
    spans_.clear();
    Place now = place_, then = place_;  // then: at `end`
    size_t begin = 0;                   // of the record that is open
    size_t end = 0;                     // behind the last record that is complete
    ForEachBracket(data, size, [&](size_t at, uint8_t c) {
      if (c == '{' || c == '[') {
        if (now.depth == 0) {
          size_t opens = 0;
          const Begins what = c == '[' ? Begins::kRecord : Preamble(text.substr(at, kMaxPreamble)).Look(&opens);
          if (what == Begins::kUnknown && !last) return false;
          now.list = c == '[' ? 1 : what == Begins::kList ? 2 : 0;
        }
        if (now.depth == now.list) begin = at;
        ++now.depth;
        return true;
      }
      if (now.depth > 0) --now.depth;
      if (now.depth == now.list && c == '}' && data[begin] == '{' && begin >= end) {
        spans_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(at + 1)});
      } else if (now.depth == 0) {
        now.list = 0;
      } else if (now.depth < now.list && now.list == 2) {
        now.list = kPast;
        return true;
      } else if (now.depth != now.list) {
        return true;
      }
      end = at + 1;
      then = now;
      return true;
    });
    Cut cut;
    cut.records_before = records_;
    if (end == 0 && !last && size <= kMaxRecord) return cut;
    if (end == 0 && size > kMaxRecord) {  // goes on behind the next line end, in the same list
      cut.discard = true;
      cut.size = too_long_ = size;
      offset_ += size;
      Finish(&cut, last);
      return cut;
    }
    cut.size = last ? size : end;
    if (last && !Separators(text.substr(end)).empty()) {
      cut.damage = "json_ends_within_record";
      cut.damage_offset = offset_ + end;
      cut.damage_bytes = size - end;
    }
    place_ = then;
    records_ += spans_.size();
    offset_ += cut.size;
    cut.header =
        std::make_shared<const std::string>(reinterpret_cast<const char*>(spans_.data()), spans_.size() * sizeof(Span));
    return cut;
  }

  // What separates records, or ends a list of them, taken off.
  static std::string_view Separators(std::string_view text) {
    while (!text.empty() && std::strchr(" \t\r\n,]}", text.front()) != nullptr) text.remove_prefix(1);
    return text;
  }

  // Within a record that is too long: passes over it to the end of the line.
  Cut Resume(const uint8_t* data, size_t size, bool last) {
    Cut cut;
    cut.records_before = records_;
    cut.discard = true;
    const auto* stop = static_cast<const uint8_t*>(std::memchr(data, '\n', size));
    cut.size = stop == nullptr ? size : static_cast<size_t>(stop - data) + 1;
    too_long_ += cut.size;
    offset_ += cut.size;
    Finish(&cut, last || stop != nullptr);
    return cut;
  }

  void Finish(Cut* cut, bool end) {
    if (!end) return;
    cut->damage = "json_record_too_long";
    cut->damage_bytes = too_long_;
    cut->damage_offset = offset_ - too_long_;
    too_long_ = 0;
  }

  bool decided_ = false;
  std::unique_ptr<Cutter> lines_;
  std::vector<Span> spans_;
  Place place_;  // of the next piece's beginning
  uint64_t records_ = 0, offset_ = 0, too_long_ = 0;
};

}  // namespace

std::unique_ptr<Cutter> MakeCutter() { return std::make_unique<JsonCutter>(); }

bool IsJson(const uint8_t* head, size_t size) {
  std::string_view text = WithoutMark(AsText(head, size));
  // evtx_dump writes "Record 7" on a line of its own before each object.
  if (text.starts_with("Record ")) {
    const size_t stop = text.find_first_not_of("0123456789", 7);
    if (stop == std::string_view::npos || stop == 7 || std::strchr("\r\n", text[stop]) == nullptr) return false;
    text.remove_prefix(stop);
  }
  size_t at = text.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return false;
  const auto next = [&](size_t from) { return text.find_first_not_of(" \t\r\n", from); };
  if (text[at] == '[') {
    at = next(at + 1);
    if (at == std::string_view::npos || text[at] != '{') return false;
  }
  if (text[at] != '{') return false;
  at = next(at + 1);
  return at != std::string_view::npos && (text[at] == '"' || text[at] == '}');
}

}  // namespace spoor::json
