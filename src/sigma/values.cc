// From a value and its modifiers to patterns.
//
// Text goes through three steps: into literals and wildcards (wildcard.h), through the rewritings in the
// order written, each of which may make several texts of one, and at last to its place (contains: any text
// before and behind), from where the cheapest operator that says the same is chosen. Everything else is one
// step.
//
// Costs: windash makes 5^n texts of n dashes and expand one per placeholder value, hence
// kMaxPatternsPerValue.
#include <cmath>
#include <limits>

#include "base/message.h"
#include "base/text.h"
#include "sigma/encode.h"
#include "sigma/limits.h"
#include "sigma/modifier.h"
#include "sigma/network.h"
#include "sigma/regex_check.h"
#include "sigma/wildcard.h"

namespace spoor::sigma {
namespace {

using Kind = Modifiers::Kind;
using Place = Modifiers::Place;
using Rewrite = Modifiers::Rewrite;

absl::Status Bad(const std::string& message) { return absl::InvalidArgumentError(message); }

// A number that values can be compared with: any but .inf and .nan.
bool IsComparable(const Scalar& scalar) {
  return scalar.type == ScalarType::kInteger || (scalar.type == ScalarType::kFloat && std::isfinite(scalar.number));
}

absl::Status TooMany() {
  return Bad(Cat("the modifiers make more than ", kMaxPatternsPerValue, " patterns or ", kMaxPatternBytesPerRule >> 20,
                 " MiB of this value"));
}

// The bytes of a text that must have no wildcards, because an encoding comes between it and the event.
absl::StatusOr<std::string> WithoutWildcards(const GlobParts& parts, std::string_view modifier) {
  std::string text;
  for (const GlobPart& part : parts) {
    if (part.kind != GlobPart::kLiteral) {
      return Bad(Cat("'", modifier, "' cannot encode a wildcard; write \\* or \\? for the character"));
    }
    text += part.text;
  }
  return text;
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Finds the next %name% in literal text; a percent sign behind a backslash does not begin one.
bool FindPlaceholder(std::string_view text, size_t from, size_t* begin, size_t* end) {
  for (size_t at = text.find('%', from); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at > 0 && text[at - 1] == '\\') continue;
    size_t stop = at + 1;
    while (stop < text.size() && IsNameCharacter(text[stop])) ++stop;
    if (stop > at + 1 && stop < text.size() && text[stop] == '%') {
      *begin = at;
      *end = stop + 1;
      return true;
    }
  }
  return false;
}

class TextMaker {
 public:
  TextMaker(const Modifiers& modifiers, const Placeholders& placeholders, std::vector<std::string>* warnings)
      : modifiers_(modifiers), placeholders_(placeholders), warnings_(warnings) {}

  absl::StatusOr<std::vector<GlobParts>> Rewritten(std::string_view text) {
    std::vector<GlobParts> texts = {ParseWildcards(text)};
    for (Rewrite rewrite : modifiers_.rewrites) {
      std::vector<GlobParts> next;
      for (const GlobParts& parts : texts) {
        if (absl::Status s = Apply(rewrite, parts, &next); !s.ok()) return s;
      }
      if (next.size() > kMaxPatternsPerValue) return TooMany();
      texts = std::move(next);
    }
    for (GlobParts& parts : texts) {
      for (GlobPart& part : parts) part.text = BytesAsText(std::move(part.text));
    }
    return texts;
  }

 private:
  absl::Status Apply(Rewrite rewrite, const GlobParts& parts, std::vector<GlobParts>* out) {
    switch (rewrite) {
      case Rewrite::kBase64: {
        absl::StatusOr<std::string> text = WithoutWildcards(parts, "base64");
        if (!text.ok()) return text.status();
        out->push_back({{GlobPart::kLiteral, Base64(*text)}});
        return absl::OkStatus();
      }
      case Rewrite::kBase64Offset: {
        absl::StatusOr<std::string> text = WithoutWildcards(parts, "base64offset");
        if (!text.ok()) return text.status();
        if (text->size() < 2) return Bad("'base64offset' needs a text of at least two bytes");
        for (std::string& one : Base64Offsets(*text)) out->push_back({{GlobPart::kLiteral, std::move(one)}});
        return absl::OkStatus();
      }
      case Rewrite::kUtf16Le:
        return Utf16(parts, Utf16Form::kLittle, out);
      case Rewrite::kUtf16Be:
        return Utf16(parts, Utf16Form::kBig, out);
      case Rewrite::kUtf16:
        return Utf16(parts, Utf16Form::kMarked, out);
      case Rewrite::kWindash:
        if (!DashVariants(parts, kMaxPatternsPerValue, kMaxPatternBytesPerRule, out)) return TooMany();
        return out->size() > kMaxPatternsPerValue ? TooMany() : absl::OkStatus();
      case Rewrite::kExpand:
        return Expand(parts, out);
    }
    return absl::OkStatus();
  }

