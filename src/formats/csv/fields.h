// Fields of tables in text (RFC 4180): apart by a character, in quotes where they hold that, a quote or a line end.
//
// What a quote means is the same wherever tables are read: one at a field's beginning opens it; one that is followed by
// the separator, a line end or the text's end closes it; two are one; any other stands for itself. So a quote that
// somebody forgot costs one field and not the rest of the file.
#pragma once

#include <cstddef>
#include <string_view>

namespace spoor::csv {

// The place of the quote that closes the field whose opening quote is before `at`; npos: there is none.
// *doubled: there are doubled quotes in the field.
size_t FindClosing(std::string_view text, size_t at, char separator, bool* doubled);

// Takes the field that begins at `at` and returns the place behind the separator after it; one behind the text's end
// if nothing follows. A field with doubled quotes is written to *out, which moves on. A quote that nothing closes
// stands for itself. REQUIRES: at <= text.size(); room at *out for what is left; the bytes behind the text may be read.
size_t TakeField(std::string_view text, size_t at, char separator, std::string_view* field, char** out);

}  // namespace spoor::csv
