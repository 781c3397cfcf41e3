// Text files in UTF-16, as Windows tools write them (`>` in PowerShell, wevtutil, Event Viewer).
//
// Formats know UTF-8 only. Around a format's cutter and reader stand these, which decode what passes through; offsets
// of events and damage stay those of the file as it is. Half a surrogate pair becomes U+FFFD.
#pragma once

#include <memory>
#include <string>

#include "formats/format.h"

namespace spoor {

enum class TextEncoding : uint8_t { kAsItIs, kUtf16Le, kUtf16Be };

// By the byte order mark, or by zero bytes where every other byte of ASCII text has them.
TextEncoding DetectEncoding(const uint8_t* head, size_t size);
void AppendDecoded(TextEncoding encoding, const uint8_t* data, size_t size, std::string* out);

// REQUIRES: encoding is not kAsItIs.
std::unique_ptr<Cutter> DecodingCutter(TextEncoding encoding, std::unique_ptr<Cutter> inner);
std::unique_ptr<PieceReader> DecodingReader(TextEncoding encoding, std::unique_ptr<PieceReader> inner);

}  // namespace spoor
