// Windows binary XML, written: the tree a test author means, and the bytes Windows would store for it.
//
// This is the writing half only, made from the published descriptions ([MS-EVEN6] 2.2.12 "BinXml"; libevtx
// documentation, "Windows XML Event Log (EVTX) format") and shares no code with the reader, so that each
// checks the other. Byte layout: docs/formats/evtx.md.
//
// An XmlNode tree is written in one of two ways:
//   as a template   constant parts become the definition, kValue nodes become numbered substitutions, whose
//                   bytes follow in the template instance;
//   plain           everything is text inside the record (what Windows Event Collector stores).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace spoor::test {

inline constexpr size_t kChunkBytes = 65536;
inline constexpr size_t kChunkHeaderBytes = 512;
inline constexpr uint8_t kTypeNull = 0x00, kTypeString = 0x01, kTypeBinXml = 0x21, kTypeArray = 0x80;

// A value as it lies in a record: the type number of [MS-EVEN6] and its bytes.
struct TypedValue {
  uint8_t type = kTypeNull;
  std::string bytes;
};

struct XmlNode {
  enum class Kind {
    kElement,      // text: its name
    kText,         // text: constant text
    kValue,        // value; a substitution in a template, `text` in plain form
    kCData,        // text
    kCharRef,      // code
    kEntityRef,    // text: its name, e.g. "amp"
    kInstruction,  // text: target, data
    kNested,       // children: one element, stored as a value of type BinXml with its own template (see Form)
  };
  using Attribute = std::pair<std::string, std::vector<XmlNode>>;

  Kind kind = Kind::kElement;
  std::string text;
  std::string data;
  uint16_t code = 0;
  TypedValue value;
  uint8_t declared = kTypeString;  // type the substitution token names; the value may differ (null)
  bool optional = false;           // substitution token 0x0e rather than 0x0d
  int slot = -1;                   // number of the substitution; -1: the next free one
  std::vector<Attribute> attributes;
  std::vector<XmlNode> children;

  static XmlNode Element(std::string name, std::vector<Attribute> attributes = {}, std::vector<XmlNode> children = {});
  static XmlNode Text(std::string text);
  static XmlNode Value(TypedValue value, std::string as_text, bool optional, int slot = -1);
  static XmlNode Nested(XmlNode element);
};

// How a record's tree is stored.
enum class Form {
  kNested,        // outer template; kNested values are fragments with a template of their own (Windows today)
  kSingle,        // one template for everything
  kBare,          // like kNested, but the nested value begins at its template instance: no fragment header
  kElements,      // the nested value is a fragment of plain elements
  kBareElements,  // the nested value is a plain element without fragment header
  kPlain,         // no template at all
};

// A chunk being filled: its bytes so far and what it already holds by name and by template.
class ChunkBuilder {
 public:
  ChunkBuilder() : bytes_(kChunkHeaderBytes, '\0') {}

  // Appends the binary XML of a whole record: one fragment. `root` is an element.
  absl::Status AppendRecordXml(const XmlNode& root, Form form);

  // Everything after Mark() (bytes, names, templates) is forgotten by Rollback().
  void Mark();
  void Rollback();

  void U8(uint8_t v) { bytes_.push_back(static_cast<char>(v)); }
  void U16(uint16_t v);
  void U32(uint32_t v);
  void U64(uint64_t v);
  void Bytes(std::string_view v) { bytes_.append(v); }
  void SetU16(size_t at, uint16_t v);
  void SetU32(size_t at, uint32_t v);
  size_t size() const { return bytes_.size(); }
  std::string& bytes() { return bytes_; }

  const std::array<uint32_t, 64>& name_buckets() const { return name_buckets_; }
  const std::array<uint32_t, 32>& template_buckets() const { return template_buckets_; }

 private:
  struct Slots;
  void Element(const XmlNode& node, Form form, Slots* slots);
  void Contents(const std::vector<XmlNode>& nodes, Form form, Slots* slots);
  void Attributes(const std::vector<XmlNode::Attribute>& attributes, Form form, Slots* slots);
  void Name(std::string_view name);
  void Text(uint8_t token, std::string_view utf8, bool typed);
  void TemplateInstance(const XmlNode& root, Form form);
  void TemplateDefinition(const XmlNode& root, Form form, const std::string& guid, const Slots& numbered);
  void Values(const Slots& slots, Form form);
  void NestedValue(const XmlNode& node, Form form);
  void Fail(std::string why);

  std::string bytes_;
  std::unordered_map<std::string, uint32_t> names_;      // name -> offset of its entry
  std::unordered_map<std::string, uint32_t> templates_;  // GUID bytes -> offset of its definition
  std::array<uint32_t, 64> name_buckets_{};
  std::array<uint32_t, 32> template_buckets_{};
  absl::Status status_;

  struct Undo {
    bool is_name;
    std::string key;
    size_t bucket;
    uint32_t previous;
  };
  std::vector<Undo> undo_;
  size_t mark_ = 0;
};

// The hash of names (and, over its eight 16-bit words, of template GUIDs): h = h * 65599 + c.
uint32_t Hash65599(const std::u16string& text);

// UTF-8 to UTF-16; surrogates written as UTF-8 (as an author's \u{d800} is) pass through unpaired.
std::u16string ToUtf16(std::string_view utf8);
std::string Utf16Bytes(std::string_view utf8);

}  // namespace spoor::test