  absl::Status Utf16(const GlobParts& parts, Utf16Form form, std::vector<GlobParts>* out) {
    GlobParts wide = parts;
    bool first = true;  // one mark, before the first character
    for (GlobPart& part : wide) {
      if (part.kind != GlobPart::kLiteral) continue;
      part.text = Utf16Bytes(part.text, form == Utf16Form::kMarked && !first ? Utf16Form::kLittle : form);
      first = false;
    }
    out->push_back(std::move(wide));
    return absl::OkStatus();
  }

  // Puts the placeholders' values in their places: one text for every combination, none where one has no
  // value.
  absl::Status Expand(const GlobParts& parts, std::vector<GlobParts>* out) {
    std::vector<GlobParts> texts(1);
    const auto append = [&](const GlobPart& part) {
      for (GlobParts& text : texts) text.push_back(part);
    };
    for (const GlobPart& part : parts) {
      if (part.kind != GlobPart::kLiteral) {
        append(part);
        continue;
      }
      size_t from = 0, begin, end;
      while (FindPlaceholder(part.text, from, &begin, &end)) {
        append({GlobPart::kLiteral, Unescaped(part.text.substr(from, begin - from))});
        const std::string name = part.text.substr(begin + 1, end - begin - 2);
        const auto found = placeholders_.find(name);
        if (found == placeholders_.end() || found->second.empty()) {
          warnings_->push_back(Cat("placeholder %", name, "% has no value: this comparison never holds"));
          return absl::OkStatus();
        }
        if (absl::Status s = Multiply(found->second, &texts); !s.ok()) return s;
        from = end;
      }
      append({GlobPart::kLiteral, Unescaped(part.text.substr(from))});
    }
    if (out->size() + texts.size() > kMaxPatternsPerValue) return TooMany();
    for (GlobParts& text : texts) {
      Normalise(&text);
      out->push_back(std::move(text));
    }
    return absl::OkStatus();
  }

  static absl::Status Multiply(const std::vector<std::string>& values, std::vector<GlobParts>* texts) {
    if (texts->size() * values.size() > kMaxPatternsPerValue) return TooMany();
    size_t bytes = 0;  // of all the texts to be
    for (const GlobParts& text : *texts) bytes += values.size() * TextSize(text);
    for (const std::string& value : values) bytes += texts->size() * value.size();
    if (bytes > kMaxPatternBytesPerRule) return TooMany();
    std::vector<GlobParts> more;
    for (const GlobParts& text : *texts) {
      for (const std::string& value : values) {
        more.push_back(text);
        for (GlobPart& part : ParseWildcards(value)) more.back().push_back(std::move(part));
      }
    }
    *texts = std::move(more);
    return absl::OkStatus();
  }

  // "\%" as "%".
  static std::string Unescaped(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size() || text[i + 1] != '%') out += text[i];
    }
    return out;
  }

  const Modifiers& modifiers_;
  const Placeholders& placeholders_;
  std::vector<std::string>* warnings_;
};

Pattern Placed(Place place, GlobParts parts) {
  if (place == Place::kEnd || place == Place::kAnywhere) parts.insert(parts.begin(), {GlobPart::kAnyMany, ""});
  if (place == Place::kStart || place == Place::kAnywhere) parts.push_back({GlobPart::kAnyMany, ""});
  return ToPattern(std::move(parts));
}

// The usual case, without taking the text apart.
Pattern PlacedPlain(Place place, std::string_view text) {
  Pattern pattern;
  pattern.text = text;
  if (text.empty()) {
    pattern.op = place == Place::kWhole ? Operator::kEquals : Operator::kAnyValue;
    return pattern;
  }
  switch (place) {
    case Place::kWhole:
      pattern.op = Operator::kEquals;
      break;
    case Place::kStart:
      pattern.op = Operator::kStartsWith;
      break;
    case Place::kEnd:
      pattern.op = Operator::kEndsWith;
      break;
    case Place::kAnywhere:
      pattern.op = Operator::kContains;
      break;
  }
  return pattern;
}

