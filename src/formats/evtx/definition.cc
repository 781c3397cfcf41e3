#include "formats/evtx/definition.h"

#include "absl/strings/match.h"
#include "base/bytes.h"
#include "base/text.h"
#include "formats/evtx/layout.h"

namespace spoor::evtx {
namespace {

// The elements that are open, innermost last; the tree is walked with this stack, never by recursion.
struct Element {
  Section section;  // in which its children stand
  Section parent;
  std::string name;
  std::string data_name;  // value of the Name attribute of a Data element
  std::vector<TextPart> name_parts;
  bool named = false;
  bool has_children = false, has_attributes = false;
  std::vector<TextPart> text;
};

class Parser {
 public:
  Parser(const ChunkView& chunk, uint32_t begin, uint32_t end, bool dependency_ids, Definition* out)
      : chunk_(chunk), begin_(begin), at_(begin), end_(end), dependency_ids_(dependency_ids), out_(*out) {}

  Refusal Run(Section section);

 private:
  uint32_t Left() const { return end_ - at_; }
  Refusal ReadName(std::string* name);
  Refusal OpenElement(bool more, Section outer);
  Refusal Attribute();
  Refusal TextToken(uint8_t token);
  void AddConstant(ValueType type, const void* data, size_t size);
  void AddPart(const TextPart& part);
  void FlushAttribute();
  void CloseElement();
  std::string FieldName(const Element& e) const;
  static Section ChildSection(Section outer, std::string_view name);

