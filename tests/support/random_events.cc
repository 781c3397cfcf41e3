#include "support/random_events.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "support/binxml.h"

namespace spoor::test {
namespace {

using sigma::Expression;
using sigma::GlobPart;
using sigma::Operator;

const char* const kFields[] = {"A",        "B",         "C",       "D",       "Two Words",
                               "TwoWords", "Two_Words", "Channel", "EventID", "Provider_Name"};
const char* const kChannels[] = {"Alpha/Operational", "alpha/operational", "Beta", "Gamma", ""};
const char* const kProviders[] = {"Alpha-Provider", "Beta-Provider", ""};
const char* const kAddresses[] = {"10.1.2.3", "10.1.2.255",  "192.168.7.1", "::ffff:10.1.2.3",
                                  "fe80::1",  "2001:db8::7", "::1"};
const char* const kNetworks[] = {"10.0.0.0/8",    "10.1.2.0/24", "10.1.2.3/32", "fe80::/10",
                                 "2001:db8::/32", "::/0",        "0.0.0.0/0",   "::1/128"};
const char* const kRegexes[] = {"a",      "^ab",     "b$", "a.*b", "[0-9]+", "(?:ab|ba)c", "abc",    "ABC",
                                "c(?=a)", "(?<!b)c", "é",  "^$",   "x?",     "abca|bcab",  "\\d\\d", "K"};

}  // namespace

const char RandomEvents::kSources[] = R"(
product: windows
services:
  alpha: {channels: [Alpha/Operational], providers: [Alpha-Provider]}
  beta: {channels: [Beta]}
categories:
  thing:
    - {service: alpha, ids: [1, 2]}
    - {service: beta, ids: [1], fields: {A: B, B: A, C: Two Words}}
  other:
    - {service: beta, ids: [2, 3], conditions: {A: [ab, ba]}}
users:
  - {user: A}
)";

// Words of a small alphabet, so that substrings, prefixes and folding meet; now and then something special.
std::string RandomEvents::RandomText() {
  if (OneIn(12)) return kAddresses[Below(std::size(kAddresses))];
  if (OneIn(10)) return std::to_string(static_cast<int>(Below(30)) - 5) + (OneIn(4) ? ".0" : "");
  if (OneIn(15)) return BigNumber();
  static const char* const kLetters[] = {"a", "b",      "c", "A", "B", "ab", "abc", "é", "É",
                                         "K", "\u212A", "ſ", "😀", "0", " ",  "*",   "\\"};
  std::string out;
  const uint32_t length = OneIn(8) ? Below(40) : Below(5);
  for (uint32_t i = 0; i < length; ++i) out += kLetters[Below(OneIn(3) ? std::size(kLetters) : 7)];
  if (OneIn(200)) out += std::string(2000, 'a');  // too long for a memo
  return out;
}

std::string RandomEvents::BigNumber() {
  static const char* const kStems[] = {"900719925474099", "1844674407370955161",
                                       "1234567890123456789012345678901234567890"};
  static const char* const kFronts[] = {"", "", "", "-", "+", "00", "-0"};
  return std::string(kFronts[Below(std::size(kFronts))]) + kStems[Below(OneIn(3) ? 3 : 1)] + std::to_string(Below(6));
}

sigma::Pattern RandomEvents::RandomPattern() {
  sigma::Pattern p;
  switch (Below(16)) {
    case 0:
    case 1:
    case 2:
      p.op = Operator::kEquals;
      p.text = RandomText();
      if (OneIn(3)) {
        p.number = static_cast<double>(Below(10));
        p.text = std::to_string(static_cast<int>(*p.number));
      } else if (OneIn(4)) {
        p.text = BigNumber();
        p.number = std::strtod(p.text.c_str(), nullptr);
      }
      break;
    case 3:
      p.op = Operator::kStartsWith;
      break;
    case 4:
      p.op = Operator::kEndsWith;
      break;
    case 5:
    case 6:
    case 7:
      p.op = Operator::kContains;
      break;
    case 8:
    case 9:
      p.op = Operator::kGlob;
      for (uint32_t i = 0, n = 1 + Below(5); i < n; ++i) {
        p.glob.push_back({static_cast<GlobPart::Kind>(Below(3)), ""});
        if (p.glob.back().kind == GlobPart::kLiteral) {
          do p.glob.back().text = RandomText();
          while (p.glob.back().text.empty());
        }
      }
      break;
    case 10:
      p.op = Operator::kRegex;
      p.text = kRegexes[Below(std::size(kRegexes))];
      p.regex_i = OneIn(2);
      p.regex_m = OneIn(3);
      p.regex_s = OneIn(3);
      return p;
    case 11:
      p.op = Operator::kCidr;
      p.text = kNetworks[Below(std::size(kNetworks))];
      return p;
    case 12: {
      static constexpr Operator kOrder[] = {Operator::kLess, Operator::kLessEqual, Operator::kGreater,
                                            Operator::kGreaterEqual};
      p.op = kOrder[Below(4)];
      p.number = static_cast<double>(Below(20)) / 2;
      if (OneIn(3)) {
        p.text = BigNumber();
        p.number = std::strtod(p.text.c_str(), nullptr);
      }
      return p;
    }
    case 13:
      p.op = OneIn(2) ? Operator::kNull : Operator::kNotExists;
      return p;
    case 14:
      p.op = OneIn(2) ? Operator::kExists : Operator::kAnyValue;
      return p;
    case 15: {
      static constexpr Operator kReferences[] = {Operator::kFieldEquals, Operator::kFieldStartsWith,
                                                 Operator::kFieldEndsWith, Operator::kFieldContains};
      p.op = kReferences[Below(4)];
      p.text = OneIn(2) ? "Left" : "Right";
      return p;
    }
  }
  if (p.op != Operator::kGlob && p.op != Operator::kEquals) p.text = RandomText();
  p.cased = OneIn(4);
  return p;
}