absl::Status MakeText(const Modifiers& m, std::string_view text, bool keyword, const Placeholders& placeholders,
                      ValuePatterns* out) {
  const size_t before = out->any_of.size();
  const Place place = keyword && m.place == Place::kWhole ? Place::kAnywhere : m.place;
  if (m.rewrites.empty() && IsPlain(text)) {
    out->any_of.push_back(PlacedPlain(place, text));
  } else {
    TextMaker maker(m, placeholders, &out->warnings);
    absl::StatusOr<std::vector<GlobParts>> texts = maker.Rewritten(text);
    if (!texts.ok()) return texts.status();
    for (GlobParts& parts : *texts) out->any_of.push_back(Placed(place, std::move(parts)));
  }
  for (size_t i = before; i < out->any_of.size(); ++i) {
    Pattern& pattern = out->any_of[i];
    pattern.cased = m.cased && pattern.op != Operator::kAnyValue;
    if (keyword && pattern.op == Operator::kAnyValue) return Bad("this keyword would be found in every event");
  }
  return absl::OkStatus();
}

// A value as messages show it.
std::string Shown(const YamlNode& value) {
  return ResolveScalar(value).type == ScalarType::kNull ? "null" : Cat("'", value.text, "'");
}

absl::Status MakeNetwork(const YamlNode& value, ValuePatterns* out) {
  if (ResolveScalar(value).type == ScalarType::kNull) return Bad("'cidr' needs a network, not null");
  const std::string_view text = value.text;
  bool masked = false;
  absl::StatusOr<std::string> network = NormaliseNetwork(text, &masked);
  if (!network.ok()) return network.status();
  if (masked) out->warnings.push_back(Cat("'", text, "' has host bits set; taken as ", *network));
  Pattern pattern;
  pattern.op = Operator::kCidr;
  pattern.text = *std::move(network);
  out->any_of.push_back(std::move(pattern));
  return absl::OkStatus();
}

absl::Status MakeTimePart(const Modifiers& m, const YamlNode& value, ValuePatterns* out) {
  struct Range {
    int first, last;
  };
  static constexpr Range kRanges[] = {{0, 0}, {0, 59}, {0, 23}, {1, 31}, {1, 53}, {1, 12}, {1, 9999}};
  const Range range = kRanges[static_cast<size_t>(m.part)];
  YamlNode plain = value;  // a number in quotes will do
  plain.as_text = false;
  const Scalar scalar = ResolveScalar(plain);
  if (scalar.type != ScalarType::kInteger || scalar.number < range.first || scalar.number > range.last) {
    return Bad(Cat("'", TimePartName(m.part), "' takes a number from ", range.first, " to ", range.last, ", not ",
                   Shown(value)));
  }
  Pattern pattern;
  pattern.op = m.kind == Kind::kCompare ? m.compare : Operator::kEquals;
  pattern.part = m.part;
  pattern.text = value.text;
  pattern.number = scalar.number;
  out->any_of.push_back(std::move(pattern));
  return absl::OkStatus();
}

absl::Status MakeComparison(const Modifiers& m, const YamlNode& value, ValuePatterns* out) {
  YamlNode plain = value;  // a number in quotes will do
  plain.as_text = false;
  const Scalar scalar = ResolveScalar(plain);
  if (!IsComparable(scalar)) {
    return Bad(Cat("lt, lte, gt and gte compare with a number, not with ", Shown(value)));
  }
  Pattern pattern;
  pattern.op = m.compare;
  pattern.text = value.text;
  pattern.number = scalar.number;
  out->any_of.push_back(std::move(pattern));
  return absl::OkStatus();
}

