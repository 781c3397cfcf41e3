// Names of people replaced by pseudonyms that stay the same: "person-1a2b3c4d" for who is in a roster, "account-…" for
// an account or mailbox that no roster knows.
//
//     Redactor redact(key);
//     redact.AddPerson(person);  redact.AddAccount("acme\\jane");
//     redact.Seal();
//     redact.Text("C:\\Users\\Jane\\x.docx");    // "C:\\Users\\person-1a2b3c4d\\x.docx"
//
// A pseudonym is made of the name and the key alone (HMAC-SHA-256, RFC 2104, its first 32 bits; more where two names
// would have the same), so that the same key gives the same one in every run, and nobody without the key can try
// names out. Names are looked for as whole words, in any case, whatever stands between their parts ("Doe, Jane",
// "jane.doe", "acme\\jane", "jane%40acme"); what is no word of its own ("xjanex", a name in base64) is not found. Names
// that are the same everywhere ("Administrator") are nobody's and stay; so do names of less than three letters, but for
// where they stand with their domain.
//
// Not thread-safe until Seal; then immutable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "campaign/roster.h"

namespace spoor {

struct TraceResult;

class Redactor {
 public:
  // REQUIRES: a key that is not empty.
  explicit Redactor(std::string key) : key_(std::move(key)) {}

  void AddPerson(const RosterPerson& person);
  // "acme\jane", "jane" or an address. Accounts that a person has been added with are that person's.
  void AddAccount(std::string_view account);
  // No more is added, and texts can be redacted.
  void Seal();

  std::string Text(std::string_view text) const;
  // A JSON text: its values, not its keys, nor what stands under keys with words of the program's own ("state").
  std::string Json(std::string_view json) const;

 private:
  static constexpr size_t kMaxWords = 16;  // of a name
  struct Found {
    size_t end = 0;
    uint32_t whose = 0;
  };
  Found FindAt(std::string_view text, size_t at) const;
  void AddName(std::string_view name, uint32_t whose);
  void AddUser(std::string_view user, uint32_t whose);

  std::string key_;
  std::vector<std::string> identities_, pseudonyms_;
  std::unordered_map<std::string, uint32_t> numbers_;    // by identity
  std::unordered_map<std::string, uint32_t> sequences_;  // by words with a space between
  std::unordered_set<std::string> beginnings_;           // of these, each with fewer words
};

// All names of people that a trace and, if there is one, a roster know. Sealed.
Redactor RedactorOf(std::string key, const TraceResult& result, const Roster* roster);

// 32 bytes. RFC 2104 with SHA-256.
std::string Hmac(std::string_view key, std::string_view text);

}  // namespace spoor
