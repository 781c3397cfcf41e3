#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "formats/access/format.h"
#include "formats/day_clock.h"
#include "formats/escapes.h"
#include "formats/lines.h"
#include "formats/web/request.h"

namespace spoor::access {
namespace {

enum FieldNumber {
  kClient,
  kIdent,
  kUser,
  kTime,
  kMethod,
  kUri,
  kStem,
  kQuery,
  kVersion,
  kStatus,
  kBytes,
  kReferer,
  kUserAgent,
  kHost,
  kPort,
  kMore,
  kLine,  // all of it; only where nothing in it is escaped
  kFields
};
constexpr const char* kNames[kFields] = {"c-ip",     "ident",       "cs-username",   "time",       "cs-method",
                                         "cs-uri",   "cs-uri-stem", "cs-uri-query",  "cs-version", "sc-status",
                                         "sc-bytes", "cs-referer",  "cs-user-agent", "cs-host",    "s-port",
                                         "more",     "line"};
// Rules put whole requests into cs-uri-query, too.
constexpr std::pair<const char*, FieldNumber> kAliases[] = {
    {"cs-uri-query", kUri}, {"src_ip", kClient}, {"c-uri", kUri}, {"c-useragent", kUserAgent}};

// Apache, ap_escape_logitem; nginx, escape=default.
constexpr Escapes kEscapes = {"\"\\nrtvbf", "\"\\\n\r\t\v\b\f"};

// "10/Oct/2000:13:55:36 -0700" between brackets.
constexpr size_t kTimeSize = 26;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Where " [dd/Mon/yyyy:hh:mm:ss +zzzz]" stands in a line: the place of the bracket.
size_t FindTime(std::string_view line) {
  for (size_t at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
    if (at + kTimeSize + 2 > line.size()) return std::string_view::npos;
    const std::string_view t = line.substr(at + 1, kTimeSize + 1);
    if (t[2] == '/' && t[6] == '/' && t[11] == ':' && t[14] == ':' && t[17] == ':' && t[kTimeSize] == ']' &&
        IsDigit(t[0]) && IsDigit(t[7]) && at > 0 && line[at - 1] == ' ') {
      return at;
    }
  }
  return std::string_view::npos;
}

// A line, taken apart; parts without data() are not there. `rest`: behind the bytes sent.
struct Line {
  std::string_view host, client, ident, user, time, request, status, bytes, rest;
  bool escaped = false;  // the request has a backslash in it
};

// " 200 ": what follows a request.
bool IsStatus(std::string_view text) {
  if (text.empty()) return true;
  if (text.starts_with(" -")) return true;
  return text.size() >= 4 && IsDigit(text[1]) && IsDigit(text[2]) && IsDigit(text[3]) &&
         (text.size() == 4 || text[4] == ' ');
}

// Takes a text in quotes from the front; ends at a quote that has no backslash before it and a space (of a request: a
// status) or nothing behind it. Without such a quote it is all that is left.
std::string_view TakeQuoted(std::string_view* text, bool* escaped, bool request = false) {
  *escaped = false;
  size_t at = 1;
  while (at < text->size()) {
    const char c = (*text)[at];
    if (c == '\\') {
      *escaped = true;
      at += 2;
      continue;
    }
    if (c == '"' && (at + 1 == text->size() || (*text)[at + 1] == ' ') &&
        (!request || IsStatus(text->substr(at + 1)))) {
      break;
    }
    ++at;
  }
  const size_t stop = std::min(at, text->size());
  const std::string_view taken = text->substr(1, stop - 1);
  text->remove_prefix(std::min(stop + 1, text->size()));
  return taken;
}

std::string_view TakeWord(std::string_view* text) {
  const size_t stop = std::min(text->find(' '), text->size());
  const std::string_view word = text->substr(0, stop);
  text->remove_prefix(stop);
  return word;
}

void SkipSpaces(std::string_view* text) {
  while (text->starts_with(' ')) text->remove_prefix(1);
}

bool TakeApart(std::string_view line, Line* out) {
  const size_t bracket = FindTime(line);
  if (bracket == std::string_view::npos) return false;
  out->time = line.substr(bracket + 1, kTimeSize);
  // Before it: [host] client ident user. Nobody uses ident, so "-" says where it is; a user may have spaces.
  std::string_view before = line.substr(0, bracket - 1);
  std::string_view words[3];
  for (std::string_view& word : words) {
    word = TakeWord(&before);
    if (word.empty()) return false;
    if (&word != &words[2] && !before.empty()) before.remove_prefix(1);
  }
  const std::string_view user_and_more(words[2].data(),
                                       static_cast<size_t>(line.data() + bracket - 1 - words[2].data()));
  const bool with_host = words[1] != "-" && !before.empty();
  if (with_host) {
    out->host = words[0];
    out->client = words[1];
    out->ident = words[2];
    before.remove_prefix(1);
    out->user = before;
  } else {
    out->client = words[0];
    out->ident = words[1];
    out->user = user_and_more;
  }
  std::string_view rest = line.substr(bracket + kTimeSize + 2);
  SkipSpaces(&rest);
  if (!rest.starts_with('"')) return false;
  out->request = TakeQuoted(&rest, &out->escaped, true);
  SkipSpaces(&rest);
  out->status = TakeWord(&rest);
  SkipSpaces(&rest);
  out->bytes = TakeWord(&rest);
  SkipSpaces(&rest);
  out->rest = rest;
  return true;
}

class LineReader : public PieceReader {
 public:
  LineReader() {
    for (const bool escaped : {false, true}) {
      Shape& shape = shapes_[escaped];
      shape.source.category = "webserver";
      shape.number = escaped ? 2 : 1;
      shape.value_count = kFields;
      // Where a line says everything as it is, keywords are looked for in it alone.
      const bool quoted = !escaped;
      for (uint32_t i = 0; i < kLine; ++i) {
        shape.fields.push_back({kNames[i], {{FieldPart::kValue, i}}, false, quoted});
      }
      for (const auto& [name, of] : kAliases) {
        shape.fields.push_back({name, {{FieldPart::kValue, of}}, true, quoted});
      }
      if (quoted) shape.fields.push_back({kNames[kLine], {{FieldPart::kValue, kLine}}, true});
      shape.host = kHost;
      shape.user = kUser;
    }
  }

