// What MITRE ATT&CK knows: tactics in the order of an intrusion, techniques, groups, software, campaigns, and who uses
// what.
//
// Compiled into the program from data/attack.tsv, which tools/make_attack_table makes from a published bundle; a newer
// one can be read from a table of the same form. Techniques that ATT&CK has given up are known too, with what stands
// for them now (data/gone.tsv, and `gone` lines of the table).
//
//     const Attack& attack = Attack::BuiltIn();
//     const Technique* t = attack.FindTechnique("T1598.003");   // name, tactics, parent
//     const Gone* g = attack.FindGone("T1193");                 // revoked, now T1566.001
//
// Identifiers are compared without regard to case. References between things are positions in the lists below.
// Immutable after it was read: thread-safe. Texts live as long as the Attack.
//
// (c) 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace spoor {

struct Tactic {
  std::string_view id;          // "TA0001"
  std::string_view short_name;  // "initial-access", as in tags of rules
  std::string_view name;        // "Initial Access"
};

struct Technique {
  std::string_view id;    // "T1598.003"
  std::string_view name;  // "Spearphishing Link"; without its parent's
  uint32_t tactics = 0;   // bit i: tactics()[i]
  uint32_t parent = ~0u;  // of a sub-technique
  uint32_t children = 0;  // how many sub-techniques it has
  bool is_sub() const { return parent != ~0u; }
};

// What ATT&CK no longer has.
struct Gone {
  std::string_view id, name;
  bool revoked = false;          // else deprecated
  std::string_view replaced_by;  // an identifier of the table, or "": nothing stands for it
};

struct Software {
  std::string_view id, name;
  bool tool = false;  // something that also serves honest ends, else malware
  std::vector<std::string_view> aliases;
  std::vector<uint32_t> techniques;
};

struct Group {
  std::string_view id, name;
  std::vector<std::string_view> aliases;
  std::vector<uint32_t> techniques, software;
};

struct AttackCampaign {
  std::string_view id, name;
  std::vector<std::string_view> aliases;
  std::string_view first_seen, last_seen;  // "2019-08-01"
  std::vector<uint32_t> groups;            // it is attributed to; often none
  std::vector<uint32_t> techniques, software;
};

class Attack {
 public:
  static constexpr size_t kMaxBytes = 64u << 20;  // of a table that is read

  // The table the program was built with.
  static const Attack& BuiltIn();
  // A table of the form tools/make_attack_table describes. kInvalidArgument names the line that is wrong.
  static absl::StatusOr<std::unique_ptr<Attack>> Parse(std::string_view table);

  // In the order of an intrusion: Reconnaissance first, Impact last.
  const std::vector<Tactic>& tactics() const { return tactics_; }
  // In order of their identifiers.
  const std::vector<Technique>& techniques() const { return techniques_; }
  const std::vector<Software>& software() const { return software_; }
  const std::vector<Group>& groups() const { return groups_; }
  const std::vector<AttackCampaign>& campaigns() const { return campaigns_; }

  // By identifier ("TA0001", "T1598.003", "S0153", "G0128", "C0024"); nullptr where there is none.
  const Technique* FindTechnique(std::string_view id) const;
  const Gone* FindGone(std::string_view id) const;
  const Group* FindGroup(std::string_view id) const;
  const AttackCampaign* FindCampaign(std::string_view id) const;
  // By identifier, name or short name; letters' case, blanks, `-` and `_` mean nothing.
  const Tactic* FindTactic(std::string_view what) const;
  // By identifier, name or alias likewise. Where several have an alias, the one whose name it is, else the first.
  const Software* FindSoftware(std::string_view what) const;

  uint32_t NumberOf(const Technique& t) const { return static_cast<uint32_t>(&t - techniques_.data()); }
  uint32_t NumberOf(const Software& s) const { return static_cast<uint32_t>(&s - software_.data()); }
  uint32_t NumberOf(const Group& g) const { return static_cast<uint32_t>(&g - groups_.data()); }
  uint32_t NumberOf(const Tactic& t) const { return static_cast<uint32_t>(&t - tactics_.data()); }
  // "Phishing for Information: Spearphishing Link"
  std::string FullName(const Technique& technique) const;

 private:
  friend class AttackReader;
  Attack() = default;

  std::string text_;
  std::vector<Tactic> tactics_;
  std::vector<Technique> techniques_;
  std::vector<Software> software_;
  std::vector<Group> groups_;
  std::vector<AttackCampaign> campaigns_;
  std::vector<Gone> gone_;
  absl::flat_hash_map<std::string, uint32_t> by_id_;         // identifiers in capitals; of all kinds
  absl::flat_hash_map<std::string, uint32_t> by_name_;       // software, by PlainName
  absl::flat_hash_map<std::string, uint32_t> tactic_names_;  // by PlainName
};

// A name as it is compared: folded, without blanks, `-`, `_` and `.`.
std::string PlainName(std::string_view name);

}  // namespace spoor
