// Where messages and their headers begin.
#pragma once

#include <cstddef>
#include <string_view>

namespace spoor::mail {

// Bytes behind the beginning of a line that are enough to say whether a message of an mbox begins there.
inline constexpr size_t kFromLook = 1536;

// True if `text` begins with a line "From …" that has a date, and a header field in the line behind it.
bool BeginsMessage(std::string_view text);

// The name of the header field that a line is ("Subject" of "Subject: x"); empty: it is none (RFC 5322, 2.2).
std::string_view HeaderName(std::string_view line);

// True if the first lines of a text are headers of a message: at least two different ones that only mail has, or
// nearly so. The first line may be none: a "From " that was damaged, the number that Apple Mail puts before a message.
bool AreMailHeaders(std::string_view text);

}  // namespace spoor::mail
