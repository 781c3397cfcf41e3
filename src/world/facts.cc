#include "world/facts.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sigma/data_file.h"

namespace spoor {

namespace data {
extern const std::string_view facts;  // data/facts.yml
}

namespace {

using sigma::Check;

constexpr std::pair<const char*, ThingKind> kRoles[] = {
    {"process", ThingKind::kProcess}, {"parent", ThingKind::kProcess},
    {"target", ThingKind::kProcess},  {"account", ThingKind::kAccount},
    {"subject", ThingKind::kAccount}, {"member", ThingKind::kAccount},
    {"session", ThingKind::kSession}, {"from_session", ThingKind::kSession},
    {"source", ThingKind::kAddress},  {"destination", ThingKind::kAddress},
    {"file", ThingKind::kFile},       {"service", ThingKind::kService},
    {"task", ThingKind::kTask},       {"key", ThingKind::kKey},
    {"pipe", ThingKind::kPipe},       {"script", ThingKind::kScript},
    {"share", ThingKind::kShare},     {"domain", ThingKind::kDomain},
    {"url", ThingKind::kUrl},         {"group", ThingKind::kGroup},
    {"hash", ThingKind::kHash},       {"here", ThingKind::kHost},
    {"mailbox", ThingKind::kMailbox}, {"object", ThingKind::kObject},
    {"store", ThingKind::kObject},    {"device", ThingKind::kDevice},
    {"inside", ThingKind::kAddress},
};

constexpr std::pair<const char*, RoleFacts::Part> kParts[] = {
    {"text", RoleFacts::kText},       {"name", RoleFacts::kText}, {"id", RoleFacts::kText},
    {"guid", RoleFacts::kGuid},       {"pid", RoleFacts::kPid},   {"image", RoleFacts::kImage},
    {"command", RoleFacts::kCommand}, {"hash", RoleFacts::kHash}, {"domain", RoleFacts::kDomain},
    {"sid", RoleFacts::kSid},
};

// As the data file writes them; two words may be the same kind for different things.
constexpr std::pair<const char*, LinkKind> kLinks[] = {
    {"started", LinkKind::kStarted},     {"injected", LinkKind::kInjected}, {"opened", LinkKind::kOpened},
    {"reached", LinkKind::kReached},     {"has", LinkKind::kHas},           {"owns", LinkKind::kOwns},
    {"connected", LinkKind::kConnected}, {"asked", LinkKind::kAsked},       {"wrote", LinkKind::kWrote},
    {"loaded", LinkKind::kLoaded},       {"ran", LinkKind::kRan},           {"changed", LinkKind::kChanged},
    {"used", LinkKind::kUsed},           {"created", LinkKind::kCreated},   {"tried", LinkKind::kTried},
};

template <typename T, size_t kCount>
const T* Lookup(const std::pair<const char*, T> (&table)[kCount], std::string_view name) {
  for (const auto& [known, value] : table) {
    if (name == known) return &value;
  }
  return nullptr;
}

RoleFacts ReadRole(const YamlTree& tree, std::string_view role, const YamlNode& node) {
  const ThingKind* const kind = Lookup(kRoles, role);
  Check(kind != nullptr && node.kind == YamlNode::Kind::kMap, node, "no role");
  RoleFacts facts{std::string(role), *kind, {}, {}};
  facts.here = role == "here";
  for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
    const YamlNode& key = tree.Key(node, i);
    if (key.text == std::string_view("elements")) {
      facts.elements = sigma::Texts(tree, node, "elements");
      continue;
    }
    const RoleFacts::Part* const part = Lookup(kParts, key.text);
    Check(part != nullptr, key, "no part of a thing");
    facts.fields[*part] = sigma::Texts(tree, node, key.text);
  }
  return facts;
}

LinkFacts ReadLink(const std::vector<RoleFacts>& roles, const YamlNode& node) {
  const std::vector<std::string_view> words = [&] {
    std::vector<std::string_view> all;
    for (std::string_view rest = node.text; !rest.empty();) {
      const size_t stop = std::min(rest.find(' '), rest.size());
      all.push_back(rest.substr(0, stop));
      rest.remove_prefix(std::min(stop + 1, rest.size()));
    }
    return all;
  }();
  const auto number = [&](std::string_view name) {
    const auto it = std::find_if(roles.begin(), roles.end(), [&](const RoleFacts& r) { return r.role == name; });
    Check(it != roles.end(), node, "the entry has no such role");
    return static_cast<uint8_t>(it - roles.begin());
  };
  // "source opened session" is another thing than "process opened target".
  const bool logon = node.text == std::string_view("source opened session");
  Check(words.size() == 3, node, "a link is three words");
  const LinkKind* const kind = Lookup(kLinks, words[1]);
  Check(kind != nullptr, node, "no link");
  return {number(words[0]), number(words[2]), logon ? LinkKind::kOpenedSession : *kind};
}

// A map of fields and their values; a key may be several fields, "a|b".
std::vector<EventFacts::ActCase::When> ReadWhen(const YamlTree& tree, const YamlNode& map) {
  Check(map.kind == YamlNode::Kind::kMap, map, "fields and their values");
  std::vector<EventFacts::ActCase::When> all;
  for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
    const YamlNode& key = tree.Key(map, i);
    EventFacts::ActCase::When& when = all.emplace_back();
    for (std::string_view rest = key.text; !rest.empty();) {
      const size_t stop = std::min(rest.find('|'), rest.size());
      when.fields.emplace_back(rest.substr(0, stop));
      rest.remove_prefix(std::min(stop + 1, rest.size()));
    }
    when.values = sigma::Texts(tree, map, key.text);
    for (std::string& value : when.values) value = Folded(value);
  }
  return all;
}

