#include "formats/nfdump/format.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "formats/lines.h"
#include "formats/loose_time.h"
#include "formats/mapping/mapped_shape.h"

namespace spoor::nfdump {
namespace {

// What follows the addresses.
enum Kind : uint8_t { kLine, kLong, kExtended, kKinds };
const std::vector<std::string> kNames[kKinds] = {
    {"ts", "td", "pr", "sa", "sp", "da", "dp", "ipkt", "ibyt", "fl"},
    {"ts", "td", "pr", "sa", "sp", "da", "dp", "flg", "stos", "ipkt", "ibyt", "fl"},
    {"ts", "td", "pr", "sa", "sp", "da", "dp", "flg", "stos", "ipkt", "ibyt", "pps", "bps", "bpp", "fl"},
};
constexpr size_t kMaxValues = 15;

struct Row {
  Kind kind = kLine;
  std::array<std::string_view, kMaxValues> values;
};

// Words of a line; a number and its unit ("1.2 M") are one.
size_t WordsOf(std::string_view line, std::array<std::string_view, 24>* words) {
  size_t count = 0;
  for (size_t at = 0; at < line.size();) {
    at = line.find_first_not_of(' ', at);
    if (at == std::string_view::npos) break;
    const size_t stop = std::min(line.find(' ', at), line.size());
    const std::string_view word = line.substr(at, stop - at);
    if (count > 0 && word.size() == 1 && (word == "K" || word == "M" || word == "G" || word == "T")) {
      std::string_view& number = (*words)[count - 1];
      number = {number.data(), static_cast<size_t>(word.data() + 1 - number.data())};
    } else {
      if (count == words->size()) return 0;
      (*words)[count++] = word;
    }
    at = stop;
  }
  return count;
}

// "192.0.2.1:443", "2001:db8::1.443"; of ICMP the second port is type and code, "8.0". False: no address.
bool SplitAddress(std::string_view text, std::string_view* address, std::string_view* port) {
  const size_t first = text.find(':'), last = text.rfind(':');
  if (first == std::string_view::npos) return false;
  const size_t at = first == last ? first : text.rfind('.');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || (at < last && first != last)) return false;
  *address = text.substr(0, at);
  *port = text.substr(at + 1);
  return true;
}

bool AreFlags(std::string_view word) {
  return word.size() >= 6 && word.size() <= 8 && word.find_first_not_of(".UAPRSFEWC") == std::string_view::npos;
}

bool IsNumber(std::string_view word) { return !word.empty() && word[0] >= '0' && word[0] <= '9'; }

bool ReadRow(std::string_view line, Row* row) {
  std::array<std::string_view, 24> words;
  const size_t count = WordsOf(line, &words);
  if (count < 10 || !IsNumber(words[0]) || words[0].size() != 10 || words[0][4] != '-') return false;
  if (!IsNumber(words[2]) || (words[5] != "->" && words[5] != "<->")) return false;
  auto& v = row->values;
  v[0] = {words[0].data(), static_cast<size_t>(words[1].data() + words[1].size() - words[0].data())};
  v[1] = words[2];
  v[2] = words[3];
  if (!SplitAddress(words[4], &v[3], &v[4]) || !SplitAddress(words[6], &v[5], &v[6])) return false;
  const bool flags = AreFlags(words[7]);
  const size_t behind = count - 7;
  if (!flags && behind == 3) {
    row->kind = kLine;
  } else if (flags && behind == 5) {
    row->kind = kLong;
  } else if (flags && behind == 8) {
    row->kind = kExtended;
  } else {
    return false;
  }
  for (size_t i = 0; i < behind; ++i) {
    if (i > 0 && !IsNumber(words[7 + i])) return false;
    v[7 + i] = words[7 + i];
  }
  return true;
}

// What nfdump prints around the flows.
bool IsAround(std::string_view line) {
  for (const std::string_view text :
       {"Date first seen", "Date flow start",
        "Summary: ", "Time window: ", "Total flows processed: ", "Total records processed: ", "Blocks skipped: ",
        "Bytes read: ", "Sys: ", "Wall: ", "User: ", "Aggregated flows ", "No matched flows", "No matching flows"}) {
    if (line.starts_with(text)) return true;
  }
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

class FlowReader : public PieceReader {
 public:
  explicit FlowReader(const FormatOptions& options)
      : loose_{options.utc_offset, false},
        given_(options.given),
        mappings_(options.mappings != nullptr ? *options.mappings : Mappings::BuiltIn()) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      Row row;
      if (!ReadRow(line, &row)) {
        if (!IsAround(line)) sink->OnDamage({offset, line.size(), "nfdump_line_unknown"});
        return;
      }
      values_.clear();
      for (size_t i = 0; i < kNames[row.kind].size(); ++i) {
        const std::string_view text = row.values[i];
        values_.push_back(
            {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8});
      }
      Event event;
      event.record = number;
      event.offset = offset;
      event.time = ParseLooseTime(row.values[0], loose_).value_or(0);
      event.shape = &ShapeOf(row.kind).For(&values_);
      event.values = values_.data();
      sink->OnEvent(event);
    });
  }

 private:
  MappedShape& ShapeOf(Kind kind) {
    std::unique_ptr<MappedShape>& shape = shapes_[kind];
    if (shape == nullptr) shape = std::make_unique<MappedShape>(mappings_.Map(kNames[kind]), given_, kind + 1u);
    return *shape;
  }

  const LooseTimes loose_;
  const SourceTag given_;
  const Mappings& mappings_;
  std::unique_ptr<MappedShape> shapes_[kKinds];
  std::vector<Value> values_;
};

// It begins with the names of the columns, or at least half of the first lines are flows.
bool IsNfdump(const uint8_t* head, size_t size) {
  bool named = false;
  int flows = 0, others = 0;
  ForEachHeadLine(head, size, [&](std::string_view line) {
    Row row;
    if (ReadRow(line, &row)) {
      ++flows;
    } else if (!IsAround(line)) {
      ++others;
    }
    named = line.starts_with("Date f") && line.find("Src IP Addr:Port") != std::string_view::npos;
    return !named && (flows > 0 || others <= 8);
  });
  return named || (flows > 0 && flows >= others);
}

}  // namespace

const Format kFormat = {
    "nfdump",
    IsNfdump,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<FlowReader>(options); },
    CutLines,
};

}  // namespace spoor::nfdump
