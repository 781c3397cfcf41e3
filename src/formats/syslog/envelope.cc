#include "formats/syslog/envelope.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace spoor::syslog {
namespace {

constexpr size_t kMaxTag = 128;  // bytes of a program's name
constexpr size_t kMaxHost = 255;

// RFC 5424 section 6.2.1.
constexpr std::array<std::string_view, 24> kFacilities = {"kern",   "user",   "mail",   "daemon", "auth",     "syslog",
                                                          "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
                                                          "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
                                                          "local2", "local3", "local4", "local5", "local6",   "local7"};
constexpr std::array<std::string_view, 8> kSeverities = {"emerg",   "alert",  "crit", "err",
                                                         "warning", "notice", "info", "debug"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

size_t Digits(std::string_view text, size_t at) {
  size_t stop = at;
  while (stop < text.size() && IsDigit(text[stop])) ++stop;
  return stop - at;
}

size_t SkipSpaces(std::string_view text, size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  return at;
}

bool IsWeekday(std::string_view text) {
  static constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
  if (text.size() < 4 || text[3] != ' ') return false;
  const size_t at = kDays.find(text.substr(0, 3));
  return at != std::string_view::npos && at % 3 == 0;
}

// "<34>". Returns its length; 0: there is none.
size_t ReadPriority(std::string_view text, Envelope* e) {
  if (text.empty() || text[0] != '<') return 0;
  const size_t digits = Digits(text, 1);
  if (digits < 1 || digits > 3 || digits + 1 >= text.size() || text[digits + 1] != '>') return 0;
  unsigned number = 0;
  for (size_t i = 1; i <= digits; ++i) number = number * 10 + static_cast<unsigned>(text[i] - '0');
  if (number < 8 * kFacilities.size()) {
    e->facility = kFacilities[number / 8];
    e->severity = kSeverities[number % 8];
  }
  return digits + 2;
}

// "daemon.info", as logread writes it.
bool ReadPriorityName(std::string_view word, Envelope* e) {
  const size_t point = word.find('.');
  if (point == std::string_view::npos) return false;
  const std::string_view facility = word.substr(0, point), severity = word.substr(point + 1);
  const auto f = std::find(kFacilities.begin(), kFacilities.end(), facility);
  if (f == kFacilities.end()) return false;
  // musl and uClibc write "warn"; older ones "error" and "panic".
  static constexpr std::string_view kOthers[][2] = {{"warn", "warning"}, {"error", "err"}, {"panic", "emerg"}};
  std::string_view name = severity;
  for (const auto& other : kOthers) {
    if (severity == other[0]) name = other[1];
  }
  const auto s = std::find(kSeverities.begin(), kSeverities.end(), name);
  if (s == kSeverities.end()) return false;
  e->facility = *f;
  e->severity = *s;
  return true;
}

bool IsTagByte(char c) {
  static constexpr auto kTable = [] {
    std::array<bool, 256> table{};
    for (int i = 'a'; i <= 'z'; ++i) table[i] = table[i - 'a' + 'A'] = true;
    for (int i = '0'; i <= '9'; ++i) table[i] = true;
    for (const char* p = "_-./()@+\\#~$,"; *p != 0; ++p) table[static_cast<unsigned char>(*p)] = true;
    return table;
  }();
  return kTable[static_cast<unsigned char>(c)];
}

// "prog[123]: ", "prog: ", "prog[123] ". Returns where the message begins; 0: there is no such thing.
size_t ReadTag(std::string_view text, size_t at, Envelope* e) {
  size_t stop = at;
  const size_t limit = std::min(text.size(), at + kMaxTag);
  while (stop < limit && IsTagByte(text[stop])) ++stop;
  if (stop == at || stop >= text.size() || Digits(text, at) == stop - at) return 0;  // "123:" is a number of Cisco's
  const std::string_view program = text.substr(at, stop - at);
  std::string_view pid;
  if (text[stop] == '[') {
    const size_t first = stop + 1;
    size_t end = first;
    while (end < text.size() && end - first < 32 && IsTagByte(text[end])) ++end;
    if (end == first || end >= text.size() || text[end] != ']') return 0;
    pid = text.substr(first, end - first);
    stop = end + 1;
    if (stop < text.size() && text[stop] != ':' && text[stop] != ' ') return 0;
    if (stop < text.size() && text[stop] == ':') ++stop;
  } else if (text[stop] == ':') {
    ++stop;
    if (stop < text.size() && text[stop] != ' ') return 0;  // "CEF:0|", a time, an address
  } else {
    return 0;
  }
  e->program = program;
  e->pid = pid;
  return SkipSpaces(text, stop);
}

// What needs no program to be told by: messages of devices that begin so.
bool IsMessageWithoutTag(std::string_view text) {
  return text.starts_with('%') || text.starts_with("CEF:") || text.starts_with("LEEF:") || text.starts_with("date=") ||
         text.starts_with("HTTP login: ") || text.starts_with("httpd login lock: ");
}

// A name or an address; what has brackets, or a colon at its end, is something else.
bool IsHost(std::string_view word) {
  return !word.empty() && word.back() != ':' && word.find_first_of("[]{}\"=") == std::string_view::npos;
}

void ReadHostAndTag(std::string_view line, size_t at, bool may_have_host, Envelope* e) {
  at = SkipSpaces(line, at);
  e->kind = Envelope::kBare;
  if (const size_t stop = ReadTag(line, at, e); stop != 0) {
    e->message = line.substr(stop);
    if (e->pid.empty() && e->message.starts_with('%')) {  // "fw1: %ASA-6-…"
      e->host = std::exchange(e->program, {});
    } else {
      e->kind = Envelope::kFull;
    }
    return;
  }
  if (may_have_host && !IsMessageWithoutTag(line.substr(at))) {
    const std::string_view rest = line.substr(at, kMaxHost + 1);
    const size_t space = rest.find(' ');
    if (space != std::string_view::npos && IsHost(rest.substr(0, space))) {
      e->host = line.substr(at, space);
      at = SkipSpaces(line, at + space);
      if (at + 1 < line.size() && line[at] == ':' && line[at + 1] == ' ') at += 2;  // "host : %ASA-6-…"
      if (!IsMessageWithoutTag(line.substr(at))) {
        if (const size_t stop = ReadTag(line, at, e); stop != 0) {
          e->kind = Envelope::kFull;
          at = stop;
        }
      }
    }
  }
  e->message = line.substr(at);
}

// Structured data; returns where it ends. Broken data ends nowhere: then `at`.
size_t SkipStructured(std::string_view line, size_t at) {
  size_t stop = at;
  while (stop < line.size() && line[stop] == '[') {
    bool quoted = false;
    for (++stop; stop < line.size(); ++stop) {
      if (quoted && line[stop] == '\\') {
        ++stop;
      } else if (line[stop] == '"') {
        quoted = !quoted;
      } else if (line[stop] == ']' && !quoted) {
        break;
      }
    }
    if (stop >= line.size()) return at;
    ++stop;
  }
  return stop;
}

// "02.03.26 08:00:01 message", "02.03.2026 …", also apart by tabs: the event log of a FRITZ!Box, as it is saved. Only
// its messages tell it.
bool ReadFritzForm(std::string_view text, const YearRule& years, int32_t utc_offset, Envelope* e) {
  size_t at = 0;
  // A number of so many digits with this behind it; -1: something else.
  const auto number = [&](size_t digits, char behind) {
    if (Digits(text, at) != digits || at + digits >= text.size()) return -1;
    const char c = text[at + digits];
    if (behind == ' ' ? c != ' ' && c != '\t' : c != behind) return -1;
    int n = 0;
    for (size_t i = 0; i < digits; ++i) n = n * 10 + (text[at + i] - '0');
    at += digits + 1;
    return n;
  };
  const auto skip = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  };
  Stamp stamp;
  stamp.day = number(2, '.');
  if (stamp.day < 1 || stamp.day > 31) return false;
  stamp.month = number(2, '.');
  if (stamp.month < 1 || stamp.month > 12) return false;
  const bool century = Digits(text, at) == 4;
  stamp.year = number(century ? 4 : 2, ' ');
  if (stamp.year < 0) return false;
  if (!century) stamp.year += 2000;
  skip();
  stamp.hour = number(2, ':');
  stamp.minute = stamp.hour < 0 ? -1 : number(2, ':');
  stamp.second = stamp.minute < 0 ? -1 : number(2, ' ');
  if (stamp.second < 0 || stamp.hour > 23 || stamp.minute > 59 || stamp.second > 60) return false;
  skip();
  e->time = years.TimeOf(stamp, utc_offset);
  e->message = text.substr(at);
  e->kind = Envelope::kBare;
  return true;
}

// From the VERSION on: "1 2024-10-11T22:14:15Z host prog 123 ID47 - message".
bool ReadNewForm(std::string_view line, size_t at, const YearRule& years, int32_t utc_offset, Envelope* e) {
  const size_t version = Digits(line, at);
  if (version < 1 || version > 2 || at + version >= line.size() || line[at + version] != ' ') return false;
  at += version + 1;
  Stamp stamp;
  const size_t size = ReadIsoStamp(line.substr(at), &stamp);
  if (size == 0 && (at + 1 >= line.size() || line[at] != '-' || line[at + 1] != ' ')) return false;
  if (size != 0) {
    if (at + size >= line.size() || line[at + size] != ' ') return false;
    e->time = years.TimeOf(stamp, utc_offset);
  }
  at += size == 0 ? 2 : size + 1;
  std::string_view* const words[] = {&e->host, &e->program, &e->pid, &e->message_id};
  for (std::string_view* word : words) {
    const size_t stop = std::min(line.find(' ', at), line.size());
    *word = line.substr(at, stop - at);
    if (*word == "-") *word = {};
    at = std::min(stop + 1, line.size());
  }
  if (at < line.size() && line[at] == '-' && (at + 1 == line.size() || line[at + 1] == ' ')) {
    at += 1;
  } else if (const size_t stop = SkipStructured(line, at); stop != at) {
    e->structured = line.substr(at, stop - at);
    at = stop;
  }
  at = SkipSpaces(line, at);
  if (line.substr(at).starts_with("\xef\xbb\xbf")) at += 3;
  e->message = line.substr(at);
  e->kind = e->program.empty() ? Envelope::kBare : Envelope::kFull;
  return true;
}

// "[  123.456789] message", "[Mon Oct 14 10:22:11 2024] message".
bool ReadKernelForm(std::string_view line, size_t at, const YearRule& years, int32_t utc_offset, Envelope* e) {
  const std::string_view rest = line.substr(at);
  if (rest.size() < 8 || rest[0] != '[') return false;
  size_t stop = SkipSpaces(rest, 1);
  Stamp stamp;
  if (const size_t digits = Digits(rest, stop); digits > 0) {
    stop += digits;
    if (stop >= rest.size() || rest[stop] != '.') return false;
    const size_t fraction = Digits(rest, stop + 1);
    if (fraction != 6) return false;
    stop += 1 + fraction;
  } else if (IsWeekday(rest.substr(1))) {
    const size_t size = ReadMonthStamp(rest.substr(5), &stamp);
    if (size == 0 || stamp.year == 0 || stamp.micros != 0) return false;
    stop = 5 + size;
  } else {
    return false;
  }
  if (stop + 1 >= rest.size() || rest[stop] != ']' || rest[stop + 1] != ' ') return false;
  std::string_view message = rest.substr(SkipSpaces(rest, stop + 1));
  if (stamp.year != 0) {
    // A web server's error log has its level behind the time.
    static constexpr std::string_view kLevels[] = {"error]", "notice]", "warn]",  "info]",
                                                   "debug]", "crit]",   "alert]", "emerg]"};
    for (const std::string_view level : kLevels) {
      if (message.starts_with('[') && message.substr(1).starts_with(level)) return false;
    }
    e->time = years.TimeOf(stamp, utc_offset);
  } else if (Envelope tag; true) {
    // systemd's "short-monotonic" has host and program behind the number.
    ReadHostAndTag(message, 0, true, &tag);
    if (tag.kind == Envelope::kFull && !tag.host.empty() && !tag.pid.empty() && tag.host.back() != ':' &&
        tag.host.find_first_of("[]()=,<>/\"") == std::string_view::npos) {
      e->host = tag.host;
      e->program = tag.program;
      e->pid = tag.pid;
      e->message = tag.message;
      e->kind = Envelope::kFull;
      return true;
    }
  }
  e->program = "kernel";
  e->message = message;
  e->kind = Envelope::kFull;
  return true;
}

// "11-Oct-2024 22:14:15.123 queries: info: client …"; category and severity where they are printed.
bool ReadBindForm(std::string_view text, const YearRule& years, int32_t utc_offset, Envelope* e) {
  Stamp stamp;
  const size_t size = ReadBindStamp(text, &stamp);
  if (size == 0 || size >= text.size() || text[size] != ' ') return false;
  std::string_view message = text.substr(size + 1);
  for (int i = 0; i < 2; ++i) {
    const size_t colon = message.find(": ");
    const std::string_view word = message.substr(0, colon);
    if (colon == std::string_view::npos || word.empty() || word == "client" || word == "zone" ||
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string_view::npos) {
      break;
    }
    message.remove_prefix(colon + 2);
  }
  e->time = years.TimeOf(stamp, utc_offset);
  e->program = "named";
  e->message = message;
  e->kind = Envelope::kFull;
  return true;
}

}  // namespace