void ReadActs(const YamlTree& tree, const YamlNode& map, EventFacts* facts) {
  const auto role = [&](std::string_view name) {
    for (size_t i = 0; i < facts->roles.size(); ++i) {
      if (facts->roles[i].role == name) return static_cast<int>(i);
    }
    return -1;
  };
  const YamlNode* const acts = tree.Find(map, "acts");
  if (acts == nullptr) return;
  for (const YamlNode* one : sigma::Values(tree, *acts)) {
    EventFacts::ActCase& act = facts->acts.emplace_back();
    const int kind = ActKindOf(sigma::TextOr(tree, *one, "is"));
    Check(kind >= 0, *one, "no such act");
    act.kind = static_cast<ActKind>(kind);
    if (const std::string on = sigma::TextOr(tree, *one, "on"); !on.empty()) {
      act.on = role(on);
      Check(act.on >= 0, *one, "the entry has no such role");
    }
    if (const YamlNode* when = tree.Find(*one, "when")) act.when = ReadWhen(tree, *when);
  }
  facts->agent = sigma::Texts(tree, map, "agent");
  if (const YamlNode* vouched = tree.Find(map, "vouched")) facts->vouched = ReadWhen(tree, *vouched);
  facts->who = role("account");
  facts->from = role("source");
  facts->device = role("device");
}

