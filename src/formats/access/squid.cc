#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "formats/access/format.h"
#include "formats/lines.h"
#include "formats/web/request.h"

namespace spoor::access {
namespace {

enum FieldNumber {
  kTime,
  kTaken,
  kClient,
  kAction,
  kStatus,
  kBytes,
  kMethod,
  kUri,
  kUser,
  kHierarchy,
  kPeer,
  kType,
  kStem,
  kQuery,
  kHost,
  kExtension,
  kMore,
  kFields
};
constexpr const char* kNames[kFields] = {
    "time",        "time-taken",   "c-ip",        "s-action",        "sc-status", "sc-bytes",
    "cs-method",   "c-uri",        "cs-username", "s-hierarchy",     "r-ip",      "rs-content-type",
    "cs-uri-stem", "cs-uri-query", "cs-host",     "c-uri-extension", "more"};
constexpr std::pair<const char*, FieldNumber> kAliases[] = {
    {"cs-uri", kUri},  {"cs-uri-query", kUri},  {"src_ip", kClient},
    {"dst_ip", kPeer}, {"c-uri-query", kQuery}, {"c-uri-stem", kStem},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "1772438403.456"; false: something else.
bool ParseStamp(std::string_view text, int64_t* micros) {
  if (text.size() != 14 || text[10] != '.') return false;
  int64_t milli = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 10) continue;
    if (!IsDigit(text[i])) return false;
    milli = milli * 10 + (text[i] - '0');
  }
  *micros = milli * 1000;
  return true;
}

struct Line {
  int64_t time = 0;
  // time, elapsed, client, action/status, bytes, method, URI, user, hierarchy/peer, type
  std::array<std::string_view, 10> words;
  std::string_view more;
};

bool TakeApart(std::string_view line, Line* out) {
  for (std::string_view& word : out->words) {
    while (line.starts_with(' ')) line.remove_prefix(1);
    const size_t stop = std::min(line.find(' '), line.size());
    word = line.substr(0, stop);
    if (word.empty()) return false;
    line.remove_prefix(stop);
  }
  while (line.starts_with(' ')) line.remove_prefix(1);
  out->more = line;
  const std::string_view action = out->words[3];
  const size_t slash = action.rfind('/');
  return ParseStamp(out->words[0], &out->time) && slash != std::string_view::npos && action.size() - slash == 4 &&
         out->words[8].find('/') != std::string_view::npos;
}

class LineReader : public PieceReader {
 public:
  LineReader() {
    shape_.source = {"", "squid", "proxy"};
    shape_.number = 1;
    shape_.value_count = kFields;
    for (uint32_t i = 0; i < kFields; ++i) shape_.fields.push_back({kNames[i], {{FieldPart::kValue, i}}});
    for (const auto& [name, of] : kAliases) shape_.fields.push_back({name, {{FieldPart::kValue, of}}, true});
    shape_.host = kClient;
    shape_.user = kUser;
  }

  void Read(const PieceBytes& piece, Sink* sink) override {
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      if (line.empty()) return;
      Line parts;
      if (!TakeApart(line, &parts)) {
        sink->OnDamage({offset, line.size(), "squid_line_unknown"});
        return;
      }
      std::array<Value, kFields> values;
      const auto set = [&](FieldNumber field, std::string_view text) {
        if (text.data() == nullptr || text.empty() || text == "-") return;
        values[field] = {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()),
                         ValueType::kUtf8};
      };
      const auto& w = parts.words;
      set(kTime, w[0]);
      set(kTaken, w[1]);
      set(kClient, w[2]);
      const size_t status = w[3].rfind('/'), peer = w[8].find('/');
      set(kAction, w[3].substr(0, status));
      set(kStatus, w[3].substr(status + 1));
      set(kBytes, w[4]);
      set(kMethod, w[5]);
      set(kUri, w[6]);
      set(kUser, w[7]);
      set(kHierarchy, w[8].substr(0, peer));
      set(kPeer, w[8].substr(peer + 1));
      set(kType, w[9]);
      set(kMore, parts.more);
      web::Uri uri = web::SplitUri(w[6]);
      if (w[5] == "CONNECT") {  // host:port
        uri.host = uri.stem.substr(0, uri.stem.rfind(':'));
        uri.stem = uri.extension = {};
      }
      set(kStem, uri.stem);
      set(kQuery, uri.query);
      set(kHost, uri.host);
      set(kExtension, uri.extension);
      Event event;
      event.shape = &shape_;
      event.values = values.data();
      event.time = parts.time;
      event.record = number;
      event.offset = offset;
      sink->OnEvent(event);
    });
  }

 private:
  Shape shape_;
};

// Most of the first lines are of this form, and one of the first three is.
bool IsSquid(const uint8_t* head, size_t size) {
  constexpr int kLooked = 20, kFirstBad = 3;
  int good = 0, bad = 0;
  ForEachHeadLine(head, size, [&](std::string_view line) {
    Line parts;
    if (!line.empty()) ++(TakeApart(line, &parts) ? good : bad);
    return good + bad < kLooked && (good > 0 || bad < kFirstBad);
  });
  return good > bad;
}

}  // namespace

const Format kSquidFormat = {
    "squid",
    IsSquid,
    [](const FormatOptions&) -> std::unique_ptr<PieceReader> { return std::make_unique<LineReader>(); },
    CutLines,
};

}  // namespace spoor::access
