#include "formats/syslog/payload.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace spoor::syslog {
namespace {

bool IsKeyByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '[' || c == ']';
}

void Add(KeyValues* out, std::string_view key, std::string_view value) {
  if (out->pairs.size() < kMaxKeys) out->pairs.push_back({key, value});
}

// Without the backslashes that protect a character; \n and \r are what they are in C.
std::string_view Unescaped(std::string_view text, KeyValues* out) {
  if (text.find('\\') == std::string_view::npos) return text;
  std::string& own = out->scratch.emplace_back();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      own += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'n') {
      own += '\n';
    } else if (c == 'r') {
      own += '\r';
    } else if (c == '|' || c == '=' || c == '"' || c == '\\') {
      own += c;
    } else {
      own += '\\';
      own += c;
    }
  }
  return own;
}

// Up to the next '|' that no backslash protects; moves *at behind it. False: there is none.
bool HeaderField(std::string_view text, size_t* at, std::string_view* field) {
  for (size_t i = *at; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '|') {
      *field = text.substr(*at, i - *at);
      *at = i + 1;
      return true;
    }
  }
  return false;
}

// &lt; &gt; &amp; &quot; &apos; &#10; &#x41;
std::string_view XmlText(std::string_view text, KeyValues* out) {
  if (text.find('&') == std::string_view::npos) return text;
  std::string& own = out->scratch.emplace_back();
  for (size_t i = 0; i < text.size();) {
    const size_t stop = text[i] == '&' ? text.substr(i, 12).find(';') : std::string_view::npos;
    if (stop == std::string_view::npos) {
      own += text[i++];
      continue;
    }
    const std::string_view name = text.substr(i + 1, stop - 1);
    static constexpr std::pair<std::string_view, char> kNames[] = {
        {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    const auto* known = std::find_if(std::begin(kNames), std::end(kNames), [&](auto& n) { return n.first == name; });
    uint32_t number = 0;
    const bool hex = name.starts_with("#x");
    if (known != std::end(kNames)) {
      own += known->second;
    } else if (name.size() > 1 && name[0] == '#' &&
               std::from_chars(name.data() + (hex ? 2 : 1), name.data() + name.size(), number, hex ? 16 : 10).ptr ==
                   name.data() + name.size() &&
               number > 0 && number <= 0x10ffff) {
      AppendUtf8(number, &own);
    } else {
      own += text.substr(i, stop + 1);
    }
    i += stop + 1;
  }
  return own;
}

// What stands between <name …> and </name>, from *at on; moves *at behind it.
bool Element(std::string_view text, std::string_view open, std::string_view close, size_t* at, std::string_view* head,
             std::string_view* content) {
  const size_t begin = text.find(open, *at);
  if (begin == std::string_view::npos) return false;
  const size_t gt = text.find('>', begin);
  if (gt == std::string_view::npos) return false;
  *head = text.substr(begin, gt - begin);
  if (head->ends_with('/')) {
    *content = {};
    *at = gt + 1;
    return true;
  }
  const size_t end = text.find(close, gt + 1);
  if (end == std::string_view::npos) return false;
  *content = text.substr(gt + 1, end - gt - 1);
  *at = end + close.size();
  return true;
}

std::string_view Attribute(std::string_view head, std::string_view name) {
  const size_t at = head.find(name);
  if (at == std::string_view::npos || at + name.size() + 1 >= head.size() || head[at + name.size()] != '=') return {};
  const char quote = head[at + name.size() + 1];
  if (quote != '"' && quote != '\'') return {};
  const size_t first = at + name.size() + 2;
  const size_t stop = head.find(quote, first);
  return stop == std::string_view::npos ? std::string_view() : head.substr(first, stop - first);
}

}  // namespace

void ReadKeyValues(std::string_view text, KeyValues* out) {
  size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && (text[at] == ' ' || text[at] == ',')) ++at;
    if (at < text.size() && text[at] == '[') return;
    const size_t first = at;
    while (at < text.size() && IsKeyByte(text[at])) ++at;
    if (at >= text.size() || text[at] != '=' || at == first) {
      while (at < text.size() && text[at] != ' ') ++at;
      continue;
    }
    const std::string_view key = text.substr(first, at - first);
    ++at;
    if (at < text.size() && text[at] == '"') {
      const size_t begin = ++at;
      while (at < text.size() && text[at] != '"') at += text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
      at = std::min(at, text.size());
      Add(out, key, Unescaped(text.substr(begin, at - begin), out));
      if (at < text.size()) ++at;
      continue;
    }
    const size_t stop = std::min(text.find(' ', at), text.size());
    Add(out, key, text.substr(at, stop - at));
    at = stop;
  }
}

