// Writing Windows binary XML into a chunk.
//
//   <Event xmlns="…">                0f 01 01 00                        fragment header
//     <System>                       0c 01 id offset [definition]       template instance, outer
//       <EventID>%3</EventID>          … 41 0300 size name … 0e 0300 06 …
//     </System>                      18 values: descriptors, then bytes
//     %17                              value 17: type 0x21, a fragment
//   </Event>                             0f 01 01 00 0c 01 id offset …  template instance, inner
//
// Sizes that stand before what they measure are written as zero and set afterwards. Names and template
// definitions are written in full where they are first used in a chunk and by their offset from then on; both
// are also linked into the chunk's hash buckets, newest first.
//
// Recursion follows the author's own tree, whose depth the XML parser bounds (kMaxXmlDepth).
#include "support/binxml.h"

#include <algorithm>
#include <cstring>

namespace spoor::test {
namespace {

constexpr uint8_t kMoreFlag = 0x40;
constexpr uint8_t kTokenEnd = 0x00, kTokenElement = 0x01, kTokenCloseStart = 0x02, kTokenCloseEmpty = 0x03,
                  kTokenEndElement = 0x04, kTokenValue = 0x05, kTokenAttribute = 0x06, kTokenCData = 0x07,
                  kTokenCharRef = 0x08, kTokenEntityRef = 0x09, kTokenPiTarget = 0x0a, kTokenPiData = 0x0b,
                  kTokenTemplate = 0x0c, kTokenSubstitution = 0x0d, kTokenOptional = 0x0e, kTokenFragment = 0x0f;
constexpr uint16_t kNoDependency = 0xffff;

using Kind = XmlNode::Kind;

bool IsSubstitution(const XmlNode& node) { return node.kind == Kind::kValue || node.kind == Kind::kNested; }

// Two independent 64-bit FNV-1a hashes: a GUID that depends on nothing but the definition.
std::string GuidFor(std::string_view signature) {
  uint64_t a = 0xcbf29ce484222325u, b = 0x9ae16a3b2f90404fu;
  for (unsigned char c : signature) {
    a = (a ^ c) * 0x100000001b3u;
    b = (b + c) * 0x9e3779b97f4a7c15u;
    b ^= b >> 29;
  }
  std::string guid(16, '\0');
  std::memcpy(guid.data(), &a, 8);
  std::memcpy(guid.data() + 8, &b, 8);
  return guid;
}

// Everything of a tree that goes into its template definition, as one text: equal text, same template.
void Signature(const XmlNode& node, bool inline_nested, std::string* out) {
  auto field = [out](const std::string& text) { *out += std::to_string(text.size()) + ":" + text + ";"; };
  *out += "(" + std::to_string(static_cast<int>(node.kind)) + ",";
  switch (node.kind) {
    case Kind::kValue:
      *out += std::to_string(node.declared) + (node.optional ? "?" : "!") + std::to_string(node.slot) + ")";
      return;
    case Kind::kNested:
      if (!inline_nested) {
        *out += std::to_string(node.slot) + ")";
        return;
      }
      break;
    case Kind::kCharRef:
      *out += std::to_string(node.code);
      break;
    default:
      field(node.text);
      field(node.data);
  }
  for (const auto& [name, content] : node.attributes) {
    field(name);
    for (const XmlNode& part : content) Signature(part, inline_nested, out);
  }
  out->push_back('|');
  for (const XmlNode& child : node.children) Signature(child, inline_nested, out);
  out->push_back(')');
}

}  // namespace

XmlNode XmlNode::Element(std::string name, std::vector<Attribute> attributes, std::vector<XmlNode> children) {
  XmlNode node;
  node.text = std::move(name);
  node.attributes = std::move(attributes);
  node.children = std::move(children);
  return node;
}

XmlNode XmlNode::Text(std::string text) {
  XmlNode node;
  node.kind = Kind::kText;
  node.text = std::move(text);
  return node;
}

XmlNode XmlNode::Value(TypedValue value, std::string as_text, bool optional, int slot) {
  XmlNode node;
  node.kind = Kind::kValue;
  node.declared = value.type;
  node.value = std::move(value);
  node.text = std::move(as_text);
  node.optional = optional;
  node.slot = slot;
  return node;
}

XmlNode XmlNode::Nested(XmlNode element) {
  XmlNode node;
  node.kind = Kind::kNested;
  node.children.push_back(std::move(element));
  node.optional = true;
  return node;
}

// The substitutions of one template, by number. In plain form there are none (a null Slots*).
struct ChunkBuilder::Slots {
  std::unordered_map<const XmlNode*, int> number;
  std::vector<const XmlNode*> in_order;  // null: a number nobody uses, written as a null value
};

namespace {

void CollectSubstitutions(const XmlNode& node, bool inline_nested, std::vector<const XmlNode*>* out) {
  if (node.kind == Kind::kValue || (node.kind == Kind::kNested && !inline_nested)) {
    out->push_back(&node);
    return;
  }
  for (const auto& attribute : node.attributes) {
    for (const XmlNode& part : attribute.second) CollectSubstitutions(part, inline_nested, out);
  }
  for (const XmlNode& child : node.children) CollectSubstitutions(child, inline_nested, out);
}

bool IsNullOptional(const XmlNode& node) {
  return node.kind == Kind::kValue && node.optional && node.value.type == kTypeNull;
}

// What a template leaves to its reader: attributes and elements whose only content is an optional value that
// is null are not there in plain form.
void DropMissing(XmlNode* node) {
  const auto only_null = [](const std::vector<XmlNode>& content) {
    return content.size() == 1 && IsNullOptional(content.front());
  };
  auto& attributes = node->attributes;
  attributes.erase(std::remove_if(attributes.begin(), attributes.end(),
                                  [&](const XmlNode::Attribute& a) { return only_null(a.second); }),
                   attributes.end());
  auto& children = node->children;
  children.erase(std::remove_if(children.begin(), children.end(),
                                [&](const XmlNode& c) { return c.kind == Kind::kElement && only_null(c.children); }),
                 children.end());
  for (XmlNode& child : children) DropMissing(&child);
}

}  // namespace

uint32_t Hash65599(const std::u16string& text) {
  uint32_t hash = 0;
  for (char16_t c : text) hash = hash * 65599 + c;
  return hash;
}

std::u16string ToUtf16(std::string_view utf8) {
  std::u16string out;
  for (size_t i = 0; i < utf8.size();) {
    unsigned char c = static_cast<unsigned char>(utf8[i]);
    int more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : -1;
    char32_t code = more <= 0 ? c : c & (0x3f >> more);
    if (more < 0 || i + static_cast<size_t>(more) >= utf8.size()) {
      more = more > 0 ? 0 : more;
      if (c >= 0x80) code = 0xfffd;
    }
    for (int k = 1; k <= more; ++k) code = code << 6 | (static_cast<unsigned char>(utf8[i + k]) & 0x3f);
    i += static_cast<size_t>(std::max(more, 0)) + 1;
    if (code >= 0x10000) {
      out.push_back(static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10)));
      out.push_back(static_cast<char16_t>(0xdc00 + ((code - 0x10000) & 0x3ff)));
    } else {
      out.push_back(static_cast<char16_t>(code));
    }
  }
  return out;
}

