#include "formats/journal_export/fields.h"

#include <algorithm>
#include <cstring>

#include "formats/format.h"

namespace spoor::journal_export {

bool IsFieldName(std::string_view name) {
  constexpr size_t kMaxName = 64;
  return !name.empty() && name.size() <= kMaxName && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

Field TakeField(std::string_view text, size_t at, bool last) {
  Field field;
  const void* const found = std::memchr(text.data() + at, '\n', text.size() - at);
  if (found == nullptr && !last) return field;
  const size_t stop =
      found == nullptr ? text.size() : static_cast<size_t>(static_cast<const char*>(found) - text.data());
  field.end = std::min(stop + 1, text.size());
  std::string_view line = text.substr(at, stop - at);
  // A carriage return is not printable: systemd writes a value with one by its size. So at a line's end it is from
  // whoever copied the file as text.
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) {
    field.kind = Field::kEnd;
    return field;
  }
  const size_t equals = line.find('=');
  field.name = line.substr(0, equals);
  field.kind = Field::kBad;
  if (!IsFieldName(field.name)) return field;
  if (equals != std::string_view::npos) {
    field.value = line.substr(equals + 1);
    field.kind = Field::kField;
    return field;
  }
  uint64_t size = 0;
  if (text.size() - field.end < sizeof size) {
    field.kind = last ? Field::kCut : Field::kMore;
    field.end = last ? text.size() : field.end;
    return field;
  }
  for (size_t i = sizeof size; i-- > 0;) size = size << 8 | static_cast<uint8_t>(text[field.end + i]);
  if (size > kMaxField) return field;
  const size_t begin = field.end + sizeof size;
  if (size > kMaxRecord) {
    field.kind = Field::kTooLong;
    field.end = begin;
    field.long_size = size + 1;
    return field;
  }
  if (text.size() - begin < size || (text.size() - begin == size && !last)) {
    field.kind = last ? Field::kCut : Field::kMore;
    field.value = text.substr(begin);
    field.end = last ? text.size() : field.end;
    return field;
  }
  // Behind the value the line ends. Where it does not, the size is not to be believed.
  if (begin + size < text.size() && text[begin + size] != '\n') return field;
  field.kind = Field::kField;
  field.value = text.substr(begin, size);
  field.end = std::min<size_t>(begin + size + 1, text.size());
  return field;
}

}  // namespace spoor::journal_export