void ReadCsv(std::string_view text, const ProgramRules& program, KeyValues* out) {
  size_t at = 0;
  bool more = true;
  for (const ColumnGroup& group : program.columns) {
    if (!group.when.empty() && out->Get(group.when) != group.is) continue;
    for (const std::string& name : group.columns) {
      if (!more) return;
      std::string_view value;
      if (at < text.size() && text[at] == '"') {
        const size_t first = ++at;
        bool doubled = false;
        while (at < text.size() && (text[at] != '"' || (at + 1 < text.size() && text[at + 1] == '"'))) {
          const bool pair = text[at] == '"';
          doubled |= pair;
          at += pair ? 2 : 1;
        }
        value = text.substr(first, std::min(at, text.size()) - first);
        if (doubled) {
          std::string& own = out->scratch.emplace_back();
          for (size_t i = 0; i < value.size(); ++i) {
            own += value[i];
            if (value[i] == '"') ++i;
          }
          value = own;
        }
        at = std::min(at + 1, text.size());
      }
      const size_t stop = std::min(text.find(',', at), text.size());
      if (value.data() == nullptr) value = text.substr(at, stop - at);
      more = stop < text.size();
      at = std::min(stop + 1, text.size());
      if (!name.empty()) Add(out, name, value);
    }
  }
}

size_t FindCefOrLeef(std::string_view text) {
  constexpr size_t kLooked = 256;
  constexpr int kBars = 3;
  const std::string_view head = text.substr(0, kLooked);
  size_t bar = head.find('|');
  for (int i = 0; i < kBars && bar != std::string_view::npos; ++i, bar = head.find('|', bar + 1)) {
    size_t at = bar;  // back over "CEF:0", "CEF: 0", "LEEF:1.0"
    while (at > 0 && ((head[at - 1] >= '0' && head[at - 1] <= '9') || head[at - 1] == '.')) --at;
    if (at == bar) continue;
    while (at > 0 && head[at - 1] == ' ') --at;
    for (const std::string_view name : {"LEEF:", "CEF:"}) {
      if (!head.substr(0, at).ends_with(name)) continue;
      const size_t begin = at - name.size();
      const std::string_view rest = text.substr(begin);
      const std::ptrdiff_t bars = name == "CEF:" ? 7 : 5;  // of the header
      if (begin > 0 && IsKeyByte(head[begin - 1])) continue;
      if (std::count(rest.begin(), rest.end(), '|') >= bars) return begin;
    }
  }
  return std::string_view::npos;
}

