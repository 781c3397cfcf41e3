// Who is who: a table of people with their accounts and mailboxes, given by the user (docs/trace.md, "A roster").
//
//     person,organisation,role,account,sid,upn,mail,private_mail,related_to,relation
//     Jane
//     Doe,acme,board,ACME\jane,S-1-5-21-1-2-3-1104,jane@acme.example,jane@acme.example;j.doe@acme.example,jd@mail.example,,
//     Jim Doe,,,,,,,jim@mail.example,Jane Doe,spouse
//
// A table in text as docs/formats/csv.md has it; columns in any order, by name in any case, none but `person` needed.
// A cell may hold several values, ";" between them. UTF-8, UTF-16 with a mark, or Windows-1252. Immutable after Read;
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace spoor {

struct RosterPerson {
  std::string name, organisation, role;
  std::vector<std::string> accounts, sids, mails;  // as AccountName has them; mails: all, private ones too
  std::string related_to, relation;                // "Jane Doe", "spouse"
  uint64_t line = 0;                               // from 1

  // "spouse of Jane Doe"; "": nobody's.
  std::string Related() const;
};

class Roster {
 public:
  static constexpr size_t kMaxBytes = size_t{64} << 20, kMaxPersons = 200'000, kMaxValues = 200, kMaxNotes = 20;

  // `notes`: what is odd and no error, each as "FILE:LINE: …"; at most kMaxNotes and one that counts the rest. `path`
  // is for messages, as all errors name file and line.
  static absl::StatusOr<Roster> Read(std::string_view bytes, const std::string& path, std::vector<std::string>* notes);

  const std::vector<RosterPerson>& persons() const { return persons_; }
  // Numbers of the persons that an account or mailbox of a tenant ("": it is not known whose) is of, ascending. Of
  // several those of that organisation count. `name`: as AccountName has it, a SID, or a mail address. An account
  // without a domain is known within its organisation, or where only one person has it.
  std::vector<uint32_t> Find(std::string_view tenant, std::string_view name) const;

 private:
  std::vector<RosterPerson> persons_;
  // By account with its domain, SID or mail address; by account without.
  std::multimap<std::string, uint32_t, std::less<>> by_name_, by_user_;
};

}  // namespace spoor