absl::Status MakeReference(const Modifiers& m, const YamlNode& value, ValuePatterns* out) {
  absl::StatusOr<std::string> field = WithoutWildcards(ParseWildcards(value.text), "fieldref");
  if (!field.ok() || field->empty() || ResolveScalar(value).type == ScalarType::kNull) {
    return Bad(Cat("'fieldref' needs the name of a field, not ", Shown(value)));
  }
  Pattern pattern;
  switch (m.place) {
    case Place::kWhole:
      pattern.op = Operator::kFieldEquals;
      break;
    case Place::kStart:
      pattern.op = Operator::kFieldStartsWith;
      break;
    case Place::kEnd:
      pattern.op = Operator::kFieldEndsWith;
      break;
    case Place::kAnywhere:
      pattern.op = Operator::kFieldContains;
      break;
  }
  pattern.text = *std::move(field);
  out->any_of.push_back(std::move(pattern));
  return absl::OkStatus();
}

absl::Status MakeRegex(const Modifiers& m, std::string_view text, ValuePatterns* out) {
  Pattern pattern;
  pattern.op = Operator::kRegex;
  pattern.text = text;
  pattern.regex_i = m.regex_i;
  pattern.regex_m = m.regex_m;
  pattern.regex_s = m.regex_s;
  if (text.empty()) return Bad("an empty regular expression");
  if (absl::Status s = CheckRegex(pattern); !s.ok()) return s;
  out->any_of.push_back(std::move(pattern));
  return absl::OkStatus();
}

absl::Status MakeExists(const YamlNode& value, ValuePatterns* out) {
  const bool yes = EqualsIgnoreAsciiCase(value.text, "true");
  if (!yes && !EqualsIgnoreAsciiCase(value.text, "false")) {
    return Bad(Cat("'exists' takes true or false, not ", Shown(value)));
  }
  Pattern pattern;
  pattern.op = yes ? Operator::kExists : Operator::kNotExists;
  out->any_of.push_back(std::move(pattern));
  return absl::OkStatus();
}

absl::Status MakeNull(const Modifiers& m, bool keyword, ValuePatterns* out) {
  if (keyword) return Bad("a keyword is empty");
  if (m.kind != Kind::kText || m.place != Place::kWhole || !m.rewrites.empty() || m.cased) {
    return Bad("null (no value) takes no modifiers but 'neq'; write '' for an empty text");
  }
  Pattern pattern;
  pattern.op = Operator::kNull;
  out->any_of.push_back(std::move(pattern));
  return absl::OkStatus();
}

}  // namespace

bool PatternBudget::Take(const std::vector<Pattern>& all, size_t first) {
  const size_t more = all.size() - first;
  size_t size = 0;
  for (size_t i = first; i < all.size(); ++i) {
    const Pattern& pattern = all[i];
    size += sizeof pattern + pattern.text.size();
    for (const GlobPart& part : pattern.glob) size += sizeof part + part.text.size();
  }
  if (more > patterns || size > bytes) return false;
  patterns -= more;
  bytes -= size;
  return true;
}

absl::Status MakePatterns(const Modifiers& modifiers, const YamlNode& value, bool keyword,
                          const Placeholders& placeholders, ValuePatterns* out) {
  if (value.text.size() > kMaxValueBytes) return Bad(Cat("a value longer than ", kMaxValueBytes, " bytes"));
  const Scalar scalar = ResolveScalar(value);
  if (modifiers.part != TimePart::kNone) return MakeTimePart(modifiers, value, out);
  switch (modifiers.kind) {
    case Kind::kRegex:
      if (scalar.type == ScalarType::kNull) return MakeNull(modifiers, keyword, out);
      return MakeRegex(modifiers, value.text, out);
    case Kind::kCidr:
      return MakeNetwork(value, out);
    case Kind::kCompare:
      return MakeComparison(modifiers, value, out);
    case Kind::kFieldRef:
      return MakeReference(modifiers, value, out);
    case Kind::kExists:
      return MakeExists(value, out);
    case Kind::kText:
      if (scalar.type == ScalarType::kNull) return MakeNull(modifiers, keyword, out);
      break;
  }
  const size_t before = out->any_of.size();
  const std::string_view text = scalar.type != ScalarType::kBool ? value.text : scalar.truth ? "true" : "false";
  if (absl::Status s = MakeText(modifiers, text, keyword, placeholders, out); !s.ok()) return s;
  if (IsComparable(scalar) && modifiers.rewrites.empty()) {
    Pattern& pattern = out->any_of[before];
    if (pattern.op == Operator::kEquals) pattern.number = scalar.number;
  }
  return absl::OkStatus();
}

}  // namespace spoor::sigma