bool ReadCef(std::string_view text, KeyValues* out) {
  size_t at = text.find("CEF:");
  if (at == std::string_view::npos) return false;
  at += 4;
  static constexpr std::string_view kNames[] = {
      "", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "deviceSeverity"};
  for (const std::string_view name : kNames) {
    std::string_view field;
    if (!HeaderField(text, &at, &field)) return false;
    if (!name.empty()) Add(out, name, Unescaped(field, out));
  }
  // A value goes on to the space before the next key.
  std::string_view rest = text.substr(at);
  size_t key_at = 0;
  while (key_at < rest.size() && rest[key_at] == ' ') ++key_at;
  while (key_at < rest.size() && out->pairs.size() < kMaxKeys) {
    const size_t equals = rest.find('=', key_at);
    if (equals == std::string_view::npos) break;
    const std::string_view key = rest.substr(key_at, equals - key_at);
    size_t end = rest.size();
    for (size_t i = equals + 1; i < rest.size(); ++i) {
      if (rest[i] == '\\') {
        ++i;
      } else if (rest[i] == '=') {
        size_t back = i;
        while (back > equals + 1 && IsKeyByte(rest[back - 1])) --back;
        if (back == i || rest[back - 1] != ' ' || back <= equals) continue;  // a value with '=' in it
        end = back - 1;
        break;
      }
    }
    std::string_view value = rest.substr(equals + 1, end - equals - 1);
    while (value.ends_with(' ')) value.remove_suffix(1);
    if (key.find(' ') == std::string_view::npos && !key.empty()) Add(out, key, Unescaped(value, out));
    key_at = std::min(end + 1, rest.size());
  }
  return true;
}

bool ReadLeef(std::string_view text, KeyValues* out) {
  size_t at = text.find("LEEF:");
  if (at == std::string_view::npos) return false;
  at += 5;
  std::string_view version, field;
  if (!HeaderField(text, &at, &version)) return false;
  static constexpr std::string_view kNames[] = {"deviceVendor", "deviceProduct", "deviceVersion", "eventId"};
  for (const std::string_view name : kNames) {
    if (!HeaderField(text, &at, &field)) return false;
    Add(out, name, field);
  }
  char delimiter = '\t';
  if (version.starts_with("2")) {
    const size_t before = at;
    if (HeaderField(text, &at, &field)) {
      unsigned code = 0;
      std::string_view digits = field;
      if (digits.starts_with("0x")) {
        digits.remove_prefix(2);
      } else if (digits.starts_with('x')) {
        digits.remove_prefix(1);
      }
      if (field.size() == 1) {
        delimiter = field[0];
      } else if (digits.size() < field.size() &&
                 std::from_chars(digits.data(), digits.data() + digits.size(), code, 16).ptr ==
                     digits.data() + digits.size() &&
                 code > 0 && code < 256) {
        delimiter = static_cast<char>(code);
      } else if (!field.empty()) {
        at = before;  // the delimiter was left out, with its bar
      }
    }
  }
  while (at < text.size() && out->pairs.size() < kMaxKeys) {
    const size_t stop = std::min(text.find(delimiter, at), text.size());
    const std::string_view pair = text.substr(at, stop - at);
    if (const size_t equals = pair.find('='); equals != std::string_view::npos && equals > 0) {
      std::string_view key = pair.substr(0, equals);
      while (key.starts_with(' ')) key.remove_prefix(1);
      Add(out, key, pair.substr(equals + 1));
    }
    at = stop + 1;
  }
  return true;
}

bool ReadSysmon(std::string_view text, KeyValues* out) {
  if (text.find("<Event") == std::string_view::npos) return false;
  std::string_view head, content;
  size_t at = 0;
  if (!Element(text, "<EventID", "</EventID>", &at, &head, &content)) return false;
  Add(out, "EventID", content);
  size_t from = at;
  if (const size_t created = text.find("<TimeCreated", at); created != std::string_view::npos) {
    const std::string_view rest = text.substr(created);
    Add(out, "SystemTime", Attribute(rest.substr(0, std::min(rest.find('>'), rest.size())), "SystemTime"));
  }
  if (Element(text, "<Computer", "</Computer>", &from, &head, &content)) Add(out, "Computer", XmlText(content, out));
  while (out->pairs.size() < kMaxKeys && Element(text, "<Data", "</Data>", &at, &head, &content)) {
    const std::string_view name = Attribute(head, "Name");
    if (!name.empty()) Add(out, name, XmlText(content, out));
  }
  return true;
}

}  // namespace spoor::syslog
