#include "formats/mapping/mapping.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>

#include "base/message.h"
#include "base/text.h"
#include "formats/mapping/read_mappings.h"

namespace spoor {

namespace mapping_data {
extern const std::string_view windows, cloud, network, w3c, web, tables;
}

namespace {

// Names of fields that hold an event's time where no mapping says it, the one that says when it happened before those
// that say when it was received or written.
constexpr std::string_view kUsualTimes[] = {
    "Event.System.TimeCreated.#attributes.SystemTime",
    "System.TimeCreated.SystemTime",
    "TimeCreated",
    "UtcTime",
    "@timestamp",
    "EventTime",
    "eventTime",
    "event_time",
    "CreationTime",
    "createdDateTime",
    "activityDateTime",
    "published",
    "time",
    "timestamp",
    "Timestamp",
    "TimeGenerated",
    "_time",
    "ts",
    "datetime",
    "date",
    "created_at",
};

bool Names(std::string_view pattern, std::string_view field) {
  if (const size_t bar = pattern.find('|'); bar != std::string_view::npos) {
    return Names(pattern.substr(0, bar), field) || Names(pattern.substr(bar + 1), field);
  }
  if (pattern.ends_with('*')) return field.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == field;
}

// The part of a name up to the next dot, taken off it.
std::string_view TakeKey(std::string_view* name) {
  const size_t dot = std::min(name->find('.'), name->size());
  const std::string_view key = name->substr(0, dot);
  name->remove_prefix(std::min(dot + 1, name->size()));
  return key;
}

char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

void ReplaceAll(std::string_view from, std::string_view to, std::string* text) {
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

// What a name becomes by a renaming with {places}, each of which stands for (a part of) one key; {Place} is the same
// with its first letter large. Empty: the name is not meant.
std::string Renamed(std::string_view from, std::string_view to, std::string_view name) {
  if (std::count(from.begin(), from.end(), '.') != std::count(name.begin(), name.end(), '.')) return "";
  std::vector<std::pair<std::string_view, std::string_view>> places;
  while (!from.empty()) {
    const std::string_view key = TakeKey(&from), have = TakeKey(&name);
    const size_t open = key.find('{'), close = key.find('}');
    if (open == std::string_view::npos || close == std::string_view::npos) {
      if (key != have) return "";
      continue;
    }
    const std::string_view before = key.substr(0, open), after = key.substr(close + 1);
    if (have.size() <= before.size() + after.size() || !have.starts_with(before) || !have.ends_with(after)) return "";
    places.emplace_back(key.substr(open, close + 1 - open),
                        have.substr(before.size(), have.size() - before.size() - after.size()));
  }
  std::string made(to);
  for (const auto& [place, text] : places) {
    std::string large(place), large_text(text);
    large[1] = AsciiUpper(large[1]);
    large_text[0] = AsciiUpper(large_text[0]);
    ReplaceAll(place, text, &made);
    ReplaceAll(large, large_text, &made);
  }
  return made;
}

// How much of a name a beginning takes off; 0: nothing. A key of it that is * stands for any.
size_t Stripped(std::string_view beginning, std::string_view name) {
  if (beginning.find('*') == std::string_view::npos) {
    return name.starts_with(beginning) && name.size() > beginning.size() ? beginning.size() : 0;
  }
  std::string_view left = name;
  while (!beginning.empty()) {
    const std::string_view want = TakeKey(&beginning), have = TakeKey(&left);
    if (left.empty() || (want != "*" && want != have)) return 0;
  }
  return name.size() - left.size();
}

int Find(absl::Span<const std::string> fields, std::string_view name) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (Names(name, fields[i])) return static_cast<int>(i);
  }
  return -1;
}

bool Fits(const Mapping& m, absl::Span<const std::string> fields) {
  const auto there = [&](const std::string& name) { return Find(fields, name) >= 0; };
  return std::all_of(m.keys.begin(), m.keys.end(), there) && std::none_of(m.without.begin(), m.without.end(), there);
}

}  // namespace

