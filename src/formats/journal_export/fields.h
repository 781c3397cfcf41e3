// The fields of the journal's export format, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spoor::journal_export {

// systemd takes no field that is longer (src/libsystemd/sd-journal/journal-importer.h, DATA_SIZE_MAX), so a size above
// it is none that a journal wrote.
inline constexpr uint64_t kMaxField = uint64_t{768} << 20;

struct Field {
  enum Kind : uint8_t {
    kField,    // name and value
    kEnd,      // an empty line: the entry ends
    kBad,      // a line that is no field
    kCut,      // the text ends within its value, of which `value` is what is there
    kMore,     // it cannot be said without more of the file
    kTooLong,  // a value longer than kMaxRecord, which begins at `end`
  };
  Kind kind = kMore;
  std::string_view name, value;
  size_t end = 0;          // where the next one begins
  uint64_t long_size = 0;  // of kTooLong: bytes from `end` on, the line end included
};

// The field that begins at `at`. What it is does not depend on how much of the file `text` holds, kMore apart. `last`:
// all of it. REQUIRES: at < text.size().
Field TakeField(std::string_view text, size_t at, bool last);

// Capital letters, digits and underscores (systemd.journal-fields(7)), at most 64 of them.
bool IsFieldName(std::string_view name);

}  // namespace spoor::journal_export