std::string Utf16Bytes(std::string_view utf8) {
  const std::u16string wide = ToUtf16(utf8);
  return std::string(reinterpret_cast<const char*>(wide.data()), wide.size() * 2);
}

void ChunkBuilder::U16(uint16_t v) { bytes_.append(reinterpret_cast<const char*>(&v), 2); }
void ChunkBuilder::U32(uint32_t v) { bytes_.append(reinterpret_cast<const char*>(&v), 4); }
void ChunkBuilder::U64(uint64_t v) { bytes_.append(reinterpret_cast<const char*>(&v), 8); }
void ChunkBuilder::SetU16(size_t at, uint16_t v) { std::memcpy(bytes_.data() + at, &v, 2); }
void ChunkBuilder::SetU32(size_t at, uint32_t v) { std::memcpy(bytes_.data() + at, &v, 4); }

void ChunkBuilder::Fail(std::string why) {
  if (status_.ok()) status_ = absl::InvalidArgumentError(std::move(why));
}

void ChunkBuilder::Mark() {
  mark_ = bytes_.size();
  undo_.clear();
}

void ChunkBuilder::Rollback() {
  bytes_.resize(mark_);
  for (; !undo_.empty(); undo_.pop_back()) {
    const Undo& u = undo_.back();
    (u.is_name ? names_ : templates_).erase(u.key);
    (u.is_name ? name_buckets_[u.bucket] : template_buckets_[u.bucket]) = u.previous;
  }
}

