#include "entities/names.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "base/text.h"

namespace spoor {
namespace {

bool IsFirm(NameForm form) { return form <= NameForm::kFullName; }

}  // namespace

const char* NameFormName(NameForm form) {
  static constexpr const char* kNames[] = {"sid", "id", "upn", "full name", "account", "short name"};
  return kNames[static_cast<size_t>(form)];
}

// A record without a time is behind all others.
bool Names::Before(const RecordPlace& a, const RecordPlace& b) const {
  const auto dated = [](const RecordPlace& p) { return p.time != 0 ? p.time : INT64_MAX; };
  if (dated(a) != dated(b)) return dated(a) < dated(b);
  if (a.file != b.file) return files_.Before(a.file, b.file);
  return a.offset < b.offset;
}

uint32_t Names::NumberOf(EntityKind kind, std::string_view tenant, NameForm form, std::string_view text,
                         const RecordPlace& place) {
  std::string key(tenant);
  key += '\0';
  key += static_cast<char>(kind);
  key += static_cast<char>(form);
  AppendFolded(text, &key);
  const auto it = by_text_.find(key);
  if (it != by_text_.end()) {
    std::string& spelt = names_[it->second].text;
    if (text > spelt) spelt = text;
    return it->second;
  }
  if (names_.size() >= kMaxNames) {
    ++left_out_;
    return kNone;
  }
  const auto number = static_cast<uint32_t>(names_.size());
  names_.push_back({std::string(tenant), std::string(text), kind, form, 0, 0, place, 0});
  by_text_.emplace(std::move(key), number);
  return number;
}

uint32_t Names::LinkOf(uint32_t a, uint32_t b, const RecordPlace& proof) {
  const auto it = by_ends_.find({a, b});
  if (it != by_ends_.end()) return it->second;
  if (links_.size() >= kMaxLinks) {
    ++left_out_;
    return kNone;
  }
  const auto number = static_cast<uint32_t>(links_.size());
  links_.push_back({a, b, proof});
  by_ends_.emplace(std::make_pair(a, b), number);
  return number;
}

Names::Known Names::Add(EntityKind kind, std::string_view tenant, const std::vector<NameGiven>& given,
                        const RecordPlace& place) {
  Known known;
  for (const NameGiven& one : given) {
    if (one.text.size() > kMaxText || known.count == kMaxTogether) continue;
    const uint32_t number = NumberOf(kind, tenant, one.form, one.text, place);
    if (number != kNone) known.names[known.count++] = number;
  }
  known.linked = known.count > 1 && IsFirm(names_[known.names[0]].form);
  for (uint8_t i = 1; known.linked && i < known.count; ++i) {
    known.links[i] = LinkOf(known.names[0], known.names[i], place);
  }
  Count(known, place);
  return known;
}

void Names::Count(const Known& known, const RecordPlace& place) {
  for (uint8_t i = 0; i < known.count; ++i) {
    Name& name = names_[known.names[i]];
    name.events += name.counted != event_;
    name.counted = event_;
    name.last = std::max(name.last, place.time);
    if (Before(place, name.first)) name.first = place;
    if (i == 0 || !known.linked || known.links[i] == kNone) continue;
    if (Link& link = links_[known.links[i]]; Before(place, link.proof)) link.proof = place;
  }
}

void Names::Take(const Names& other) {
  std::vector<uint32_t> numbers;
  for (const Name& name : other.names_) {
    const uint32_t number = NumberOf(name.kind, name.tenant, name.form, name.text, name.first);
    numbers.push_back(number);
    if (number == kNone) continue;
    Name& own = names_[number];
    if (Before(name.first, own.first)) own.first = name.first;
    own.events += name.events;
    own.last = std::max(own.last, name.last);
  }
  for (const Link& link : other.links_) {
    const uint32_t a = numbers[link.a], b = numbers[link.b];
    if (a == kNone || b == kNone) continue;
    const uint32_t number = LinkOf(a, b, link.proof);
    if (number != kNone && Before(link.proof, links_[number].proof)) links_[number].proof = link.proof;
  }
  left_out_ += other.left_out_;
}

std::vector<Entity> Names::Finish() const {
  // Firm names that events join are one.
  std::vector<uint32_t> parent(names_.size());
  std::iota(parent.begin(), parent.end(), 0u);
  const auto root = [&](uint32_t n) {
    while (parent[n] != n) n = parent[n] = parent[parent[n]];
    return n;
  };
  for (const Link& link : links_) {
    if (IsFirm(names_[link.b].form)) parent[root(link.b)] = root(link.a);
  }
  // The loose names of each, with their proofs; and which names have a home.
  std::map<std::pair<uint32_t, uint32_t>, RecordPlace> loose;  // by root and name
  std::vector<uint32_t> homes(names_.size(), 0);
  const auto add_loose = [&](uint32_t firm, uint32_t name, const RecordPlace& proof) {
    const auto [it, fresh] = loose.try_emplace({root(firm), name}, proof);
    homes[name] += fresh;
    if (!fresh && Before(proof, it->second)) it->second = proof;
  };
  std::vector<RecordPlace> proofs;  // of firm names: where they first stand with another
  for (const Name& name : names_) proofs.push_back(name.first);
  std::vector<bool> proven(names_.size());
  for (const Link& link : links_) {
    if (!IsFirm(names_[link.b].form)) {
      add_loose(link.a, link.b, link.proof);
      continue;
    }
    for (const uint32_t end : {link.a, link.b}) {
      if (!proven[end] || Before(link.proof, proofs[end])) proofs[end] = link.proof;
      proven[end] = true;
    }
  }
  std::map<std::pair<std::string, std::string>, std::vector<uint32_t>>
      by_label;  // full names by tenant and first label
  const auto label_of = [](std::string_view text) { return Folded(text.substr(0, text.find('.'))); };
  for (uint32_t n = 0; n < names_.size(); ++n) {
    if (names_[n].form == NameForm::kFullName) by_label[{names_[n].tenant, label_of(names_[n].text)}].push_back(n);
  }
  for (uint32_t n = 0; n < names_.size(); ++n) {
    if (names_[n].form != NameForm::kShortName) continue;
    const auto it = by_label.find({names_[n].tenant, Folded(names_[n].text)});
    if (it == by_label.end()) continue;
    for (const uint32_t full : it->second) add_loose(full, n, names_[n].first);
  }

  std::map<uint32_t, Entity> entities;  // by root, or the loose name itself
  const auto join = [&](uint32_t at, uint32_t n, const RecordPlace& proof) {
    const Name& name = names_[n];
    Entity& e = entities[at];
    e.tenant = name.tenant;
    e.kind = name.kind;
    e.names.push_back({name.text, name.form, proof, homes[n] > 1});
    // Events that name a thing in two ways count once, as nearly as is known: by the name that most have.
    if (homes[n] <= 1) e.events = std::max(e.events, name.events);
    if (name.first.time != 0 && (e.first == 0 || name.first.time < e.first)) e.first = name.first.time;
    e.last = std::max(e.last, name.last);
  };
  for (uint32_t n = 0; n < names_.size(); ++n) {
    if (IsFirm(names_[n].form)) join(root(n), n, proofs[n]);
    if (!IsFirm(names_[n].form) && homes[n] == 0) join(n, n, names_[n].first);
  }
  for (const auto& [key, proof] : loose) join(key.first, key.second, proof);

  std::vector<Entity> all;
  for (auto& [at, e] : entities) {
    std::sort(e.names.begin(), e.names.end(), [](const EntityName& a, const EntityName& b) {
      return std::tie(a.form, a.name) < std::tie(b.form, b.name);
    });
    all.push_back(std::move(e));
  }
  std::sort(all.begin(), all.end(), [](const Entity& a, const Entity& b) {
    return std::tie(a.tenant, a.kind, a.names[0].name) < std::tie(b.tenant, b.kind, b.names[0].name);
  });
  return all;
}

}  // namespace spoor