const Mappings& Mappings::BuiltIn() {
  static const auto* const built_in = [] {
    auto* mappings = new Mappings;
    for (const auto& [yaml, name] :
         {std::pair(mapping_data::windows, "windows.yml"), std::pair(mapping_data::cloud, "cloud.yml"),
          std::pair(mapping_data::network, "network.yml"), std::pair(mapping_data::w3c, "w3c.yml"),
          std::pair(mapping_data::web, "web.yml"), std::pair(mapping_data::tables, "tables.yml")}) {
      if (const absl::Status s = ReadMappings(yaml, name, &mappings->mappings_); !s.ok()) {
        std::fprintf(stderr, "spoor: a data file of the program is wrong: %s\n", std::string(s.message()).c_str());
        std::abort();
      }
    }
    return mappings;
  }();
  return *built_in;
}

absl::StatusOr<Mappings> Mappings::Parse(std::string_view yaml, const std::string& path) {
  Mappings mappings;
  if (absl::Status s = ReadMappings(yaml, path, &mappings.mappings_); !s.ok()) return s;
  const std::vector<Mapping>& more = BuiltIn().mappings_;
  mappings.mappings_.insert(mappings.mappings_.end(), more.begin(), more.end());
  return mappings;
}

namespace {

// The fields as they are named without what the record lies in. What stands beside it under a name that there is in it,
// too, gets another one.
std::vector<std::string> Without(absl::Span<const std::string> fields, std::string_view under) {
  std::vector<std::string> names(fields.begin(), fields.end());
  std::set<std::string> inner;
  for (const std::string& name : fields) {
    if (name.size() > under.size() && name.starts_with(under)) inner.insert(name.substr(under.size()));
  }
  for (std::string& name : names) {
    if (name.size() > under.size() && name.starts_with(under)) {
      name.erase(0, under.size());
    } else if (inner.contains(name)) {
      name += " (outside)";
    }
  }
  return names;
}

std::string NewName(const Mapping& m, const std::string& name) {
  for (const auto& [from, to] : m.rename) {
    if (from == name) return to;
  }
  for (const auto& [from, to] : m.rename) {
    if (from.find('{') == std::string::npos) continue;
    if (std::string made = Renamed(from, to, name); !made.empty()) return made;
  }
  for (const std::string& beginning : m.strip) {
    if (const size_t size = Stripped(beginning, name); size > 0) return name.substr(size);
  }
  return name;
}

// The parts of a text with {names} in it; false: some of these are not there.
bool PartsOf(std::string_view text, absl::Span<const std::string> fields, std::vector<Mapped::Part>* parts) {
  while (!text.empty()) {
    const size_t open = std::min(text.find('{'), text.size());
    if (open > 0) parts->push_back({-1, std::string(text.substr(0, open))});
    text.remove_prefix(open);
    const size_t close = text.find('}');
    if (close == std::string_view::npos) return text.empty();
    const int field = Find(fields, text.substr(1, close - 1));
    if (field < 0) return false;
    parts->push_back({field, ""});
    text.remove_prefix(close + 1);
  }
  return true;
}

}  // namespace