absl::Status ChunkBuilder::AppendRecordXml(const XmlNode& root, Form form) {
  status_ = absl::OkStatus();
  U8(kTokenFragment), U8(1), U8(1), U8(0);
  if (form == Form::kPlain) {
    XmlNode present = root;
    DropMissing(&present);
    Element(present, form, nullptr);
  } else {
    TemplateInstance(root, form);
  }
  U8(kTokenEnd);
  return status_;
}

void ChunkBuilder::Name(std::string_view name) {
  if (auto it = names_.find(std::string(name)); it != names_.end()) {
    U32(it->second);
    return;
  }
  const std::u16string wide = ToUtf16(name);
  if (wide.size() > 0xffff) return Fail("a name is longer than 65535 characters");
  const uint32_t hash = Hash65599(wide);
  const uint32_t offset = static_cast<uint32_t>(bytes_.size()) + 4;
  const size_t bucket = hash % name_buckets_.size();
  U32(offset);
  U32(name_buckets_[bucket]);
  U16(static_cast<uint16_t>(hash));
  U16(static_cast<uint16_t>(wide.size()));
  Bytes({reinterpret_cast<const char*>(wide.data()), wide.size() * 2});
  U16(0);
  undo_.push_back({true, std::string(name), bucket, name_buckets_[bucket]});
  name_buckets_[bucket] = offset;
  names_.emplace(name, offset);
}

void ChunkBuilder::Text(uint8_t token, std::string_view utf8, bool typed) {
  const std::string wide = Utf16Bytes(utf8);
  if (wide.size() / 2 > 0xffff) return Fail("a constant text is longer than 65535 characters");
  U8(token);
  if (typed) U8(kTypeString);
  U16(static_cast<uint16_t>(wide.size() / 2));
  Bytes(wide);
}

void ChunkBuilder::Contents(const std::vector<XmlNode>& nodes, Form form, Slots* slots) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    const XmlNode& node = nodes[i];
    const bool more = i + 1 < nodes.size() && nodes[i + 1].kind != Kind::kElement;
    const uint8_t flag = more ? kMoreFlag : 0;
    switch (node.kind) {
      case Kind::kElement:
        Element(node, form, slots);
        break;
      case Kind::kText:
        Text(kTokenValue | flag, node.text, true);
        break;
      case Kind::kCData:
        Text(kTokenCData | flag, node.text, false);
        break;
      case Kind::kCharRef:
        U8(kTokenCharRef | flag), U16(node.code);
        break;
      case Kind::kEntityRef:
        U8(kTokenEntityRef | flag), Name(node.text);
        break;
      case Kind::kInstruction:
        U8(kTokenPiTarget), Name(node.text);
        Text(kTokenPiData, node.data, false);
        break;
      case Kind::kNested:
        if (slots == nullptr || form == Form::kSingle) {
          Contents(node.children, form, slots);
          break;
        }
        [[fallthrough]];
      case Kind::kValue:
        if (slots != nullptr) {
          U8(node.optional ? kTokenOptional : kTokenSubstitution);
          U16(static_cast<uint16_t>(slots->number.at(&node)));
          U8(node.kind == Kind::kNested ? kTypeBinXml : node.declared);
        } else if (!node.text.empty()) {
          Text(kTokenValue | flag, node.text, true);
        }
        break;
    }
  }
}

void ChunkBuilder::Attributes(const std::vector<XmlNode::Attribute>& attributes, Form form, Slots* slots) {
  const size_t size_at = size();
  U32(0);
  for (size_t i = 0; i < attributes.size(); ++i) {
    U8(kTokenAttribute | (i + 1 < attributes.size() ? kMoreFlag : 0));
    Name(attributes[i].first);
    Contents(attributes[i].second, form, slots);
  }
  SetU32(size_at, static_cast<uint32_t>(size() - size_at - 4));
}

namespace {

// The substitution whose absence takes the element with it: the only optional one among content that has no
// constant text. In a template only.
const XmlNode* Dependency(const XmlNode& element, bool inline_nested) {
  const XmlNode* found = nullptr;
  for (const XmlNode& child : element.children) {
    if (child.kind == Kind::kElement) continue;
    if (!IsSubstitution(child) || !child.optional || found != nullptr) return nullptr;
    if (child.kind == Kind::kNested && inline_nested) return nullptr;
    found = &child;
  }
  return found;
}

}  // namespace

