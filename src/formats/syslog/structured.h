// Structured data of RFC 5424 (section 6.3): [id@123 name="value" …][…].
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace spoor::syslog {

inline constexpr size_t kMaxParams = 512;  // of a line; what follows them is in the field structured_data only

struct StructuredData {
  struct Param {
    std::string_view id;  // with the bracket before it: "[id@123"
    std::string_view name, value;
  };
  std::vector<Param> params;
  std::deque<std::string> scratch;  // values that had escapes
  bool escaped() const { return !scratch.empty(); }
  void Clear() {
    params.clear();
    scratch.clear();
  }
};

// Takes any text. A quote that no bracket and no parameter follows is part of its value, as some write it who do not
// escape it; what is no parameter is passed over. Names and values are pieces of the text or of `scratch`.
void ReadStructured(std::string_view text, StructuredData* out);

}  // namespace spoor::syslog
