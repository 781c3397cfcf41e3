// A template definition, studied once: which fields an event made from it has and where their values come from.
//
// Binary XML writes an event as a template (the XML with holes) and an array of values for the holes. Definition is
// that template flattened to Sigma's view of an event, a list of named fields:
//
//     <Event><System><Provider Name="Foo"/><EventID>%0</EventID></System>
//       <EventData><Data Name="Image">%1</Data><Data>%2</Data></EventData></Event>
//
//     Provider_Name = "Foo"    EventID = value 0    Image = value 1    Data = value 2
//
// Naming: in System an element's text is named by the element, an attribute Element_Attribute; <Data Name="X"> is
// X; any other element is named by itself; UserData is flattened to its leaves; RenderingInfo's Message is Message,
// its other children RenderingInfo_Child. Namespace declarations are no fields.
//
// A hole may turn out to hold binary XML itself (EventData nearly always comes so): the field then says in which
// part of the event the hole lies, so that the nested definition is named as if written there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/value.h"

namespace spoor::evtx {

// A chunk's bytes; everything in binary XML is addressed by offset into it. `size` is kChunkSize unless the file
// ends within the chunk.
struct ChunkView {
  const uint8_t* data = nullptr;
  uint32_t size = 0;
};

enum class Section : uint8_t { kDocument, kEvent, kSystem, kEventData, kUserData, kRenderingInfo, kOther };

struct TextPart {
  bool constant = false;
  uint32_t index = 0;                 // substitution index, or offset into Definition::text
  uint32_t size = 0;                  // constant: bytes
  ValueType type = ValueType::kNull;  // constant: of the bytes; else as declared
};

struct DefinitionField {
  std::string name;
  std::vector<TextPart> name_parts;  // not empty: the name itself has holes (<Data Name="%1">)
  std::vector<TextPart> parts;
  Section section = Section::kDocument;  // where nested binary XML in this hole would stand
  bool nested = false;                   // declared to hold binary XML
  bool attribute = false;
};

struct Definition {
  std::vector<DefinitionField> fields;
  std::string text;      // bytes of the constants
  bool dynamic = false;  // some field has name_parts
  uint32_t end = 0;      // offset behind the parsed fragment
  // Positions of name offsets, relative to the fragment's begin, with what they named: how the same definition is
  // found again where its names lie elsewhere.
  struct NameRef {
    uint32_t at;  // of the u32 name offset
    bool is_inline;
    uint32_t text_at, text_size;  // the name, in name_text
  };
  std::vector<NameRef> names;
  std::string name_text;  // UTF-16LE
};

// Why a definition was refused; a stable name for the damage report, nullptr: it was not.
using Refusal = const char*;

// Studies the fragment at [begin, end) of the chunk: an optional fragment header, one or more elements, an end
// token. `section` is where it stands. `dependency_ids` says whether elements have the 16-bit dependency number
// (templates do, elements written directly into a value do not).
Refusal ParseDefinition(const ChunkView& chunk, uint32_t begin, uint32_t end, Section section, bool dependency_ids,
                        Definition* out);

// A name at `offset` as UTF-16LE bytes; empty view with null data if it does not lie within the chunk.
std::string_view NameAt(const ChunkView& chunk, uint32_t offset);

}  // namespace spoor::evtx
