// The rewritings that Sigma's modifiers ask for: Base64, UTF-16, dashes.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/wildcard.h"

namespace spoor::sigma {

// RFC 4648 section 4, with padding.
std::string Base64(std::string_view bytes);

// How the Base64 of any text that contains `bytes` shows them, for each of the three places they may have
// within the groups of three: the characters that depend on `bytes` alone. REQUIRES: bytes.size() >= 2, for
// shorter ones a place may leave no character.
std::array<std::string, 3> Base64Offsets(std::string_view bytes);

enum class Utf16Form { kLittle, kBig, kMarked };  // kMarked: FF FE, then little endian
// UTF-8 as the bytes of its UTF-16.
std::string Utf16Bytes(std::string_view utf8, Utf16Form form);

// Bytes as text: UTF-8 where they are, else every byte as the character of its number.
std::string BytesAsText(std::string bytes);

// Every way to write `parts` with each dash that stands before a word (and not behind one) as each of
// - / – (U+2013) — (U+2014) ― (U+2015). False where that is more than `most` ways
// or `most_bytes` of text.
bool DashVariants(const GlobParts& parts, size_t most, size_t most_bytes, std::vector<GlobParts>* out);

}  // namespace spoor::sigma