Envelope ReadEnvelope(std::string_view line, const YearRule& years, int32_t utc_offset) {
  Envelope e;
  size_t at = 0;
  if (!line.empty() && IsDigit(line[0])) {  // octet counting
    const size_t digits = Digits(line, 0);
    if (digits <= 7 && digits + 2 < line.size() && line[digits] == ' ' && line[digits + 1] == '<') at = digits + 1;
  }
  const size_t priority = ReadPriority(line.substr(at), &e);
  if (at != 0 && priority == 0) at = 0;
  at += priority;
  if (priority != 0 && ReadNewForm(line, at, years, utc_offset, &e)) return e;

  std::string_view rest = line.substr(at);
  Stamp stamp;
  size_t size = 0;
  const char first = rest.empty() ? 0 : rest[0];
  if (IsUpper(first)) {
    if (IsWeekday(rest)) {
      if ((size = ReadMonthStamp(rest.substr(4), &stamp)) != 0 && stamp.year != 0) {  // logread
        size_t word = SkipSpaces(rest, size + 4);
        const size_t stop = std::min(rest.find(' ', word), rest.size());
        const bool named = ReadPriorityName(rest.substr(word, stop - word), &e);
        e.time = years.TimeOf(stamp, utc_offset);
        ReadHostAndTag(rest, named ? stop : word, !named, &e);
        return e;
      }
      if (size == 0 && (size = ReadIsoStamp(rest.substr(4), &stamp)) != 0) {  // "short-full"
        size += 4;
        size_t zone = SkipSpaces(rest, size);
        size_t stop = zone;
        while (stop < rest.size() && IsUpper(rest[stop])) ++stop;
        if (stop - zone >= 2 && stop - zone <= 5 && stop < rest.size() && rest[stop] == ' ') {
          if (const std::string_view name = rest.substr(zone, stop - zone); name == "UTC" || name == "GMT") {
            stamp.zone = true;
          }
          size = stop;
        }
      } else if (size != 0) {
        size += 4;
      }
    } else {
      size = ReadMonthStamp(rest, &stamp);
    }
  } else if (IsDigit(first)) {
    // NOLINTNEXTLINE(bugprone-branch-clone): tried first where it is likely, last where nothing else fits
    if (rest.size() > 10 && rest[10] == 'T') {
      size = ReadIsoStamp(rest, &stamp);
    } else if (ReadBindForm(rest, years, utc_offset, &e) || ReadFritzForm(rest, years, utc_offset, &e)) {
      return e;
    } else if (int64_t time = 0; (size = ReadUnixStamp(rest, &time)) != 0) {
      if (size >= rest.size() || rest[size] != ' ') {
        size = 0;
      } else {
        e.time = time;
      }
    } else if (priority != 0) {
      size = ReadIsoStamp(rest, &stamp);
    }
  } else if (first == '[') {
    if (ReadKernelForm(line, at, years, utc_offset, &e)) return e;
  }
  if (size != 0 && size < rest.size() && rest[size] != ' ' && rest[size] != ':') size = 0;
  if (size != 0) {
    if (stamp.month != 0) {
      e.time = years.TimeOf(stamp, utc_offset);
      e.has_year = stamp.year != 0;
    }
    if (size < rest.size() && rest[size] == ':') ++size;  // Cisco: "Oct 11 2024 22:14:15: %ASA-6-…"
    ReadHostAndTag(rest, size, true, &e);
    return e;
  }
  e.message = rest;
  if (const size_t stop = ReadTag(rest, 0, &e); stop != 0) {
    e.message = rest.substr(stop);
    e.kind = priority != 0 ? Envelope::kFull : Envelope::kTag;
    if (priority == 0 && e.pid.empty()) {  // "word: text" is no program yet
      e.kind = Envelope::kNone;
      e.program = {};
      e.message = rest;
    }
  } else if (priority != 0) {
    e.kind = Envelope::kBare;
  }
  return e;
}

}  // namespace spoor::syslog