Mapped Mappings::Map(absl::Span<const std::string> fields, size_t deciding,
                     absl::Span<const std::string> objects) const {
  Mapped mapped;
  std::vector<std::string> names(fields.begin(), fields.end()), inner_objects(objects.begin(), objects.end());
  deciding = std::min(deciding, fields.size());
  const auto fits = [&](const Mapping& m) {
    if (Fits(m, fields.first(deciding))) return true;
    for (const std::string& under : m.under) {
      std::vector<std::string> inner = Without(fields, under);
      if (!Fits(m, absl::MakeConstSpan(inner).first(deciding))) continue;
      names = std::move(inner);
      inner_objects = Without(objects, under);
      return true;
    }
    return false;
  };
  const auto it = std::find_if(mappings_.begin(), mappings_.end(), fits);
  const auto all = [&](const auto& wanted, std::vector<uint32_t>* out) {
    for (const auto& name : wanted) {
      if (const int i = Find(names, name); i >= 0) out->push_back(static_cast<uint32_t>(i));
    }
  };
  mapped.names = names;
  if (it == mappings_.end()) {
    all(kUsualTimes, &mapped.times);
    return mapped;
  }
  const Mapping& m = *it;
  mapped.mapping = &m;
  for (std::string& name : mapped.names) name = NewName(m, name);
  for (const std::string& name : m.time) {
    const size_t plus = name.find(" + ");
    if (plus == std::string::npos) {
      all(std::vector<std::string>{name}, &mapped.times);
      continue;
    }
    const int date = Find(names, name.substr(0, plus)), clock = Find(names, name.substr(plus + 3));
    if (date < 0 || clock < 0 || !mapped.times.empty()) continue;
    mapped.times = {static_cast<uint32_t>(date)};
    mapped.clock = clock;
    break;
  }
  if (mapped.times.empty()) all(kUsualTimes, &mapped.times);
  std::vector<uint32_t> unfold;
  all(m.unfold, &unfold);
  for (const uint32_t i : unfold) {
    const bool done =
        std::any_of(fields.begin() + static_cast<ptrdiff_t>(deciding), fields.end(), [&](const auto& name) {
          return name.starts_with(fields[i]) && (name.size() == fields[i].size() || name[fields[i].size()] == '.');
        });
    mapped.unfold.push_back({i, fields[i], done && i < deciding});
  }
  all(m.by, &mapped.by);
  if (mapped.by.size() < m.by.size()) mapped.by.clear();
  for (const auto& [name, text] : m.make) {
    const bool known = std::any_of(mapped.made.begin(), mapped.made.end(),
                                   [&wanted = name](const auto& f) { return f.first == wanted; });
    std::vector<Mapped::Part> parts;
    if (known || Find(mapped.names, name) >= 0 || !PartsOf(text, names, &parts)) continue;
    mapped.made.emplace_back(name, std::move(parts));
  }
  const auto first = [&](const std::vector<std::string>& wanted) -> std::string {
    for (const std::string& name : wanted) {
      for (const auto& made : mapped.made) {
        if (made.first == name) return name;
      }
      if (const int i = Find(names, name); i >= 0) return mapped.names[static_cast<size_t>(i)];
    }
    return "";
  };
  const auto one = [&](const std::string& name) { return name.empty() ? -1 : Find(names, name); };
  mapped.json = one(m.json);
  all(m.pairs, &mapped.pairs);
  mapped.web = {one(m.request), one(m.uri), one(m.uri_stem), one(m.uri_query), one(m.uri_host)};
  mapped.host = first(m.host);
  mapped.user = first(m.user);
  std::vector<uint32_t> records;
  all(m.record, &records);
  if (!records.empty()) mapped.record = static_cast<int>(records[0]);
  for (const auto& [name, of] : m.also) {
    if (const int i = Find(names, of); i >= 0) {
      if (mapped.names[static_cast<size_t>(i)] != name) mapped.aliases.emplace_back(name, static_cast<uint32_t>(i));
    } else if (const int o = Find(inner_objects, of); o >= 0) {
      mapped.objects.emplace_back(name, static_cast<uint32_t>(o));
    }
  }
  for (const auto& [field, texts] : m.values) {
    if (const int i = Find(names, field); i >= 0) mapped.values.emplace_back(static_cast<uint32_t>(i), &texts);
  }
  for (const auto& [name, of] : m.join) {
    if (const int i = Find(names, of); i >= 0) mapped.joined.emplace_back(name, static_cast<uint32_t>(i));
  }
  for (const Mapping::Split& one : m.split) {
    if (const int i = Find(names, one.from); i >= 0) mapped.split.emplace_back(static_cast<uint32_t>(i), &one);
  }
  for (const Mapping::Derived& d : m.derive) {
    if (const int i = Find(names, d.from); i >= 0) {
      mapped.derived.push_back({d.name, static_cast<uint32_t>(i), &d.texts});
    }
  }
  return mapped;
}

SourceTag SourceBy(const Mapping& mapping, std::string_view text) {
  const SourceTag* found = nullptr;
  for (const auto& [value, source] : mapping.sources) {
    if (EqualsIgnoreAsciiCase(value, text) || (found == nullptr && value == "*")) found = &source;
  }
  SourceTag tag = mapping.source;
  if (found == nullptr) return tag;
  const auto set = [&](const std::string& part, std::string* out) {
    if (!part.empty()) *out = part == "*" ? AsciiLower(text) : part;
  };
  set(found->product, &tag.product);
  set(found->service, &tag.service);
  set(found->category, &tag.category);
  return tag;
}

}  // namespace spoor