  const ChunkView& chunk_;
  uint32_t begin_, at_, end_;
  bool dependency_ids_;
  Definition& out_;
  std::vector<Element> stack_;
  size_t parts_ = 0;
  bool in_attributes_ = false;  // between an element's name and its 02 or 03
  bool attribute_open_ = false;
  std::string attribute_;
  std::vector<TextPart> attribute_parts_;
};

Section Parser::ChildSection(Section outer, std::string_view name) {
  switch (outer) {
    case Section::kDocument:
      if (name == "Event") return Section::kEvent;
      [[fallthrough]];  // a nested fragment may bring its own outer element
    case Section::kEvent:
      if (name == "System") return Section::kSystem;
      if (name == "EventData") return Section::kEventData;
      if (name == "UserData") return Section::kUserData;
      if (name == "RenderingInfo") return Section::kRenderingInfo;
      return Section::kOther;
    default:
      return outer;
  }
}

// Reads a name reference at at_: a u32 offset, and the name itself when it follows right there.
Refusal Parser::ReadName(std::string* name) {
  if (Left() < 4) return "evtx_name_truncated";
  const uint32_t offset = Load32(chunk_.data + at_);
  const std::string_view text = NameAt(chunk_, offset);
  if (text.data() == nullptr) return "evtx_name_outside_chunk";
  if (text.size() > kMaxNameBytes) return "evtx_name_too_long";
  const bool is_inline = offset == at_ + 4;
  out_.names.push_back(
      {at_ - begin_, is_inline, static_cast<uint32_t>(out_.name_text.size()), static_cast<uint32_t>(text.size())});
  out_.name_text.append(text);
  at_ += 4;
  if (is_inline) {
    const size_t skip = kNameHeaderSize + text.size() + 2;
    if (Left() < skip) return "evtx_name_truncated";
    at_ += skip;
  }
  name->clear();
  AppendUtf16(reinterpret_cast<const uint8_t*>(text.data()), text.size(), name);
  return nullptr;
}

Refusal Parser::OpenElement(bool more, Section outer) {
  if (stack_.size() >= kMaxElementDepth) return "evtx_elements_too_deep";
  if (!stack_.empty()) stack_.back().has_children = true;
  const uint32_t skip = dependency_ids_ ? 2 + 4 : 4;  // dependency number, size of the element
  if (Left() < skip) return "evtx_element_truncated";
  at_ += skip;
  Element e;
  if (Refusal r = ReadName(&e.name)) return r;
  if (more) {
    if (Left() < 4) return "evtx_element_truncated";
    at_ += 4;  // size of the attribute list
  }
  e.parent = stack_.empty() ? outer : stack_.back().section;
  e.section = ChildSection(e.parent, e.name);
  stack_.push_back(std::move(e));
  in_attributes_ = true;
  return nullptr;
}

Refusal Parser::Attribute() {
  if (!in_attributes_) return "evtx_attribute_outside_element";
  FlushAttribute();
  if (Refusal r = ReadName(&attribute_)) return r;
  attribute_open_ = true;
  return nullptr;
}

void Parser::AddConstant(ValueType type, const void* data, size_t size) {
  TextPart part;
  part.constant = true;
  part.type = type;
  part.index = static_cast<uint32_t>(out_.text.size());
  part.size = static_cast<uint32_t>(size);
  out_.text.append(static_cast<const char*>(data), size);
  AddPart(part);
}

void Parser::AddPart(const TextPart& part) {
  ++parts_;
  if (attribute_open_) {
    attribute_parts_.push_back(part);
  } else if (!stack_.empty()) {
    stack_.back().text.push_back(part);
  } else {
    // A hole outside any element (a fragment that is nothing but a value): a field without a name of its own.
    DefinitionField f;
    f.name = "Data";
    f.parts.push_back(part);
    f.nested = !part.constant && part.type == ValueType::kBinXml;
    out_.fields.push_back(std::move(f));
  }
}

Refusal Parser::TextToken(uint8_t token) {
  if (parts_ >= kMaxParts) return "evtx_too_many_fields";
  switch (token) {
    case kValueText: {
      if (Left() < 3) return "evtx_text_truncated";
      if (chunk_.data[at_] != static_cast<uint8_t>(ValueType::kUtf16)) return "evtx_text_type";
      const uint32_t size = 2u * Load16(chunk_.data + at_ + 1);
      at_ += 3;
      if (Left() < size) return "evtx_text_truncated";
      AddConstant(ValueType::kUtf16, chunk_.data + at_, size);
      at_ += size;
      return nullptr;
    }
    case kCData: {
      if (Left() < 2) return "evtx_text_truncated";
      const uint32_t size = 2u * Load16(chunk_.data + at_);
      at_ += 2;
      if (Left() < size) return "evtx_text_truncated";
      AddConstant(ValueType::kUtf16, chunk_.data + at_, size);
      at_ += size;
      return nullptr;
    }
    case kCharRef: {
      if (Left() < 2) return "evtx_text_truncated";
      AddConstant(ValueType::kUtf16, chunk_.data + at_, 2);
      at_ += 2;
      return nullptr;
    }
    case kEntityRef: {
      std::string name;
      if (Refusal r = ReadName(&name)) return r;
      const std::string_view text = name == "amp"    ? "&"
                                    : name == "lt"   ? "<"
                                    : name == "gt"   ? ">"
                                    : name == "quot" ? "\""
                                    : name == "apos" ? "'"
                                                     : std::string_view();
      const std::string unknown = "&" + name + ";";
      const std::string_view use = text.empty() ? std::string_view(unknown) : text;
      AddConstant(ValueType::kUtf8, use.data(), use.size());
      return nullptr;
    }
    default: {  // kSubstitution, kOptionalSubstitution
      if (Left() < 3) return "evtx_substitution_truncated";
      TextPart part;
      part.index = Load16(chunk_.data + at_);
      part.type = static_cast<ValueType>(chunk_.data[at_ + 2]);
      at_ += 3;
      AddPart(part);
      return nullptr;
    }
  }
}

void Parser::FlushAttribute() {
  if (!attribute_open_) return;
  attribute_open_ = false;
  Element& e = stack_.back();
  std::vector<TextPart> parts = std::move(attribute_parts_);
  attribute_parts_.clear();
  if (absl::StartsWith(attribute_, "xmlns")) return;
  e.has_attributes = true;
  if (attribute_ == "Name" && (e.name == "Data" || e.name == "ComplexData")) {
    e.named = true;
    bool holes = false;
    for (const TextPart& part : parts) holes |= !part.constant;
    if (holes) {
      e.name_parts = std::move(parts);
      out_.dynamic = true;
    } else {
      for (const TextPart& part : parts) {
        const Value v{reinterpret_cast<const uint8_t*>(out_.text.data()) + part.index, part.size, part.type};
        AppendText(v, &e.data_name);
      }
    }
    return;
  }
  DefinitionField f;
  f.name = e.parent == Section::kRenderingInfo || e.section == Section::kRenderingInfo
               ? (e.name == "RenderingInfo" ? e.name : "RenderingInfo_" + e.name) + "_" + attribute_
               : e.name + "_" + attribute_;
  f.parts = std::move(parts);
  f.section = e.section;
  f.attribute = true;
  out_.fields.push_back(std::move(f));
}

std::string Parser::FieldName(const Element& e) const {
  if (e.named) return e.data_name;
  if (e.parent == Section::kRenderingInfo && e.name != "Message") return "RenderingInfo_" + e.name;
  return e.name;
}

// At the end of an element its text becomes a field. Between child elements there is no text worth a field: only
// holes are kept, since they may hold nested binary XML.
void Parser::CloseElement() {
  Element e = std::move(stack_.back());
  stack_.pop_back();
  const bool leaf_of_data = (e.parent == Section::kEventData || e.parent == Section::kUserData) && !e.has_children &&
                            (e.named || !e.has_attributes);
  if (e.text.empty() && !leaf_of_data) return;
  if (e.has_children) {
    for (const TextPart& part : e.text) {
      if (part.constant) continue;
      DefinitionField f;
      f.name = FieldName(e);
      f.parts = {part};
      f.section = e.section;
      f.nested = part.type == ValueType::kBinXml;
      out_.fields.push_back(std::move(f));
    }
    return;
  }
  DefinitionField f;
  f.name = FieldName(e);
  f.name_parts = std::move(e.name_parts);
  f.parts = std::move(e.text);
  f.section = e.section;
  f.nested = f.parts.size() == 1 && !f.parts[0].constant && f.parts[0].type == ValueType::kBinXml;
  out_.fields.push_back(std::move(f));
}

Refusal Parser::Run(Section section) {
  while (at_ < end_) {
    const uint8_t byte = chunk_.data[at_];
    const uint8_t token = byte & ~kMoreFlag;
    ++at_;
    switch (token) {
      case kEndOfFragment:
        if (!stack_.empty()) return "evtx_fragment_ends_within_element";
        out_.end = at_;
        return nullptr;
      case kFragmentHeader:
        if (Left() < 3) return "evtx_fragment_truncated";
        at_ += 3;
        break;
      case kOpenElement:
        if (in_attributes_) return "evtx_element_within_attributes";
        if (out_.fields.size() >= kMaxParts) return "evtx_too_many_fields";
        if (Refusal r = OpenElement((byte & kMoreFlag) != 0, section)) return r;
        break;
      case kAttribute:
        if (out_.fields.size() >= kMaxParts) return "evtx_too_many_fields";
        if (Refusal r = Attribute()) return r;
        break;
      case kCloseStartElement:
      case kCloseEmptyElement:
        if (!in_attributes_) return "evtx_unexpected_token";
        FlushAttribute();
        in_attributes_ = false;
        if (token == kCloseEmptyElement) CloseElement();
        break;
      case kEndElement:
        if (stack_.empty() || in_attributes_) return "evtx_unexpected_token";
        CloseElement();
        break;
      case kValueText:
      case kCData:
      case kCharRef:
      case kEntityRef:
      case kSubstitution:
      case kOptionalSubstitution:
        if (in_attributes_ && !attribute_open_) return "evtx_unexpected_token";
        if (Refusal r = TextToken(token)) return r;
        break;
      case kPiTarget: {
        std::string name;
        if (Refusal r = ReadName(&name)) return r;
        break;
      }
      case kPiData: {
        if (Left() < 2) return "evtx_text_truncated";
        const uint32_t size = 2u * Load16(chunk_.data + at_);
        at_ += 2;
        if (Left() < size) return "evtx_text_truncated";
        at_ += size;
        break;
      }
      default:
        return "evtx_unknown_token";
    }
  }
  if (!stack_.empty()) return "evtx_fragment_truncated";
  out_.end = at_;
  return nullptr;
}

}  // namespace

std::string_view NameAt(const ChunkView& chunk, uint32_t offset) {
  if (offset > chunk.size || chunk.size - offset < kNameHeaderSize) return {};
  const uint32_t size = 2u * Load16(chunk.data + offset + 6);
  if (chunk.size - offset - kNameHeaderSize < size) return {};
  return AsText(chunk.data + offset + kNameHeaderSize, size);
}

Refusal ParseDefinition(const ChunkView& chunk, uint32_t begin, uint32_t end, Section section, bool dependency_ids,
                        Definition* out) {
  return Parser(chunk, begin, end, dependency_ids, out).Run(section);
}

}  // namespace spoor::evtx
