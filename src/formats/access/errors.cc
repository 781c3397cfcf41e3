#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "formats/access/format.h"
#include "formats/day_clock.h"
#include "formats/lines.h"
#include "formats/web/request.h"

namespace spoor::access {
namespace {

enum FieldNumber {
  kMessage,
  kLevel,
  kModule,
  kPid,
  kClient,
  kMethod,
  kUri,
  kStem,
  kQuery,
  kVersion,
  kHost,
  kReferer,
  kFields
};
constexpr const char* kNames[kFields] = {"message",      "level",      "module",  "pid",
                                         "c-ip",         "cs-method",  "cs-uri",  "cs-uri-stem",
                                         "cs-uri-query", "cs-version", "cs-host", "cs-referer"};

enum Server { kApache, kNginx, kServers };

struct Line {
  Server server = kApache;
  int64_t time = 0;  // as the clock showed it; microseconds, as if that were UTC
  std::string_view level, module, pid, client, message;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int Number(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = IsDigit(c) && n < 100000 ? n * 10 + (c - '0') : -1000000;
  return n;
}

bool IsLevel(std::string_view word) {
  static constexpr std::string_view kLevels[] = {"emerg",  "alert",  "crit",   "error",  "warn",   "notice",
                                                 "info",   "debug",  "trace1", "trace2", "trace3", "trace4",
                                                 "trace5", "trace6", "trace7", "trace8"};
  return std::find(std::begin(kLevels), std::end(kLevels), word) != std::end(kLevels);
}

// Takes "[…] " from the front; nothing: there is none.
std::string_view TakeBracket(std::string_view* text) {
  if (!text->starts_with('[')) return {};
  const size_t stop = text->find(']');
  if (stop == std::string_view::npos || stop > 200) return {};
  const std::string_view inside = text->substr(1, stop - 1);
  text->remove_prefix(stop + 1);
  while (text->starts_with(' ')) text->remove_prefix(1);
  return inside;
}

// Reads lines; not thread-safe, as it remembers days.
class Parser {
 public:
  bool Parse(std::string_view line, Line* out) {
    if (line.starts_with('[')) return Apache(line, out);
    return !line.empty() && IsDigit(line.front()) && Nginx(line, out);
  }

 private:
  // [Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187:1234] …
  bool Apache(std::string_view line, Line* out) {
    const std::string_view time = TakeBracket(&line);
    if (time.size() < 24 || time[3] != ' ' || time[7] != ' ' || time[10] != ' ') return false;
    const size_t year = time.rfind(' ');
    if (year + 5 != time.size() || year < 11) return false;
    const auto clock = ClockOf(time.substr(11, year - 11));
    char key[16];
    const size_t n = time.substr(4, 7).copy(key, 7);
    const auto day = day_.Of({key, n + time.substr(year + 1).copy(key + n, 4)}, [](std::string_view d) {
      return DayOf(Number(d.substr(7)), MonthOf(d.substr(0, 3)),
                   Number(d.substr(d[4] == ' ' ? 5 : 4, d[4] == ' ' ? 1 : 2)));
    });
    if (!clock || !day) return false;
    const std::string_view level = TakeBracket(&line);
    const size_t colon = level.rfind(':');
    out->level = level.substr(colon + 1);
    if (!IsLevel(out->level)) return false;
    if (colon != std::string_view::npos) out->module = level.substr(0, colon);
    out->server = kApache;
    out->time = *day + *clock;
    while (line.starts_with("[pid ") || line.starts_with("[client ") || line.starts_with("[remote ")) {
      const std::string_view said = TakeBracket(&line);
      if (said.empty()) break;
      std::string_view value = said.substr(said.find(' ') + 1);
      if (said.starts_with("pid")) {
        out->pid = value.substr(0, value.find(':'));
      } else {
        out->client = WithoutPort(value);
      }
    }
    out->message = line;
    return true;
  }

  // 2023/01/02 12:34:56 [error] 1234#1234: *5 …
  bool Nginx(std::string_view line, Line* out) {
    if (line.size() < 28 || line[4] != '/' || line[7] != '/' || line[10] != ' ' || line[19] != ' ' || line[20] != '[') {
      return false;
    }
    const auto day = day_.Of(line.substr(0, 10), [](std::string_view d) {
      return DayOf(Number(d.substr(0, 4)), Number(d.substr(5, 2)), Number(d.substr(8, 2)));
    });
    const auto clock = ClockOf(line.substr(11, 8));
    line.remove_prefix(20);
    out->level = TakeBracket(&line);
    if (!day || !clock || !IsLevel(out->level)) return false;
    const size_t hash = line.find('#'), colon = line.find(": ");
    if (hash == std::string_view::npos || colon == std::string_view::npos || hash > colon) return false;
    out->pid = line.substr(0, hash);
    out->message = line.substr(colon + 2);
    out->server = kNginx;
    out->time = *day + *clock;
    return true;
  }

