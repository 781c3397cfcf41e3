// Reads the table in two passes: the first finds out what there is, the second what refers to what.
#include "intel/attack.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/message.h"
#include "base/text.h"

namespace spoor {

namespace data {
extern const std::string_view attack;  // data/attack.tsv
extern const std::string_view gone;    // data/gone.tsv
}  // namespace data

namespace {

std::string Capitals(std::string_view id) {
  std::string out(id);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::vector<std::string_view> Split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = text.find(at);
    const std::string_view part = text.substr(0, end);
    if (!part.empty() || at == '\t') parts.push_back(part);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    if (text.empty() && at == '\t') parts.push_back(text);
  }
  return parts;
}

// Columns of a kind of line, the kind itself among them.
size_t ColumnsOf(std::string_view kind) {
  if (kind == "tactic" || kind == "technique") return 4;
  if (kind == "gone") return 5;
  if (kind == "group" || kind == "software") return 6;
  return kind == "campaign" ? 9 : 0;
}

}  // namespace

std::string PlainName(std::string_view name) {
  std::string out;
  AppendFolded(name, &out);
  std::erase_if(out, [](char c) { return c == ' ' || c == '-' || c == '_' || c == '.' || c == '\t'; });
  return out;
}

class AttackReader {
 public:
  explicit AttackReader(Attack* attack) : a_(*attack) {}

  absl::Status Read() {
    absl::Status status = ForEachLine(&AttackReader::Name);
    if (status.ok()) status = FindParents();
    if (status.ok()) status = ForEachLine(&AttackReader::Join);
    return status;
  }

 private:
  using Columns = std::vector<std::string_view>;

  absl::Status ForEachLine(absl::Status (AttackReader::*take)(const Columns&)) {
    size_t number = 0;
    for (const std::string_view line : Split(a_.text_, '\n')) {
      ++number;
      if (line.front() == '#') continue;
      const Columns columns = Split(line, '\t');
      const size_t wanted = ColumnsOf(columns.front());
      absl::Status status = columns.size() == wanted && wanted > 0
                                ? (this->*take)(columns)
                                : absl::InvalidArgumentError("this is no line of a table of ATT&CK");
      if (!status.ok()) return absl::InvalidArgumentError(Cat("line ", number, ": ", Message(status)));
    }
    return absl::OkStatus();
  }

  // First pass: each thing gets its number.
  absl::Status Name(const Columns& c) {
    uint32_t number = 0;
    if (c[0] == "tactic") {
      if (a_.tactics_.size() == 32) return absl::InvalidArgumentError("more than 32 tactics");
      number = Put(&a_.tactics_, {c[1], c[2], c[3]});
      for (const std::string_view name : {c[1], c[2], c[3]}) a_.tactic_names_.emplace(PlainName(name), number);
    } else if (c[0] == "technique") {
      number = Put(&a_.techniques_, {c[1], c[2]});
    } else if (c[0] == "gone") {
      // A table of its own date knows better than the list kept by hand, which is read after it.
      if (a_.by_id_.contains(Capitals(c[1]))) return absl::OkStatus();
      number = Put(&a_.gone_, {c[1], c[4], c[2] == "revoked", c[3]});
    } else if (c[0] == "group") {
      number = Put(&a_.groups_, {c[1], c[2], Split(c[3], '|'), {}, {}});
    } else if (c[0] == "software") {
      number = Put(&a_.software_, {c[1], c[2], c[3] == "tool", Split(c[4], '|'), {}});
    } else {
      number = Put(&a_.campaigns_, {c[1], c[2], Split(c[3], '|'), c[4], c[5], {}, {}, {}});
    }
    if (a_.by_id_.emplace(Capitals(c[1]), number).second) return absl::OkStatus();
    return absl::InvalidArgumentError(Cat("'", c[1], "' is there twice"));
  }

  template <typename T>
  static uint32_t Put(std::vector<T>* list, T thing) {
    list->push_back(std::move(thing));
    return static_cast<uint32_t>(list->size() - 1);
  }

  absl::Status FindParents() {
    for (Technique& technique : a_.techniques_) {
      const size_t dot = technique.id.find('.');
      if (dot == std::string_view::npos) continue;
      const Technique* parent = a_.FindTechnique(technique.id.substr(0, dot));
      if (parent == nullptr) return absl::InvalidArgumentError(Cat("the parent of '", technique.id, "' is missing"));
      technique.parent = a_.NumberOf(*parent);
      ++a_.techniques_[technique.parent].children;
    }
    for (const bool names : {true, false}) {  // a name goes before an alias
      for (uint32_t i = 0; i < a_.software_.size(); ++i) {
        if (names) a_.by_name_.emplace(PlainName(a_.software_[i].name), i);
        for (const std::string_view alias : a_.software_[i].aliases) {
          if (!names) a_.by_name_.emplace(PlainName(alias), i);
        }
      }
    }
    return absl::OkStatus();
  }

