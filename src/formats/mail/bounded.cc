// Headers are lines up to an empty one: at the beginning, behind a line that may begin a part ("--…"), and once more
// behind headers that say that a message follows. More lines may be taken for headers than the library takes, not less.
#include "formats/mail/bounded.h"

#include <algorithm>

#include "base/text.h"

namespace spoor::mail {
namespace {

constexpr size_t kPart = 4;  // what a part takes, in headers
// Encoded words (RFC 2047) of a header that never end. For each the library looks to the end of the header.
constexpr size_t kMaxOpenWords = 100;

class Bounder {
 public:
  Bounder(std::string_view message, std::string* room) : message_(message), room_(*room) {}

  Bounded Read() {
    bool in_headers = true, first = true;
    for (size_t at = 0; at < message_.size();) {
      const size_t stop = std::min(message_.find('\n', at), message_.size() - 1) + 1;
      const std::string_view line = message_.substr(at, stop - at);
      size_t kept = line.size();
      if (line.starts_with("--")) {
        in_headers = true;
        first = false;
        BeginHeaders();
        follows_ = digest_;
        structure_ += kPart;
      } else if (in_headers && (line == "\n" || line == "\r\n")) {
        in_headers = follows_;
        first = false;
        BeginHeaders();
      } else if (in_headers) {
        kept = Header(line);
      }
      if (structure_ > kMaxStructure) {
        bounded_.left_out = bounded_.cut = true;
        return End(at);
      }
      if (kept < line.size()) LeaveOut(at + kept, kept > 0 && line.ends_with('\n') ? stop - 1 : stop);
      bounded_.parts_changed |= kept < line.size() && !first;
      at = stop;
    }
    return End(message_.size());
  }

 private:
  void BeginHeaders() {
    separators_ = open_words_ = 0;
    is_type_ = is_content_ = follows_ = false;
  }

  // How much of a line of headers stays.
  size_t Header(std::string_view line) {
    constexpr std::string_view kContent = "content-", kType = "content-type";
    if (line[0] != ' ' && line[0] != '\t') {
      separators_ = open_words_ = 0;
      is_type_ = EqualsIgnoreAsciiCase(line.substr(0, kType.size()), kType);
      is_content_ = EqualsIgnoreAsciiCase(line.substr(0, kContent.size()), kContent);
    }
    if (separators_ == kMaxSeparators) return 0;
    ++structure_;
    if (is_type_ && !digest_ && !follows_) {
      const std::string lower = AsciiLower(line);
      digest_ = FindText(lower, "digest") != std::string_view::npos;  // its parts are messages without saying so
      follows_ = FindText(lower, "message") != std::string_view::npos;
    }
    for (size_t i = 0; i < line.size(); ++i) {
      const char c = line[i], before = i > 0 ? line[i - 1] : '\0';
      if (c == '?' && before == '=' && ++open_words_ > kMaxOpenWords) separators_ = kMaxSeparators;
      if (c == '=' && before == '?') open_words_ = 0;
      const bool separates = c == ',' || c == ';' || c == ':' || (c == '=' && is_content_);
      if (separators_ == kMaxSeparators && (separates || open_words_ > kMaxOpenWords)) return i;
      separators_ += separates;
      structure_ += separates;
    }
    return line.size();
  }

  void LeaveOut(size_t begin, size_t end) {
    bounded_.left_out = true;
    if (copied_ == 0) room_.clear();
    room_.append(message_.substr(copied_, begin - copied_));
    copied_ = end;
  }

  Bounded End(size_t end) {
    bounded_.text = message_.substr(0, end);
    if (copied_ > 0) {
      room_.append(message_.substr(copied_, end - copied_));
      bounded_.text = room_;
    }
    return bounded_;
  }

  const std::string_view message_;
  std::string& room_;
  Bounded bounded_;
  size_t copied_ = 0;  // of the message, into the room or left out
  size_t structure_ = 0, separators_ = 0;
  size_t open_words_ = 0;    // "=?" of the header since the last "?="
  bool is_type_ = false;     // the header is Content-Type
  bool is_content_ = false;  // … or another that has parameters
  bool follows_ = false;     // headers of a message follow behind these
  bool digest_ = false;
};

}  // namespace

Bounded WithinBounds(std::string_view message, std::string* room) { return Bounder(message, room).Read(); }

}  // namespace spoor::mail
