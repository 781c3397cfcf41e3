#include "formats/dns_debug/format.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/time.h"
#include "formats/lines.h"

namespace spoor::dns_debug {
namespace {

enum FieldNumber {
  kMessage,
  kThread,
  kProtocol,
  kDirection,
  kSource,
  kDestination,
  kQueryId,
  kResponse,
  kOpcode,
  kFlags,
  kReply,
  kType,
  kQuery,
  kFields
};
constexpr const char* kNames[kFields] = {"message", "thread",      "protocol", "direction", "src_ip",
                                         "dst_ip",  "query_id",    "response", "opcode",    "flags",
                                         "rcode",   "record_type", "query"};

// The next word of a text, taken off it.
std::string_view Word(std::string_view* text) {
  const size_t first = std::min(text->find_first_not_of(" \t"), text->size());
  const size_t stop = std::min(text->find_first_of(" \t", first), text->size());
  const std::string_view word = text->substr(first, stop - first);
  text->remove_prefix(stop);
  return word;
}

// The numbers of "5/6/2024" or "10:11:12". False: not three of them.
bool ThreeNumbers(std::string_view text, std::array<int, 3>* numbers, char* between) {
  size_t part = 0;
  int digits = 0;
  numbers->fill(0);
  *between = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      if (++digits > 4) return false;
      (*numbers)[part] = (*numbers)[part] * 10 + (c - '0');
    } else if ((c == '/' || c == '.' || c == '-' || c == ':') && digits > 0 && part < 2 &&
               (part == 0 || c == *between)) {
      *between = c;
      ++part;
      digits = 0;
    } else {
      return false;
    }
  }
  return part == 2 && digits > 0;
}

// Takes date and time off the line. Microseconds since 1970 as if in UTC; 0: there is none.
int64_t TakeTime(std::string_view* line) {
  std::array<int, 3> date, clock;
  char slash = 0, colon = 0;
  if (!ThreeNumbers(Word(line), &date, &slash) || slash == ':') return 0;
  if (!ThreeNumbers(Word(line), &clock, &colon) || colon == '/' || colon == '-') return 0;
  std::string_view rest = *line;
  const std::string_view half = Word(&rest);
  const bool halves = half == "AM" || half == "PM";
  if (halves) {
    *line = rest;
    if (clock[0] == 12) clock[0] = 0;
    if (half == "PM") clock[0] += 12;
  }
  int year = date[2], month = date[1], day = date[0];
  if (slash == '-' || date[0] > 31) {
    year = date[0];
    day = date[2];
  } else if (slash == '/' && ((halves && date[0] <= 12) || date[1] > 12)) {
    std::swap(month, day);
  }
  if (year < 100) year += 2000;
  std::array<char, 40> text;
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, clock[0], clock[1],
                clock[2]);
  return ParseTime(text.data()).value_or(0);
}

// "(3)www(7)example(3)com(0)" as "www.example.com".
bool DecodeName(std::string_view text, std::string* name) {
  name->clear();
  while (text.starts_with('(')) {
    const size_t close = text.find(')');
    if (close == std::string_view::npos || close < 2) return false;
    const size_t next = std::min(text.find('(', close), text.size());
    const std::string_view label = text.substr(close + 1, next - close - 1);
    if (!label.empty()) {
      if (!name->empty()) *name += '.';
      *name += label;
    }
    text.remove_prefix(next);
  }
  return text.empty();
}

struct Packet {
  int64_t time = 0;
  std::array<std::string_view, kFields> fields;
};

// False: the line is no packet.
bool ReadPacket(std::string_view line, Packet* packet) {
  auto& f = packet->fields;
  f = {};
  std::string_view rest = line;
  packet->time = TakeTime(&rest);
  if (packet->time == 0) return false;
  f[kThread] = Word(&rest);
  if (Word(&rest) != "PACKET") return false;
  if (Word(&rest).size() < 8) return false;  // the packet's address in memory
  f[kProtocol] = Word(&rest);
  f[kDirection] = Word(&rest);
  if (f[kDirection] != "Rcv" && f[kDirection] != "Snd") return false;
  f[f[kDirection] == "Rcv" ? kSource : kDestination] = Word(&rest);
  f[kQueryId] = Word(&rest);
  std::string_view word = Word(&rest);
  f[kResponse] = "false";
  if (word == "R") {
    f[kResponse] = "true";
    word = Word(&rest);
  }
  f[kOpcode] = word;
  const size_t open = rest.find('['), close = rest.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return false;
  std::string_view flags = rest.substr(open + 1, close - open - 1);
  rest.remove_prefix(close + 1);
  f[kFlags] = flags;
  while (!flags.empty()) {
    if (const std::string_view last = Word(&flags); !last.empty()) f[kReply] = last;
  }
  f[kType] = Word(&rest);
  f[kQuery] = Word(&rest);
  return f[kQuery].starts_with('(');
}

// A line that is no packet, but has something of one: the word, a name at its end, or a date that is none.
bool WasPacket(std::string_view line) {
  if (line.find(" PACKET ") != std::string_view::npos || line.ends_with("(0)")) return true;
  return !line.empty() && line.front() >= '0' && line.front() <= '9' && TakeTime(&line) == 0;
}

class LineReader : public PieceReader {
 public:
  explicit LineReader(const FormatOptions& options) : utc_offset_(options.utc_offset) {
    shape_.source = {"windows", "dns-server-debug", "dns"};
    shape_.number = 1;
    shape_.value_count = kFields;
    for (uint32_t i = 0; i < kFields; ++i) shape_.fields.push_back({kNames[i], {{FieldPart::kValue, i}}});
  }

  void Read(const PieceBytes& piece, Sink* sink) override {
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      Packet packet;
      if (!ReadPacket(line, &packet)) {  // the head, details of packets, other messages; or a damaged packet
        if (WasPacket(line)) sink->OnDamage({offset, line.size(), "dns_packet_unknown"});
        return;
      }
      packet.fields[kMessage] = line;
      if (DecodeName(packet.fields[kQuery], &name_)) packet.fields[kQuery] = name_;
      std::array<Value, kFields> values;
      for (size_t i = 0; i < kFields; ++i) {
        const std::string_view text = packet.fields[i];
        if (text.empty()) continue;
        values[i] = {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()),
                     ValueType::kUtf8};
      }
      Event event;
      event.shape = &shape_;
      event.values = values.data();
      event.time = packet.time - utc_offset_ * int64_t{1000000};
      event.record = number;
      event.offset = offset;
      sink->OnEvent(event);
    });
  }

 private:
  const int32_t utc_offset_;
  Shape shape_;
  std::string name_;
};

// The log's own head, or packets on most of the first lines.
bool IsDnsDebugLog(const uint8_t* head, size_t size) {
  std::string_view text = AsText(head, std::min<size_t>(size, kPieceHead));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.starts_with("DNS Server log file creation at ")) return true;
  if (text.find(" PACKET ") == std::string_view::npos) return false;
  int with = 0, without = 0;
  ForEachHeadLine(head, size, [&](std::string_view line) {
    Packet packet;
    if (line.find_first_not_of(" \t") != std::string_view::npos) ++(ReadPacket(line, &packet) ? with : without);
    return true;
  });
  return with > 0 && with >= without;
}

}  // namespace

const Format kFormat = {
    "dns_debug",
    IsDnsDebugLog,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<LineReader>(options); },
    CutLines,
};

}  // namespace spoor::dns_debug
