// Text: UTF-16 to UTF-8, case folding, escaping.
//
// All functions take any bytes: what is not valid becomes U+FFFD, never an error. They append to *out and are
// thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace spoor {

// UTF-16LE code units (`bytes` long; an odd last byte is ignored) as UTF-8. Unpaired surrogates become U+FFFD.
void AppendUtf16(const uint8_t* data, size_t bytes, std::string* out);
// The same, case-folded on the way (see FoldCodePoint).
void AppendUtf16Folded(const uint8_t* data, size_t bytes, std::string* out);

bool IsAscii(std::string_view text);
// Where `what` first stands in `text` from `from` on, or npos, as std::string_view::find says; faster for texts of some
// length, since it looks at sixteen places at a time.
size_t FindText(std::string_view text, std::string_view what, size_t from = 0);
// Where `what` last stands in `text`, beginning at `from` or before, or npos, as std::string_view::rfind says.
size_t FindLastText(std::string_view text, std::string_view what, size_t from = std::string_view::npos);

// Windows-1252 bytes as UTF-8.
void AppendAnsi(const uint8_t* data, size_t bytes, std::string* out);

// Simple Unicode case folding (CaseFolding.txt, status C and S): one code point to one code point.
char32_t FoldCodePoint(char32_t c);
// UTF-8 text, case-folded; invalid bytes are kept as they are.
void AppendFolded(std::string_view utf8, std::string* out);
std::string Folded(std::string_view utf8);

void AppendUtf8(char32_t c, std::string* out);
// Decodes one code point at *pos and moves *pos on; invalid bytes give U+FFFD and move by one byte.
// REQUIRES: *pos < utf8.size().
char32_t DecodeUtf8(std::string_view utf8, size_t* pos);
// Copies `text` with every invalid byte replaced by U+FFFD.
void AppendValidUtf8(std::string_view text, std::string* out);

// A JSON string literal with its quotes (RFC 8259 section 7); invalid UTF-8 becomes U+FFFD. DEL, C1 controls, line
// separators and bidirectional controls are escaped too ("\u202e"), so that the text is safe on a terminal.
void AppendJsonString(std::string_view utf8, std::string* out);
std::string JsonString(std::string_view utf8);
// The same into memory; returns the end. REQUIRES: room for JsonRoom(utf8) bytes at p, which may all be scribbled
// over.
char* WriteJsonString(std::string_view utf8, char* p);
constexpr size_t JsonRoom(std::string_view utf8) { return 6 * utf8.size() + 18; }
// A CSV field (RFC 4180), quoted where needed. A text that a spreadsheet would run as a formula (first character
// = + - @ tab CR) gets a leading apostrophe. Control characters but tab, CR and LF are shown as AppendVisible does.
void AppendCsvField(std::string_view utf8, std::string* out);
// For terminals: control characters (C0, DEL, C1) and bidirectional overrides become visible "\x1b", "\u202e";
// invalid UTF-8 becomes U+FFFD.
void AppendVisible(std::string_view utf8, std::string* out);
// Columns a text takes on a terminal (wide East Asian characters count two, combining ones none).
int DisplayWidth(std::string_view utf8);

// ASCII-only, for keywords of our own formats.
std::string AsciiLower(std::string_view text);
bool EqualsIgnoreAsciiCase(std::string_view a, std::string_view b);
inline bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

}  // namespace spoor
