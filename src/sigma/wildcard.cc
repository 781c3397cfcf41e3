#include "sigma/wildcard.h"

#include <utility>

namespace spoor::sigma {
namespace {

bool IsSpecial(char c) { return c == '*' || c == '?' || c == '\\'; }

void AddLiteral(std::string_view text, GlobParts* parts) {
  if (parts->empty() || parts->back().kind != GlobPart::kLiteral) parts->push_back({GlobPart::kLiteral, ""});
  parts->back().text.append(text);
}

}  // namespace

bool IsPlain(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '*' || text[i] == '?') return false;
    if (text[i] == '\\' && i + 1 < text.size() && IsSpecial(text[i + 1])) return false;
  }
  return true;
}

GlobParts ParseWildcards(std::string_view text) {
  GlobParts parts;
  size_t from = 0;  // literal text not yet added
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && IsSpecial(text[i + 1])) {
      if (i > from) AddLiteral(text.substr(from, i - from), &parts);
      from = ++i;  // the escaped character begins the next stretch of literal text
    } else if (text[i] == '*' || text[i] == '?') {
      if (i > from) AddLiteral(text.substr(from, i - from), &parts);
      parts.push_back({text[i] == '*' ? GlobPart::kAnyMany : GlobPart::kAnyOne, ""});
      from = i + 1;
    }
  }
  if (from < text.size()) AddLiteral(text.substr(from), &parts);
  return parts;
}

size_t TextSize(const GlobParts& parts) {
  size_t size = 0;
  for (const GlobPart& part : parts) size += part.text.size();
  return size;
}

void Normalise(GlobParts* parts) {
  GlobParts out;
  out.reserve(parts->size());
  for (GlobPart& part : *parts) {
    if (part.kind == GlobPart::kLiteral) {
      if (part.text.empty()) continue;
      if (!out.empty() && out.back().kind == GlobPart::kLiteral) {
        out.back().text += part.text;
        continue;
      }
    } else if (part.kind == GlobPart::kAnyMany && !out.empty() && out.back().kind == GlobPart::kAnyMany) {
      continue;
    }
    out.push_back(std::move(part));
  }
  *parts = std::move(out);
}

std::string Escape(const GlobParts& parts) {
  std::string out;
  for (size_t k = 0; k < parts.size(); ++k) {
    const GlobPart& part = parts[k];
    if (part.kind == GlobPart::kAnyMany) out += '*';
    if (part.kind == GlobPart::kAnyOne) out += '?';
    for (size_t i = 0; i < part.text.size(); ++i) {
      const char c = part.text[i];
      const bool before_special = i + 1 < part.text.size() ? IsSpecial(part.text[i + 1]) : k + 1 < parts.size();
      if (c == '*' || c == '?' || (c == '\\' && before_special)) out += '\\';
      out += c;
    }
  }
  return out;
}

Pattern ToPattern(GlobParts parts) {
  Normalise(&parts);
  Pattern pattern;
  const auto is = [&](size_t i, GlobPart::Kind kind) { return parts[i].kind == kind; };
  constexpr auto kLiteral = GlobPart::kLiteral, kMany = GlobPart::kAnyMany;
  if (parts.empty()) return pattern;
  if (parts.size() == 1 && is(0, kMany)) {
    pattern.op = Operator::kAnyValue;
  } else if (parts.size() == 1 && is(0, kLiteral)) {
    pattern.text = std::move(parts[0].text);
  } else if (parts.size() == 2 && is(0, kLiteral) && is(1, kMany)) {
    pattern.op = Operator::kStartsWith;
    pattern.text = std::move(parts[0].text);
  } else if (parts.size() == 2 && is(0, kMany) && is(1, kLiteral)) {
    pattern.op = Operator::kEndsWith;
    pattern.text = std::move(parts[1].text);
  } else if (parts.size() == 3 && is(0, kMany) && is(1, kLiteral) && is(2, kMany)) {
    pattern.op = Operator::kContains;
    pattern.text = std::move(parts[1].text);
  } else {
    pattern.op = Operator::kGlob;
    pattern.glob = std::move(parts);
  }
  return pattern;
}

}  // namespace spoor::sigma
