// A Windows event as XML: its fields, named as the reader of event logs names them (formats/evtx/definition.h).
//
//     <Event><System><Provider Name="Foo"/><EventID>7</EventID></System>
//       <EventData><Data Name="Image">a.exe</Data><Data>text</Data></EventData></Event>
//
//     Provider_Name = "Foo"    EventID = "7"    Image = "a.exe"    Data = "text"
//
// So that one event is the same event in a file of such, in a column of a table, behind the header of a syslog line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace spoor::evtx_xml {

struct XmlField {
  std::string_view name, text;
};

// Not thread-safe. Fields are valid until the next Read, and as long as the text read.
class XmlEvent {
 public:
  // Reads the event that the text is, or another element that holds parts of one (<EventData>, <DataItem>). False: it
  // is no XML, or too much of it; problem() says why in a stable name.
  bool Read(std::string_view xml);
  absl::Span<const XmlField> fields() const { return fields_; }
  const char* problem() const { return problem_; }

 private:
  enum class Section : uint8_t { kDocument, kEvent, kSystem, kEventData, kUserData, kRenderingInfo, kOther };
  struct Element {
    std::string_view name, data_name;
    Section parent, section;
    bool named, has_children, has_attributes;
    std::string_view text;
    bool own;  // its text is text_
  };
  // A view into own_, before that is complete: known by its offset.
  struct Late {
    size_t field;
    bool name;
    size_t at, size;
  };

  bool Open(std::string_view name);
  void Attribute(std::string_view name, std::string_view text);
  void Text(std::string_view text, bool escaped);
  bool Close();
  void Add(std::string_view name);

  std::vector<XmlField> fields_;
  std::vector<Late> late_;
  std::vector<Element> open_;
  std::string own_;   // names and texts that do not stand in the text so
  std::string text_;  // of the element that is open, where it has several pieces
  const char* problem_ = nullptr;
};

// A text that begins like a Windows event, or a part of one.
bool LooksLikeEvent(std::string_view text);

}  // namespace spoor::evtx_xml