  void Read(const PieceBytes& piece, Sink* sink) override {
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      if (line.empty()) return;
      Line parts;
      if (!TakeApart(line, &parts)) {
        sink->OnDamage({offset, line.size(), "access_line_unknown"});
        return;
      }
      values_.fill(Value());
      if (scratch_.size() < line.size()) scratch_.resize(line.size());
      out_ = scratch_.data();
      Fill(parts);
      const bool escaped = out_ != scratch_.data();
      if (!escaped) Set(kLine, line);
      Event event;
      event.shape = &shapes_[escaped];
      event.values = values_.data();
      event.time = TimeOf(parts.time);
      event.record = number;
      event.offset = offset;
      sink->OnEvent(event);
    });
  }

 private:
  void Set(FieldNumber field, std::string_view text) {
    if (text.data() == nullptr || text == "-") return;
    values_[field] = {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()),
                      ValueType::kUtf8};
  }

  std::string_view Plain(std::string_view text, bool escaped) {
    if (!escaped) return text;
    char* const begin = out_;
    out_ = Unescape(text, kEscapes, begin);
    return {begin, static_cast<size_t>(out_ - begin)};
  }

  void Fill(const Line& parts) {
    const size_t port = parts.host.rfind(':');
    if (port != std::string_view::npos && port + 1 < parts.host.size() &&
        std::all_of(parts.host.begin() + static_cast<std::ptrdiff_t>(port) + 1, parts.host.end(), IsDigit)) {
      Set(kHost, parts.host.substr(0, port));
      Set(kPort, parts.host.substr(port + 1));
    } else {
      Set(kHost, parts.host);
    }
    Set(kClient, parts.client);
    Set(kIdent, parts.ident);
    Set(kUser, parts.user);
    Set(kTime, parts.time);
    const std::string_view request = Plain(parts.request, parts.escaped);
    web::Request r;
    if (web::SplitRequest(request, &r)) {
      Set(kMethod, r.method);
      Set(kVersion, r.version);
    } else {
      r.uri = request;
    }
    Set(kUri, r.uri);
    if (r.uri != "-") {
      const web::Uri uri = web::SplitUri(r.uri);
      Set(kStem, uri.stem);
      Set(kQuery, uri.query);
      if (values_[kHost].data == nullptr) Set(kHost, uri.host);
    }
    Set(kStatus, parts.status.empty() ? std::string_view() : parts.status);
    Set(kBytes, parts.bytes.empty() ? std::string_view() : parts.bytes);
    std::string_view rest = parts.rest;
    for (const FieldNumber field : {kReferer, kUserAgent}) {
      if (!rest.starts_with('"')) break;
      bool escaped = false;
      const std::string_view text = TakeQuoted(&rest, &escaped);
      Set(field, Plain(text, escaped));
      SkipSpaces(&rest);
    }
    if (!rest.empty()) Set(kMore, rest);
  }

  // "10/Oct/2000:13:55:36 -0700"
  int64_t TimeOf(std::string_view text) {
    const auto day = day_.Of(text.substr(0, 11), [](std::string_view d) -> std::optional<int64_t> {
      const auto number = [](std::string_view digits) {
        int n = 0;
        for (const char c : digits) n = IsDigit(c) ? n * 10 + (c - '0') : -10000;
        return n;
      };
      return DayOf(number(d.substr(7)), MonthOf(d.substr(3, 3)), number(d.substr(0, 2)));
    });
    const auto clock = ClockOf(text.substr(12, 8));
    const auto zone = ZoneOf(text.substr(21));
    return day && clock && zone ? *day + *clock - *zone * int64_t{1000000} : 0;
  }

  Shape shapes_[2];  // of lines without and with escapes
  std::array<Value, kFields> values_;
  std::string scratch_;  // texts that had escapes
  char* out_ = nullptr;  // what is free of it
  DayCache day_;
};

// Most of the first lines are of this form.
bool IsAccess(const uint8_t* head, size_t size) {
  constexpr int kLooked = 20;
  int good = 0, bad = 0;
  ForEachHeadLine(head, size, [&](std::string_view line) {
    Line parts;
    if (!line.empty()) ++(TakeApart(line, &parts) ? good : bad);
    return good + bad < kLooked;
  });
  return good > bad;
}

}  // namespace

const Format kFormat = {
    "access",
    IsAccess,
    [](const FormatOptions&) -> std::unique_ptr<PieceReader> { return std::make_unique<LineReader>(); },
    CutLines,
};

}  // namespace spoor::access
