// What was done from where: sign-ins, mail that was read, rights that were given, requests to a web server. All that is
// alike is one act, with the days on which it was done and the first of its records.
//
// Memory is bounded: kMaxActs, and of each act kMaxPlaces records, kMaxDays days and kMaxWays ways; what is left out of
// the number of acts is counted. What is kept does not depend on the order in which it comes. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "entities/names.h"

namespace spoor {

using ThingId = uint32_t;

enum class ActKind : uint8_t {
  kSignedIn,
  kFailed,      // to sign in, for a wrong password or name
  kWorked,      // anything else that shows that an account is there
  kReadMail,    // on: a mailbox
  kGaveRight,   // to a mailbox
  kConsented,   // to an application
  kForwarded,   // mail, by a rule
  kListed,      // what there is in a store
  kFetched,     // objects of a store
  kGotAddress,  // a machine far away one inside, or a router one of its provider
  kAdminLogin,  // to a router
  kAdminFailed,
  kReconfigured,  // a router: ports, names, rules, program
  kPosted,        // data to a page that answered
  kAsked,         // for such a page otherwise
};
// As data/facts.yml names them: "signed in", "failed", …; -1: no such.
int ActKindOf(std::string_view name);

struct Act {
  ActKind kind;
  ThingId who, from, on, at;  // an account, an address, what it was done to, a machine; each may be ~0u: none
  uint64_t count = 0;
  uint64_t vouched = 0;  // of them by a machine that the organisation knows as its own
  int64_t first = 0, last = 0;
  std::vector<int32_t> days;        // since 1970, in order
  std::vector<RecordPlace> places;  // in order of time
  // Fingerprints, in order: of the programs that did it; of kFailed of the accounts; of kAsked of those who asked.
  std::vector<uint32_t> ways;
};

class Acts {
 public:
  static constexpr size_t kMaxActs = 1'000'000, kMaxPlaces = 64, kMaxDays = 400, kMaxWays = 24;

  explicit Acts(const FileTable& files) : files_(&files) {}

  // `one` says kind, who, from, on and at. `way`: 0: not known.
  void Add(const Act& one, const RecordPlace& place, uint32_t way, bool vouched);
  // `to`: by number of a thing there its number here.
  void Take(const Acts& other, const std::vector<ThingId>& to);
  // Numbers of things change; then they are in order.
  void Settle(const std::vector<ThingId>& to);

  const std::vector<Act>& all() const { return acts_; }
  uint64_t left_out() const { return left_out_; }

 private:
  using Key = std::tuple<ActKind, ThingId, ThingId, ThingId, ThingId>;
  Act* Find(const Act& like);
  bool Before(const RecordPlace& a, const RecordPlace& b) const;
  void Merge(Act* into, const Act& from) const;

  const FileTable* files_;
  std::vector<Act> acts_;
  absl::flat_hash_map<Key, uint32_t> by_key_;
  uint64_t left_out_ = 0;
};

// Tells texts apart; letters' case means nothing. Of user agents digits mean nothing either, as they change from week
// to week. 0: there is nothing in it.
uint32_t Fingerprint(std::string_view text, bool digits);

}  // namespace spoor
