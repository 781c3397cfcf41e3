// Byte layout of Windows event log files, and the limits spoor puts on what they may ask for.
//
// Sources: libevtx documentation "Windows XML Event Log (EVTX) format"; [MS-EVEN6] 2.2.12 "BinXml" for the tokens.
// docs/formats/evtx.md shows the same with an example.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spoor::evtx {

inline constexpr size_t kFileHeaderSize = 4096;  // "ElfFile\0", then little of use
inline constexpr size_t kChunkSize = 65536;
inline constexpr size_t kChunkHeaderSize = 512;  // 128 bytes of header, 64 name buckets, 32 template buckets
inline constexpr char kFileMagic[] = "ElfFile";  // with its NUL: 8 bytes
inline constexpr char kChunkMagic[] = "ElfChnk";

// Chunk header, offsets in bytes.
inline constexpr size_t kChunkFreeSpace = 48;   // u32: where the records end
inline constexpr size_t kChunkDataCrc = 52;     // u32: CRC-32 of [512, free space)
inline constexpr size_t kChunkHeaderCrc = 124;  // u32: CRC-32 of [0, 120) and [128, 512)

// Record: u32 magic, u32 size, u64 number, u64 FILETIME written, BinXml, u32 size again.
inline constexpr uint32_t kRecordMagic = 0x00002a2a;
inline constexpr size_t kRecordHeaderSize = 24;
inline constexpr size_t kRecordMinSize = kRecordHeaderSize + 4;

// Template definition: u32 next, GUID, u32 size of the BinXml that follows.
inline constexpr size_t kDefinitionHeaderSize = 24;

// Name: u32 next, u16 hash, u16 characters, UTF-16LE text, u16 NUL.
inline constexpr size_t kNameHeaderSize = 8;

// BinXml tokens without the "more follows" flag 0x40.
enum Token : uint8_t {
  kEndOfFragment = 0x00,
  kOpenElement = 0x01,
  kCloseStartElement = 0x02,
  kCloseEmptyElement = 0x03,
  kEndElement = 0x04,
  kValueText = 0x05,
  kAttribute = 0x06,
  kCData = 0x07,
  kCharRef = 0x08,
  kEntityRef = 0x09,
  kPiTarget = 0x0a,
  kPiData = 0x0b,
  kTemplateInstance = 0x0c,
  kSubstitution = 0x0d,
  kOptionalSubstitution = 0x0e,
  kFragmentHeader = 0x0f,
};
inline constexpr uint8_t kMoreFlag = 0x40;

// Limits. A log that asks for more is damaged or hostile; what is over the limit is counted as damage.
inline constexpr int kMaxElementDepth = 64;          // elements within elements of one definition
inline constexpr int kMaxNesting = 8;                // binary XML within values within values …
inline constexpr size_t kMaxParts = 4096;            // fields, and pieces of text, of one event
inline constexpr size_t kMaxNameBytes = 4096;        // of one field name
inline constexpr uint32_t kMaxSubstitutions = 8192;  // of one template instance
inline constexpr size_t kMaxVariants = 8;            // definitions kept per template identifier and size
inline constexpr size_t kParseBudget = 1 << 20;      // bytes of definitions studied or compared per chunk: they may
                                                     // overlap, so without it the work would be quadratic
inline constexpr size_t kMaxShapes = 8192;           // shapes kept; past it all are dropped and learned anew
inline constexpr size_t kMaxCacheBytes = 16 << 20;   // of shapes and definitions, likewise
inline constexpr size_t kMaxShapeVariants = 64;      // shapes kept with one outer definition for direct look-up

}  // namespace spoor::evtx
