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
constexpr std::string_view kListNames[] = {"Records", "records", "value", "Events",   "events",
                                           "logs",    "results", "items", "entries",  "data",
                                           "rows",    "Items",   "hits",  "authlogs", "response"};
// … and what objects around such an object call it (Elasticsearch, Duo).
constexpr std::string_view kObjectNames[] = {"hits", "response"};
// Objects that may stand before either, with something about them.
constexpr std::string_view kAboutObjects[] = {"_shards", "total", "metadata"};

bool In(std::string_view name, const auto& names) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

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
  // Before the list there may be single values ("@odata.context": "…"). *begin: of the list, at its bracket; *objects:
  // how many are around it.
  Begins Look(size_t* begin, int* objects) {
    *objects = 1;
    ++at_;  // the brace
    for (int member = 0; member < 8; ++member) {
      std::string_view name;
      if (!Skip() || !Text(&name)) return Failed();
      if (!Skip() || !Take(':') || !Skip()) return Failed();
      if (text_[at_] == '[') {
        const size_t list = at_++;
        if (!Skip()) return Failed();
        if (!In(name, kListNames) || (text_[at_] != '{' && text_[at_] != ']')) return Begins::kRecord;
        *begin = list;
        return Begins::kList;
      }
      if (text_[at_] == '{' && In(name, kObjectNames) && *objects == 1) {
        ++*objects;
        ++at_;
        member = -1;
        continue;
      }
      if (text_[at_] == '{' && In(name, kAboutObjects) && (member > 0 || *objects > 1)) {
        const size_t size = EndOfObject(text_.substr(at_));
        if (size == 0) {
          at_ = text_.size();
          return Failed();
        }
        at_ += size;
        if (!Skip() || !Take(',')) return Failed();
        continue;
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
           name == "total" || name == "etag" || name == "odata.metadata" || name == "took" || name == "stat" ||
           name == "cursor" || name == "has_more" || name == "apiVersion";
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
  int objects = 0;
  if (text[0] == '{' && Preamble(text.substr(0, kMaxPreamble)).Look(&ignored, &objects) == Begins::kList) return false;
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
  // Where in the brackets a place between records is.
  struct Place {
    int depth = 0;  // brackets that are open
    // … around records: 0 none, 1 a list, 2 a list in an object, 3 in an object in an object; kPast: behind such a list
    int list = 0;
  };
  static constexpr int kPast = 1 << 30;

  // A pass over the brackets of a text. A record whose brackets do not fit, or that has no end, is given up, and the
  // pass goes on where the next record seems to begin: what is damaged costs itself, as far as that can be seen.
  struct Pass {
    std::string_view text;
    bool last = false;
    Place now, then;       // then: at `end`
    size_t from = 0;       // where the brackets are looked at from
    size_t gap = 0;        // behind what was last understood
    size_t end = 0;        // behind the last record, or list of them, that is complete
    size_t past = 0;       // where the list in an object was closed
    size_t opens = 0;      // brackets before this place are those around a list, and of what precedes it
    bool open = false;     // a record is
    size_t begin = 0;      // of it
    int inner = 0;         // brackets open in it
    uint64_t squares = 0;  // which of them are square, the innermost last
    bool deep = false;     // there were more than fit there: they are not compared
    size_t broken = std::string_view::npos;  // where they do not fit
  };

  Cut Objects(const uint8_t* data, size_t size, bool last) {
    spans_.clear();
    Pass pass;
    pass.text = AsText(data, size);
    pass.last = last;
    pass.now = pass.then = place_;
    do {
      ForEachBracket(data + pass.from, size - pass.from, [&](size_t i, uint8_t c) {
        const size_t at = pass.from + i;
        if (at < pass.opens) return true;
        return c == '{' || c == '[' ? Open(&pass, at, c) : Close(&pass, at, c);
      });
    } while (GoOn(&pass));
    Cut cut;
    cut.records_before = records_;
    if (pass.end == 0 && !last && size <= kMaxRecord) return cut;
    if (pass.end == 0 && size > kMaxRecord) {  // goes on behind the next line end, in the same list
      cut.discard = true;
      cut.size = too_long_ = size;
      offset_ += size;
      Finish(&cut, last);
      return cut;
    }
    cut.size = last ? size : pass.end;
    if (last && !Separators(pass.text.substr(pass.end)).empty()) {
      cut.damage = "json_ends_within_record";
      cut.damage_offset = offset_ + pass.end;
      cut.damage_bytes = size - pass.end;
    }
    place_ = pass.then;
    for (const Span& span : spans_) records_ += span.what == Span::kRecord;
    offset_ += cut.size;
    cut.header =
        std::make_shared<const std::string>(reinterpret_cast<const char*>(spans_.data()), spans_.size() * sizeof(Span));
    return cut;
  }

  void Add(size_t begin, size_t end, Span::What what) {
    spans_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end), what});
  }

  // Notes what is between the last record and this place, if it is more than separates records.
  void LookAtGap(const Pass& pass, size_t at) {
    std::string_view text = pass.text.substr(pass.gap, at - pass.gap);
    while (!(text = Separators(text)).empty()) {
      const size_t before = text.size();
      if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
      if (text.starts_with('\x1e')) text.remove_prefix(1);  // RFC 7464
      if (text.starts_with("Record ")) {                    // evtx_dump
        text.remove_prefix(7);
        text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
      }
      if (text.size() == before) return Add(pass.gap, at, Span::kBetween);
    }
  }

  static void Begin(Pass* pass, size_t at, uint8_t c) {
    pass->open = true;
    pass->begin = at;
    pass->inner = 1;
    pass->squares = c == '[';
    pass->deep = false;
  }

  // False: more of the text is needed to go on.
  bool Open(Pass* pass, size_t at, uint8_t c) {
    Place& now = pass->now;
    if (pass->open) {
      pass->deep |= ++pass->inner > 64;
      pass->squares = pass->squares << 1 | (c == '[');
      return true;
    }
    if (now.list == kPast) {
      // A value of the object's. What stands there without a name is an element of the list, which was not at its end.
      if (now.depth > 1 || c == '[' || Before(pass->text, at).last == ':') {
        ++now.depth;
        return true;
      }
      now = {2, 2};
      Add(pass->past, at, Span::kBetween);
      Begin(pass, at, c);
      return true;
    }
    if (now.depth == 0) {
      int objects = 0;
      size_t list = 0;
      const Begins what =
          c == '[' ? Begins::kRecord : Preamble(pass->text.substr(at, kMaxPreamble)).Look(&list, &objects);
      if (what == Begins::kUnknown && !pass->last) return false;
      now.list = c == '[' ? 1 : what == Begins::kList ? objects + 1 : 0;
      if (what == Begins::kList) {
        LookAtGap(*pass, at);
        now.depth = objects;
        pass->opens = at + list;
        return true;
      }
    }
    if (now.depth == 0 || now.depth == now.list) LookAtGap(*pass, at);
    if (now.depth == now.list) {
      Begin(pass, at, c);
    } else {
      ++now.depth;
      pass->gap = at + 1;
    }
    return true;
  }

  // False: the brackets of a record do not fit.
  bool Close(Pass* pass, size_t at, uint8_t c) {
    Place& now = pass->now;
    if (pass->open) {
      if (!pass->deep && (pass->squares & 1) != (c == ']')) {
        pass->broken = at;
        return false;
      }
      pass->squares >>= 1;
      if (--pass->inner > 0) return true;
      pass->open = false;
      Add(pass->begin, at + 1, c == '}' ? Span::kRecord : Span::kBetween);
      if (c == '}' && sign_.empty()) sign_ = SignOf(pass->text.substr(pass->begin));
    } else if (now.depth == 0) {
      return true;
    } else if (now.list == kPast) {
      if (now.depth == 1 && c == ']') return true;
      if (--now.depth > 0) return true;
      now.list = 0;
    } else if (now.depth == now.list) {
      if (c != ']') return true;
      LookAtGap(*pass, at);
      --now.depth;
      if (now.list >= 2) {
        now.list = kPast;
        pass->past = at;
        return true;
      }
      now.list = 0;
    } else {
      now = {};
    }
    pass->end = pass->gap = at + 1;
    pass->then = now;
    return true;
  }

  // After a pass: whether another is to begin at pass->from, behind a record that was given up.
  bool GoOn(Pass* pass) {
    const std::string_view text = pass->text;
    const bool whole = pass->last || text.size() > kMaxRecord;  // there is no use in waiting for more
    const size_t begin = pass->open ? pass->begin : pass->gap;
    if (pass->broken == std::string_view::npos) {
      if (!whole || begin >= text.size() || Separators(text.substr(begin)).empty()) return false;
      if (!pass->open && pass->now.depth != pass->now.list) return false;
      pass->broken = text.size();
    }
    size_t next = NextRecord(text, begin, begin);
    // What is looked at again is bounded.
    if (next < pass->broken) {
      spent_ += pass->broken - next;
      if (spent_ > kMaxAgain + kAgain * (offset_ + begin)) next = NextRecord(text, begin, pass->broken);
    }
    if (next == std::string_view::npos) return false;
    Add(begin, next, pass->open ? Span::kBroken : Span::kBetween);
    pass->from = pass->gap = pass->end = next;
    pass->then = pass->now;
    pass->open = false;
    pass->broken = std::string_view::npos;
    return true;
  }
  static constexpr uint64_t kMaxAgain = 64 << 20, kAgain = 64;  // bytes; and for each byte of the file

  // What stands before a place, white space not counted; 0: nothing.
  struct Preceding {
    char last = 0;
    bool line = false;  // there is a line end between
  };
  static Preceding Before(std::string_view text, size_t at) {
    Preceding found;
    while (at > 0 && std::strchr(" \t\r\n", text[at - 1]) != nullptr && text[at - 1] != 0) {
      found.line |= text[--at] == '\n';
    }
    if (at > 0) found.last = text[at - 1];
    return found;
  }

  // What a record begins with: its bracket and first name. Empty: it has none.
  static std::string_view SignOf(std::string_view record) {
    constexpr size_t kMaxSign = 256;
    const size_t quote = record.find_first_not_of(" \t\r\n", 1);
    if (record.empty() || record[0] != '{' || quote == std::string_view::npos || record[quote] != '"') return {};
    const size_t end = record.substr(0, kMaxSign).find('"', quote + 1);
    return end == std::string_view::npos ? std::string_view() : record.substr(0, end + 1);
  }

  // Where the record behind the one at `begin` seems to begin, `from` or later: something that begins as the file's
  // records do, where a record may stand.
  size_t NextRecord(std::string_view text, size_t begin, size_t from) const {
    std::string_view sign = sign_.empty() ? SignOf(text.substr(begin)) : std::string_view(sign_);
    if (sign.empty()) sign = "{";
    for (size_t at = std::max(from, begin + 1); (at = text.find(sign, at)) != std::string_view::npos; ++at) {
      const Preceding before = Before(text, at);
      if (before.last == ':' || SignOf(text.substr(at)).empty()) continue;
      if (before.line || before.last == ',' || before.last == '[' || before.last == '}') return at;
    }
    return std::string_view::npos;
  }

  // What separates records, or ends a list of them, taken off.
  static std::string_view Separators(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n,]}"), text.size()));
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
  Place place_;       // of the next piece's beginning
  std::string sign_;  // what the first record began with
  uint64_t records_ = 0, offset_ = 0, too_long_ = 0;
  uint64_t spent_ = 0;  // bytes looked at again
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