  // "192.0.2.1:1234" and "[2001:db8::1]:1234"; an IPv6 address alone stays as it is.
  static std::string_view WithoutPort(std::string_view text) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return text;
    if (text.starts_with('[')) return text.substr(1, std::min(text.find(']'), text.size()) - 1);
    return text.find('.') != std::string_view::npos && text.find(':') == colon ? text.substr(0, colon) : text;
  }

  DayCache day_;
};

// What nginx adds to a message: `, name: "text"`.
std::string_view Added(std::string_view message, std::string_view name) {
  const size_t at = message.rfind(name);
  if (at == std::string_view::npos) return {};
  std::string_view rest = message.substr(at + name.size());
  if (!rest.starts_with('"')) return rest.substr(0, rest.find(','));
  rest.remove_prefix(1);
  return rest.substr(0, rest.find('"'));
}

class LineReader : public PieceReader {
 public:
  explicit LineReader(const FormatOptions& options) : utc_offset_(options.utc_offset) {
    for (int s = 0; s < kServers; ++s) {
      Shape& shape = shapes_[s];
      shape.source = {"", s == kApache ? "apache" : "nginx", "webserver"};
      shape.number = static_cast<uint64_t>(s) + 1;
      shape.value_count = kFields;
      for (uint32_t i = 0; i < kFields; ++i) shape.fields.push_back({kNames[i], {{FieldPart::kValue, i}}});
      shape.fields.push_back({"cs-uri-query", {{FieldPart::kValue, kUri}}, true});
      shape.fields.push_back({"src_ip", {{FieldPart::kValue, kClient}}, true});
      shape.host = kHost;
    }
  }

  void Read(const PieceBytes& piece, Sink* sink) override {
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      if (line.empty()) return;
      Line parts;
      const bool good = parser_.Parse(line, &parts);
      if (!good) {  // of a message of many lines, or of a program the server has started
        parts = Line();
        parts.message = line;
      }
      std::array<Value, kFields> values;
      const auto set = [&](FieldNumber field, std::string_view text) {
        if (text.data() == nullptr || text.empty()) return;
        values[field] = {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()),
                         ValueType::kUtf8};
      };
      set(kMessage, parts.message);
      set(kLevel, parts.level);
      set(kModule, parts.module);
      set(kPid, parts.pid);
      if (good && parts.server == kNginx) {
        parts.client = Added(parts.message, ", client: ");
        set(kHost, Added(parts.message, ", host: "));
        set(kReferer, Added(parts.message, ", referrer: "));
        web::Request request;
        if (web::SplitRequest(Added(parts.message, ", request: "), &request)) {
          const web::Uri uri = web::SplitUri(request.uri);
          set(kMethod, request.method);
          set(kUri, request.uri);
          set(kStem, uri.stem);
          set(kQuery, uri.query);
          set(kVersion, request.version);
        }
      }
      set(kClient, parts.client);
      Event event;
      event.shape = &shapes_[parts.server];
      event.values = values.data();
      event.time = good ? parts.time - utc_offset_ * int64_t{1000000} : 0;
      event.record = number;
      event.offset = offset;
      sink->OnEvent(event);
    });
  }

 private:
  const int32_t utc_offset_;
  Shape shapes_[kServers];
  Parser parser_;
};

// Most of the first lines are of this form, and one of the first three is.
bool IsErrors(const uint8_t* head, size_t size) {
  constexpr int kLooked = 20, kFirstBad = 3;
  int good = 0, bad = 0;
  Parser parser;
  ForEachHeadLine(head, size, [&](std::string_view line) {
    Line parts;
    if (!line.empty()) ++(parser.Parse(line, &parts) ? good : bad);
    return good + bad < kLooked && (good > 0 || bad < kFirstBad);
  });
  return good > bad;
}

}  // namespace

const Format kErrorFormat = {
    "web_errors",
    IsErrors,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<LineReader>(options); },
    CutLines,
};

}  // namespace spoor::access
