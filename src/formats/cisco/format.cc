#include "formats/cisco/format.h"

#include <algorithm>
#include <array>

#include "base/time.h"
#include "formats/cisco/message.h"
#include "formats/lines.h"

namespace spoor::cisco {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "Feb 17 2026 13:40:03.673" before the header; nothing where there is no year.
int64_t TimeOf(std::string_view before) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (size_t at = 0; at + 20 <= before.size(); ++at) {
    const size_t month = kMonths.find(before.substr(at, 3));
    if (month == std::string_view::npos || month % 3 != 0 || before[at + 3] != ' ') continue;
    std::array<std::string_view, 3> words;  // day, year, time
    size_t from = at + 4;
    for (std::string_view& word : words) {
      while (from < before.size() && before[from] == ' ') ++from;
      const size_t stop = std::min(before.find(' ', from), before.size());
      word = before.substr(from, stop - from);
      from = stop;
    }
    if (words[0].empty() || words[0].size() > 2 || words[1].size() != 4 || words[2].size() < 8) return 0;
    std::string_view clock = words[2];
    while (!clock.empty() && clock.back() == ':') clock.remove_suffix(1);
    std::string text(words[1]);
    text += month / 3 < 9 ? "-0" : "-1";
    text += static_cast<char>('0' + (month / 3 + 1) % 10);
    text += words[0].size() == 1 ? "-0" : "-";
    text += words[0];
    text += 'T';
    text += clock;
    return ParseTime(text).value_or(0);
  }
  return 0;
}

// The first word of a line as a syslog server writes it, where it can be the sender: no number, no part of a date.
std::string_view HostOf(std::string_view before) {
  const std::string_view word = before.substr(0, std::min(before.find(' '), before.size()));
  if (word.size() < 4 || word.find(':') != std::string_view::npos || word[0] == '<' || word[0] == '*') return {};
  return word.find('.') != std::string_view::npos || word.find('-') != std::string_view::npos ? word
                                                                                              : std::string_view();
}

enum FieldNumber { kMessage, kFacility, kSeverity, kMnemonic, kHost, kUser, kCommand, kFields };

class LineReader : public PieceReader {
 public:
  LineReader() {
    for (int s = 0; s < kServices; ++s) {
      shapes_[s].source = {"cisco", kServiceNames[s], ""};
      shapes_[s].number = static_cast<uint64_t>(s) + 1;
      shapes_[s].value_count = kFields;
      uint32_t i = 0;
      for (const char* name : {"message", "facility", "severity", "mnemonic", "host", "user", "command"}) {
        shapes_[s].fields.push_back({name, {{FieldPart::kValue, i++}}});
      }
    }
  }

  void Read(const PieceBytes& piece, Sink* sink) override {
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      if (Trimmed(line).empty()) return;
      Header h;
      if (!FindHeader(line, &h)) {
        sink->OnDamage({offset, line.size(), "cisco_line_without_header"});
        return;
      }
      std::array<Value, kFields> values;
      const auto set = [&](FieldNumber field, std::string_view text) {
        if (text.data() == nullptr || text.empty()) return;
        values[field] = {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()),
                         ValueType::kUtf8};
      };
      const std::string_view before = line.substr(0, h.at);
      set(kMessage, line);
      set(kFacility, h.facility);
      set(kSeverity, h.severity);
      set(kMnemonic, h.mnemonic);
      set(kHost, HostOf(before));
      if (const size_t user = h.text.find("User:"); user != std::string_view::npos) {
        const std::string_view rest = h.text.substr(user + 5);
        set(kUser, rest.substr(0, std::min(rest.find(' '), rest.size())));
      }
      if (const size_t command = h.text.find("logged command:"); command != std::string_view::npos) {
        set(kCommand, Trimmed(h.text.substr(command + 15)));
      }
      Event event;
      event.shape = &shapes_[ServiceOf(h)];
      event.values = values.data();
      event.time = TimeOf(before);
      event.record = number;
      event.offset = offset;
      sink->OnEvent(event);
    });
  }

 private:
  Shape shapes_[kServices];
};

// Text whose first lines mostly have a message header.
bool IsCisco(const uint8_t* head, size_t size) {
  const std::string_view text = AsText(head, std::min<size_t>(size, kPieceHead));
  if (text.find('%') == std::string_view::npos) return false;
  int with = 0, without = 0;
  ForEachHeadLine(head, size, [&](std::string_view line) {
    Header h;
    if (FindHeader(line, &h) && !IsFirewall(h)) {
      ++with;
    } else if (!Trimmed(line).empty()) {
      ++without;
    }
    return true;
  });
  return with > 0 && with >= without;
}

}  // namespace

const Format kFormat = {
    "cisco",
    IsCisco,
    [](const FormatOptions&) -> std::unique_ptr<PieceReader> { return std::make_unique<LineReader>(); },
    CutLines,
};

}  // namespace spoor::cisco
