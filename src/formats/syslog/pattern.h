// Patterns of messages, as people write them in data/programs.yml, matched without regular expressions.
//
//     Failed {method} for invalid user {user*} from {src_ip} port {src_port}
//
// What stands between braces is a field, all else is text that must be there to the letter (runs of spaces as written):
//
//     {name}    one word: no space, not empty; ends where the text behind it begins, at a ':' or '.' the word's last
//     one
//
//     {name?}   the same, or nothing
//
//     {name~}   any text, up to the first place from which all that follows fits
//
//     {name*}   any text, up to the last such place; at the end of a pattern: all that is left. For what somebody else
//               may have chosen (a user's name with " from " in it)
//
//     {}, {*}   … a field nobody needs
//     {>}       nothing: what is left is what stands from here on; only text may follow
//
// A pattern begins where the message does; what is left when it is through is not looked at.
//
// Matching is bounded: a pattern has at most three fields of {~} and {*}, and a message that a pattern looks at is cut
// at 8 KiB for such. Immutable after Compile, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace spoor::syslog {

class Pattern {
 public:
  static absl::StatusOr<Pattern> Compile(std::string_view text);

  // True if the message fits. Then values[i] is what fields()[i] holds (a null view: an optional one without), and
  // *end is where in the message the pattern was through. REQUIRES: room for fields().size() values.
  bool Match(std::string_view message, std::string_view* values, size_t* end) const;

  const std::vector<std::string>& fields() const { return fields_; }
  // The text it begins with; empty: a field.
  std::string_view first_literal() const;

 private:
  enum class Kind : uint8_t { kText, kWord, kLazy, kGreedy };
  struct Piece {
    Kind kind = Kind::kText;
    bool optional = false;  // kWord
    int field = -1;
    std::string text;  // kText
  };
  bool MatchFrom(size_t piece, std::string_view message, size_t at, std::string_view* values, size_t* end,
                 unsigned* steps) const;

  std::vector<Piece> pieces_;
  std::vector<std::string> fields_;
  size_t behind_mark_ = 0;  // bytes of text behind {>}
};

}  // namespace spoor::syslog