EventFacts ReadEntry(const YamlTree& tree, const YamlNode& map) {
  EventFacts facts;
  facts.log = sigma::TextOr(tree, map, "log");
  facts.ids = sigma::EventIds(tree, map, "id");
  if (const std::string source = sigma::TextOr(tree, map, "of"); !source.empty()) {
    const size_t first = source.find('/'), second = source.find('/', first + 1);
    Check(first != std::string::npos && second != std::string::npos, map, "a source is product/service/category");
    facts.source = {source.substr(0, first), source.substr(first + 1, second - first - 1), source.substr(second + 1)};
  }
  for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
    const YamlNode& key = tree.Key(map, i);
    if (Lookup(kRoles, key.text) != nullptr) facts.roles.push_back(ReadRole(tree, key.text, tree.Value(map, i)));
  }
  if (const YamlNode* links = tree.Find(map, "links")) {
    for (const YamlNode* link : sigma::Values(tree, *links)) {
      facts.links.push_back(ReadLink(facts.roles, *link));
      if (facts.links.back().kind == LinkKind::kStarted) facts.roles[facts.links.back().to].started = true;
    }
  }
  if (const std::string about = sigma::TextOr(tree, map, "about"); !about.empty()) {
    while (facts.about < facts.roles.size() && facts.roles[facts.about].role != about) ++facts.about;
    Check(facts.about < facts.roles.size(), map, "the entry has no such role");
  }
  facts.only_found = sigma::TextOr(tree, map, "only") == "found";
  if (const YamlNode* own = tree.Find(map, "own_address")) {
    for (const YamlNode* one : sigma::Values(tree, *own)) {
      facts.own_addresses.push_back(
          {sigma::TextOr(tree, *one, "field"), sigma::TextOr(tree, *one, "when"), sigma::TextOr(tree, *one, "is")});
    }
  }
  facts.type = sigma::TextOr(tree, map, "type");
  if (const YamlNode* flow = tree.Find(map, "flow")) {
    facts.flow = {sigma::Texts(tree, *flow, "port"),
                  sigma::Texts(tree, *flow, "sent"),
                  sigma::Texts(tree, *flow, "received"),
                  sigma::Texts(tree, *flow, "duration"),
                  0,
                  0};
    for (size_t n = 0; n < facts.roles.size(); ++n) {
      const auto i = static_cast<uint8_t>(n);
      if (facts.roles[i].role == "source") facts.flow->source = i;
      if (facts.roles[i].role == "destination") facts.flow->destination = i;
      if (facts.roles[i].role == "domain" && facts.flow->destination == 0) facts.flow->destination = i;
    }
    Check(facts.flow->source != facts.flow->destination, map, "a flow has a source and a destination");
  }
  if (const YamlNode* named = tree.Find(map, "named")) {
    for (const YamlNode* one : sigma::Values(tree, *named)) {
      facts.named.push_back(
          {sigma::Texts(tree, *one, "address"), sigma::Texts(tree, *one, "name"), sigma::Texts(tree, *one, "account")});
    }
  }
  Check(!facts.roles.empty() || !facts.named.empty(), map, "an entry names a thing");
  ReadActs(tree, map, &facts);
  return facts;
}

}  // namespace

const char* ThingKindName(ThingKind kind) {
  constexpr const char* kNames[] = {"host",    "address", "process",      "process", "account", "session", "file",
                                    "service", "task",    "registry key", "pipe",    "script",  "share",   "domain",
                                    "url",     "group",   "hash",         "mailbox", "object",  "device"};
  return kNames[static_cast<size_t>(kind)];
}

const char* LinkKindName(LinkKind kind) {
  constexpr const char* kNames[] = {"started",   "injected into",  "opened",       "has",
                                    "owns",      "opened session", "connected to", "reached",
                                    "asked for", "wrote",          "loaded",       "ran as",
                                    "changed",   "used",           "created",      "tried to log on as"};
  return kNames[static_cast<size_t>(kind)];
}

const Facts& Facts::BuiltIn() {
  static const Facts* const built_in = [] {
    auto* facts = new Facts;
    YamlTree tree;
    sigma::ReadDataFile(data::facts, &tree);
    const YamlNode* const events = tree.Find(*tree.root(), "events");
    for (const YamlNode* entry : sigma::Values(tree, *events)) facts->events_.push_back(ReadEntry(tree, *entry));
    facts->otherwise_ = ReadEntry(tree, *tree.Find(*tree.root(), "otherwise"));
    facts->otherwise_.only_found = true;
    return facts;
  }();
  return *built_in;
}

const EventFacts* Facts::OfWindows(std::string_view channel, uint32_t id) const {
  for (const EventFacts& facts : events_) {
    if (facts.log.empty() || Folded(facts.log) != Folded(channel)) continue;
    if (facts.ids.empty() || std::find(facts.ids.begin(), facts.ids.end(), id) != facts.ids.end()) return &facts;
  }
  return nullptr;
}

const EventFacts* Facts::OfSource(const SourceTag& source) const {
  for (const EventFacts& facts : events_) {
    if (facts.log.empty() && SourceTag::Fits(facts.source.product, source.product) &&
        SourceTag::Fits(facts.source.service, source.service) &&
        SourceTag::Fits(facts.source.category, source.category)) {
      return &facts;
    }
  }
  return nullptr;
}

}  // namespace spoor