void ChunkBuilder::Element(const XmlNode& node, Form form, Slots* slots) {
  const bool has_attributes = !node.attributes.empty();
  U8(kTokenElement | (has_attributes ? kMoreFlag : 0));
  if (slots != nullptr) {
    const XmlNode* dependency = Dependency(node, form == Form::kSingle);
    U16(dependency == nullptr ? kNoDependency : static_cast<uint16_t>(slots->number.at(dependency)));
  }
  const size_t size_at = size();
  U32(0);
  Name(node.text);
  if (has_attributes) Attributes(node.attributes, form, slots);
  if (node.children.empty()) {
    U8(kTokenCloseEmpty);
  } else {
    U8(kTokenCloseStart);
    Contents(node.children, form, slots);
    U8(kTokenEndElement);
  }
  SetU32(size_at, static_cast<uint32_t>(size() - size_at - 4));
}

void ChunkBuilder::TemplateInstance(const XmlNode& root, Form form) {
  const bool inline_nested = form == Form::kSingle;
  std::vector<const XmlNode*> found;
  CollectSubstitutions(root, inline_nested, &found);
  Slots slots;
  for (const XmlNode* node : found) {  // fixed numbers first
    if (node->slot < 0) continue;
    if (slots.in_order.size() <= static_cast<size_t>(node->slot)) {
      slots.in_order.resize(static_cast<size_t>(node->slot) + 1);
    }
    slots.in_order[static_cast<size_t>(node->slot)] = node;
    slots.number[node] = node->slot;
  }
  for (const XmlNode* node : found) {
    if (node->slot >= 0) continue;
    slots.number[node] = static_cast<int>(slots.in_order.size());
    slots.in_order.push_back(node);
  }
  if (slots.in_order.size() > 0xffff) return Fail("more than 65535 values in one template");

  std::string signature;
  Signature(root, inline_nested, &signature);
  const std::string guid = GuidFor(signature);
  U8(kTokenTemplate), U8(1);
  Bytes(std::string_view(guid).substr(0, 4));
  if (auto it = templates_.find(guid); it != templates_.end()) {
    U32(it->second);
  } else {
    U32(static_cast<uint32_t>(size()) + 4);
    TemplateDefinition(root, form, guid, slots);
  }
  Values(slots, form);
}

void ChunkBuilder::TemplateDefinition(const XmlNode& root, Form form, const std::string& guid, const Slots& numbered) {
  const uint32_t offset = static_cast<uint32_t>(size());
  std::u16string words(8, u'\0');
  std::memcpy(words.data(), guid.data(), 16);
  const size_t bucket = Hash65599(words) % template_buckets_.size();
  U32(template_buckets_[bucket]);
  Bytes(guid);
  const size_t size_at = size();
  U32(0);
  U8(kTokenFragment), U8(1), U8(1), U8(0);
  Slots slots = numbered;
  Element(root, form, &slots);
  U8(kTokenEnd);
  SetU32(size_at, static_cast<uint32_t>(size() - size_at - 4));
  undo_.push_back({false, guid, bucket, template_buckets_[bucket]});
  template_buckets_[bucket] = offset;
  templates_.emplace(guid, offset);
}

void ChunkBuilder::Values(const Slots& slots, Form form) {
  U32(static_cast<uint32_t>(slots.in_order.size()));
  const size_t descriptors = size();
  bytes_.resize(size() + 4 * slots.in_order.size());
  for (size_t i = 0; i < slots.in_order.size(); ++i) {
    const XmlNode* node = slots.in_order[i];
    if (node == nullptr) continue;
    const size_t start = size();
    if (node->kind == Kind::kNested) {
      NestedValue(*node, form);
    } else {
      Bytes(node->value.bytes);
    }
    if (size() - start > 0xffff) return Fail("a value is longer than 65535 bytes");
    SetU16(descriptors + 4 * i, static_cast<uint16_t>(size() - start));
    bytes_[descriptors + 4 * i + 2] = static_cast<char>(node->kind == Kind::kNested ? kTypeBinXml : node->value.type);
  }
}

void ChunkBuilder::NestedValue(const XmlNode& node, Form form) {
  const XmlNode& element = node.children.front();
  const bool header = form == Form::kNested || form == Form::kElements;
  if (header) U8(kTokenFragment), U8(1), U8(1), U8(0);
  if (form == Form::kElements || form == Form::kBareElements) {
    XmlNode present = element;
    DropMissing(&present);
    Element(present, form, nullptr);
  } else {
    TemplateInstance(element, form);
  }
  if (header) U8(kTokenEnd);
}

}  // namespace spoor::test