std::string RandomEvents::FieldName() { return kFields[Below(OneIn(3) ? std::size(kFields) : 4)]; }

sigma::Item RandomEvents::RandomItem() {
  sigma::Item item;
  if (!OneIn(8)) item.field = FieldName();
  for (uint32_t i = 0, n = 1 + Below(OneIn(6) ? 12 : 3); i < n; ++i) {
    sigma::Pattern p = RandomPattern();
    // What a keyword's absence, or its comparison with a field, would mean nobody can say.
    const bool about_values = p.op < Operator::kNull;
    if (!item.field.empty() || about_values) item.any_of.push_back(std::move(p));
  }
  if (item.any_of.empty()) item.any_of.push_back({.text = "ab"});
  if (std::any_of(item.any_of.begin(), item.any_of.end(),
                  [](const auto& p) { return p.op >= Operator::kFieldEquals; })) {
    item.field = OneIn(2) ? "Left" : "Right";  // fields that occur once
  }
  if (item.field == "EventID" && !OneIn(3)) {
    item.any_of = {{.text = std::to_string(1 + Below(3))}};
    item.any_of[0].number = std::stod(item.any_of[0].text);
  }
  return item;
}

uint32_t RandomEvents::RandomNode(Expression* e, int depth) {
  Expression::Node node{Expression::Kind::kItem, {}, 0};
  const uint32_t choice = depth == 0 ? 9 : Below(10);
  if (choice < 3) {
    node.kind = Expression::Kind::kAnd;
  } else if (choice < 5) {
    node.kind = Expression::Kind::kOr;
  } else if (choice < 6) {
    node.kind = Expression::Kind::kNot;
  } else if (OneIn(40)) {
    node.kind = OneIn(2) ? Expression::Kind::kTrue : Expression::Kind::kFalse;
  }
  if (node.kind == Expression::Kind::kNot) {
    node.children.push_back(RandomNode(e, depth - 1));
  } else if (node.kind == Expression::Kind::kAnd || node.kind == Expression::Kind::kOr) {
    for (uint32_t i = 0, n = 1 + Below(3); i < n; ++i) node.children.push_back(RandomNode(e, depth - 1));
  } else if (node.kind == Expression::Kind::kItem) {
    node.item = static_cast<uint32_t>(e->items.size());
    e->items.push_back(RandomItem());
  }
  e->nodes.push_back(std::move(node));
  return static_cast<uint32_t>(e->nodes.size() - 1);
}

std::vector<sigma::Rule> RandomEvents::Rules(size_t count) {
  std::vector<sigma::Rule> rules(count);
  for (size_t i = 0; i < count; ++i) {
    sigma::Rule& rule = rules[i];
    rule.title = "rule " + std::to_string(i);
    static const sigma::LogSource kSourcesOfRules[] = {{"thing", "windows", ""}, {"other", "windows", ""},
                                                       {"", "windows", "alpha"}, {"", "windows", "beta"},
                                                       {"", "windows", ""},      {"thing", "linux", ""}};
    rule.source = kSourcesOfRules[Below(std::size(kSourcesOfRules))];
    rule.detection.root = RandomNode(&rule.detection, 3);
  }
  return rules;
}

