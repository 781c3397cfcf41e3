// Putting messages together.
//
// absl::StrCat does not take std::string_view where Abseil was built with a string_view of its own (as
// Debian's is), so this is the same for what messages here are made of.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace spoor {

inline void AppendPiece(std::string* out, std::string_view text) { out->append(text); }
template <typename T>
requires(std::integral<T> || std::floating_point<T>) void AppendPiece(std::string* out, T number) {
  char digits[64];
  const auto result = std::to_chars(digits, digits + sizeof digits, number);
  out->append(digits, result.ptr);
}

// Texts and numbers, one behind the other.
template <typename... Pieces>
std::string Cat(const Pieces&... pieces) {
  std::string out;
  (AppendPiece(&out, pieces), ...);
  return out;
}

inline std::string_view Message(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

}  // namespace spoor
