#include "formats/header_lines.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/text.h"
#include "formats/lines.h"

namespace spoor {
namespace {

constexpr size_t kMaxHeader = 64 << 10;  // bytes of all lines that count; more are passed over

std::string_view WordOf(std::string_view line) {
  size_t stop = 1;
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  };
  while (stop < line.size() && is_letter(line[stop])) ++stop;
  return line.substr(1, stop - 1);
}

class HeaderCutter : public Cutter {
 public:
  explicit HeaderCutter(const HeaderKinds& kinds) : zeros_(kinds.zeros), lines_(CutLines()), header_(kinds) {}

  Cut Next(const uint8_t* data, size_t size, bool last) override {
    Cut cut = lines_->Next(data, size, last);
    if (cut.size == 0) return cut;
    cut.header = said_;
    const bool at_start = offset_ == 0;
    offset_ += cut.size;
    if (!cut.discard && Take(AsText(data, cut.size), at_start)) {
      said_ = std::make_shared<const std::string>(header_.text());
    }
    return cut;
  }

 private:
  // Takes the header lines of a piece. True: something new was said.
  bool Take(std::string_view text, bool at_start) {
    if (at_start && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    bool changed = false;
    for (size_t at = 0; at < text.size();) {
      const void* const found = std::memchr(text.data() + at, '#', text.size() - at);
      if (found == nullptr) break;
      at = static_cast<size_t>(static_cast<const char*>(found) - text.data());
      size_t begin = at;
      while (zeros_ && begin > 0 && text[begin - 1] == '\0') --begin;
      if (begin > 0 && text[begin - 1] != '\n') {
        ++at;
        continue;
      }
      const size_t stop = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, stop - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      changed |= header_.Add(line);
      at = stop;
    }
    return changed;
  }

  const bool zeros_;
  std::unique_ptr<Cutter> lines_;
  HeaderLines header_;
  std::shared_ptr<const std::string> said_;
  uint64_t offset_ = 0;
};

}  // namespace

bool HeaderLines::Add(std::string_view line) {
  const std::string_view word = WordOf(line);
  const auto kept = std::find_if(kinds_.kept.begin(), kinds_.kept.end(),
                                 [&](std::string_view one) { return EqualsIgnoreAsciiCase(one, word); });
  if (kept == kinds_.kept.end() || line.size() >= kMaxHeader) return false;
  if (!kinds_.first.empty() && EqualsIgnoreAsciiCase(word, kinds_.first)) text_.clear();
  for (size_t at = 0; at < text_.size();) {
    const size_t stop = text_.find('\n', at);
    const std::string_view old = std::string_view(text_).substr(at, stop - at);
    if (EqualsIgnoreAsciiCase(WordOf(old), word)) {
      if (old == line) return false;
      text_.erase(at, stop + 1 - at);
      break;
    }
    at = stop + 1;
  }
  if (text_.size() + line.size() < kMaxHeader) text_.append(line).append(1, '\n');
  return true;
}

bool HeaderSays(std::string_view line, std::string_view word, std::string_view* rest) {
  const std::string_view own = WordOf(line);
  if (!EqualsIgnoreAsciiCase(own, word)) return false;
  *rest = line.substr(std::min(own.size() + 2, line.size()));
  return true;
}

std::unique_ptr<Cutter> CutLinesWithHeader(const HeaderKinds& kinds) { return std::make_unique<HeaderCutter>(kinds); }

}  // namespace spoor