Value RandomEvents::RandomValue(std::string* bytes) {
  Value v;
  switch (Below(12)) {
    case 0:
      break;  // null
    case 1:
      v.type = ValueType::kUInt32;
      *bytes = std::string(4, '\0');
      (*bytes)[0] = static_cast<char>(Below(12));
      break;
    case 2:
      v.type = static_cast<ValueType>(0x03 + Below(8));  // the integers, of any size that may be met
      *bytes = std::string(1u << Below(4), OneIn(5) ? '\xff' : '\0');
      (*bytes)[0] = static_cast<char>(Below(12));
      break;
    case 3: {
      static constexpr ValueType kFixed[] = {ValueType::kHex32, ValueType::kHex64,    ValueType::kGuid,
                                             ValueType::kBool,  ValueType::kFileTime, ValueType::kDouble,
                                             ValueType::kBinary};
      v.type = kFixed[Below(std::size(kFixed))];
      *bytes = std::string(std::max<uint32_t>(FixedSize(v.type), 4), static_cast<char>(Below(4) * 0x2b));
      break;
    }
    case 4: {
      v.type = static_cast<ValueType>(static_cast<uint8_t>(ValueType::kUtf16) | kArrayFlag);
      for (uint32_t i = 0, n = Below(4); i < n; ++i) *bytes += Utf16Bytes(RandomText()) + std::string(2, '\0');
      break;
    }
    case 5:
      v.type = ValueType::kUtf8;
      *bytes = RandomText();
      if (OneIn(10)) *bytes += "\xff";
      break;
    default:
      v.type = ValueType::kUtf16;
      *bytes = Utf16Bytes(RandomText());
      if (OneIn(3)) *bytes += std::string(2, '\0');
  }
  v.data = reinterpret_cast<const uint8_t*>(bytes->data());
  v.size = static_cast<uint32_t>(bytes->size());
  return v;
}

std::unique_ptr<Shape> RandomEvents::RandomShape() {
  auto shape = std::make_unique<Shape>();
  shape->constant_bytes.reserve(100'000);  // constants point into it
  const auto constant = [&](const std::string& utf16) {
    const size_t at = shape->constant_bytes.size();
    shape->constant_bytes += utf16;
    shape->constants.push_back({reinterpret_cast<const uint8_t*>(shape->constant_bytes.data()) + at,
                                static_cast<uint32_t>(utf16.size()), ValueType::kUtf16});
    return FieldPart{FieldPart::kConstant, static_cast<uint32_t>(shape->constants.size() - 1)};
  };
  const auto value = [&] { return FieldPart{FieldPart::kValue, shape->value_count++}; };
  // The key fields come first: values 0 to 2.
  const bool fixed = OneIn(2);
  shape->fields.push_back({"Channel", {fixed ? constant(Utf16Bytes(kChannels[Below(5)])) : value()}});
  shape->fields.push_back({"Provider_Name", {fixed ? constant(Utf16Bytes(kProviders[Below(3)])) : value()}});
  shape->fields.push_back(
      {"EventID", {fixed && OneIn(2) ? constant(Utf16Bytes(std::to_string(1 + Below(3)))) : value()}});
  shape->key = {0, 1, 2, -1};
  for (uint32_t i = 0, n = Below(6); i < n; ++i) {
    Field field;
    field.name = FieldName();
    for (uint32_t k = 0, parts = OneIn(6) ? 1 + Below(3) : 1; k < parts; ++k) {
      field.parts.push_back(OneIn(5) ? constant(Utf16Bytes(RandomText())) : value());
    }
    if (OneIn(20)) field.parts.clear();
    shape->fields.push_back(std::move(field));
  }
  for (const char* name : {"Left", "Right"}) {
    if (!OneIn(3)) shape->fields.push_back({name, {OneIn(5) ? constant(Utf16Bytes(RandomText())) : value()}});
  }
  return shape;
}

void RandomEvents::Make(const std::function<void(const Event&)>& fn) {
  if (shapes_.size() < 12) {
    shapes_.push_back(RandomShape());
    shapes_.back()->number = shapes_.size();
  }
  const Shape& shape = *shapes_[Below(static_cast<uint32_t>(shapes_.size()))];
  std::deque<std::string> bytes;
  std::vector<Value> values(shape.value_count);
  for (Value& v : values) v = RandomValue(&bytes.emplace_back());
  for (const Field& f : shape.fields) {
    if (f.name != "Left" && f.name != "Right") continue;
    if (f.parts[0].kind == FieldPart::kConstant) continue;
    while (values[f.parts[0].index].is_array()) values[f.parts[0].index] = RandomValue(&bytes.emplace_back());
  }
  const auto set = [&](int field, std::string utf16, ValueType type) {
    const FieldPart part = shape.fields[static_cast<size_t>(field)].parts[0];
    if (part.kind != FieldPart::kValue) return;
    const std::string& kept = bytes.emplace_back(std::move(utf16));
    values[part.index] = {reinterpret_cast<const uint8_t*>(kept.data()), static_cast<uint32_t>(kept.size()), type};
  };
  set(shape.key.channel, Utf16Bytes(kChannels[Below(5)]), ValueType::kUtf16);
  set(shape.key.provider, Utf16Bytes(kProviders[Below(3)]), ValueType::kUtf16);
  set(shape.key.event_id, std::string(1, static_cast<char>(Below(5))) + '\0', ValueType::kUInt16);
  Event event;
  event.shape = &shape;
  event.values = values.data();
  fn(event);
}

}  // namespace spoor::test