  // Second pass: who uses what.
  absl::Status Join(const Columns& c) {
    if (c[0] == "technique") {
      uint32_t tactics = 0;
      for (const std::string_view name : Split(c[3], ' ')) {
        const Tactic* tactic = a_.FindTactic(name);
        if (tactic == nullptr) return absl::InvalidArgumentError(Cat("no such tactic: '", name, "'"));
        tactics |= 1u << a_.NumberOf(*tactic);
      }
      a_.techniques_[a_.by_id_.at(Capitals(c[1]))].tactics = tactics;
      return absl::OkStatus();
    }
    if (c[0] == "tactic" || c[0] == "gone") return absl::OkStatus();
    const uint32_t number = a_.by_id_.at(Capitals(c[1]));
    if (c[0] == "software") return Refer(c[5], 'T', &a_.software_[number].techniques);
    if (c[0] == "group") {
      absl::Status status = Refer(c[4], 'T', &a_.groups_[number].techniques);
      return status.ok() ? Refer(c[5], 'S', &a_.groups_[number].software) : status;
    }
    AttackCampaign& campaign = a_.campaigns_[number];
    absl::Status status = Refer(c[6], 'G', &campaign.groups);
    if (status.ok()) status = Refer(c[7], 'T', &campaign.techniques);
    return status.ok() ? Refer(c[8], 'S', &campaign.software) : status;
  }

  absl::Status Refer(std::string_view ids, char kind, std::vector<uint32_t>* numbers) {
    for (const std::string_view id : Split(ids, ' ')) {
      const auto found = a_.by_id_.find(Capitals(id));
      // The number is that of a live thing of this kind: the lists say so, since a `gone` one has a number, too.
      if (found == a_.by_id_.end() || !Is(kind, found->second, id)) {
        return absl::InvalidArgumentError(Cat("no such thing: '", id, "'"));
      }
      numbers->push_back(found->second);
    }
    return absl::OkStatus();
  }

  bool Is(char kind, uint32_t n, std::string_view id) const {
    if (kind == 'T') return n < a_.techniques_.size() && a_.techniques_[n].id == id;
    if (kind == 'S') return n < a_.software_.size() && a_.software_[n].id == id;
    return n < a_.groups_.size() && a_.groups_[n].id == id;
  }

  Attack& a_;
};

absl::StatusOr<std::unique_ptr<Attack>> Attack::Parse(std::string_view table) {
  if (table.size() > kMaxBytes) return absl::InvalidArgumentError("the table is too large");
  std::unique_ptr<Attack> attack(new Attack);
  attack->text_.reserve(table.size() + data::gone.size() + 1);
  attack->text_.append(table).append("\n").append(data::gone);
  if (absl::Status status = AttackReader(attack.get()).Read(); !status.ok()) return status;
  if (attack->techniques_.empty() || attack->groups_.empty()) {
    return absl::InvalidArgumentError("the table has no techniques or no groups");
  }
  return attack;
}

const Attack& Attack::BuiltIn() {
  static const Attack* const attack = [] {
    auto read = Parse(data::attack);
    if (!read.ok()) {
      std::fprintf(stderr, "attack.tsv: %s\n", std::string(Message(read.status())).c_str());
      std::abort();
    }
    return read->release();
  }();
  return *attack;
}

namespace {

// The number of a thing among those of its kind, or nullptr.
template <typename T>
const T* Among(const std::vector<T>& list, const absl::flat_hash_map<std::string, uint32_t>& by_id,
               std::string_view id) {
  const std::string capitals = Capitals(id);
  const auto found = by_id.find(capitals);
  if (found == by_id.end() || found->second >= list.size()) return nullptr;
  const T& thing = list[found->second];
  return Capitals(thing.id) == capitals ? &thing : nullptr;
}

}  // namespace

const Technique* Attack::FindTechnique(std::string_view id) const { return Among(techniques_, by_id_, id); }
const Gone* Attack::FindGone(std::string_view id) const { return Among(gone_, by_id_, id); }
const Group* Attack::FindGroup(std::string_view id) const { return Among(groups_, by_id_, id); }
const AttackCampaign* Attack::FindCampaign(std::string_view id) const { return Among(campaigns_, by_id_, id); }

const Tactic* Attack::FindTactic(std::string_view what) const {
  const auto found = tactic_names_.find(PlainName(what));
  return found == tactic_names_.end() ? nullptr : &tactics_[found->second];
}

const Software* Attack::FindSoftware(std::string_view what) const {
  if (const Software* by_id = Among(software_, by_id_, what)) return by_id;
  const auto found = by_name_.find(PlainName(what));
  return found == by_name_.end() ? nullptr : &software_[found->second];
}

std::string Attack::FullName(const Technique& technique) const {
  return technique.is_sub() ? Cat(techniques_[technique.parent].name, ": ", technique.name)
                            : std::string(technique.name);
}

}  // namespace spoor
