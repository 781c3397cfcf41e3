// What a collector keeps of events until waves are looked for: bounded, and the same whatever the order and the number
// of collectors it came from.
//
// Of each kind of thing those with the smallest ranks are kept, a rank being a hash of what the thing is. Dropping what
// is above the bound early therefore drops nothing that would be kept in the end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/text_set.h"
#include "mail/rank_counts.h"
#include "mail/wave.h"

namespace spoor {

inline constexpr size_t kMaxMails = 300'000;       // messages and recipients, in mailboxes and gateways' logs
inline constexpr size_t kMaxQueueLines = 300'000;  // lines of mail servers that tell of a message in several
inline constexpr size_t kMaxMailHosts = 200'000;   // names (and addresses) that were asked for
inline constexpr size_t kMaxFetches = 4'000;       // of one of them
inline constexpr size_t kMaxAllFetches = 600'000;
inline constexpr size_t kMaxSenders = 200'000;  // domains
inline constexpr size_t kMaxClients = 200'000;  // addresses of which the user is known
inline constexpr size_t kMaxTexts =
    100'000;                                // and half more than are needed: then those of what was dropped are let go
inline constexpr size_t kMaxLinksKept = 6;  // of a message
inline constexpr size_t kMaxRecipientsKept = 16;

using Text = const std::string*;  // in a TextSet; never null

// The same in every run and on every machine.
uint64_t RankOf(std::string_view text);
uint64_t RankOf(const MailPlace& place, uint64_t more);

struct KeptLink {
  Text host, shape;
  uint64_t asked;  // rank of what the server is asked for: host, path, query; of the host alone where only it differs
  bool image, hidden;
};

struct KeptMail {
  uint64_t rank = 0;
  int64_t time = 0;
  MailPlace place;
  Text tenant, sender, domain, name, subject, recipient, id_domain;
  Text envelope;    // shape of the address that failures go to: "bounce-*@service.example"; empty: unknown
  uint64_t id = 0;  // rank of the message id; 0: it has none
  bool gateway = false, can_unsubscribe = false, bulk = false, reply = false, other_signer = false, failed = false;
  std::vector<KeptLink> links;  // such as have a token
};

struct QueueLine {
  enum Kind : uint8_t { kSender, kRecipient, kId };
  uint64_t rank = 0;  // of tenant and queue: lines of one message stay or go together
  Kind kind = kSender;
  int64_t time = 0;
  MailPlace place;
  Text tenant, queue, value;
};

struct Fetch {
  uint64_t rank = 0;
  int64_t time = 0;
  MailPlace place;
  Text tenant, client, user;
  uint64_t asked = 0,
           name = 0;  // as in KeptLink: of all that was asked for, and of a name with a token; 0: none is known
};

// A name (names with a token in their first part are one: "*.a.example"), or an address, that machines asked for.
struct HostSeen {
  int64_t first = INT64_MAX, last = INT64_MIN;
  uint64_t count = 0;
  std::vector<Fetch> fetches;
  std::vector<std::string> addresses;  // it was resolved to, sorted; at most kMaxAddresses
  static constexpr size_t kMaxAddresses = 8;
};

// A domain mails came from.
struct SenderSeen {
  static constexpr size_t kMaxDays = 64;
  int64_t first = INT64_MAX, last = INT64_MIN, written_to = INT64_MAX;
  std::vector<int32_t> days;  // since 1970, sorted, the first kMaxDays of them
};

struct Kept {
  struct Counts {
    RankCounts mails, queue;
  };
  std::shared_ptr<Counts> counts = std::make_shared<Counts>();  // of all collectors

  TextSet pool;
  std::vector<KeptMail> mails;
  std::vector<QueueLine> queue;
  absl::flat_hash_map<std::string, HostSeen> hosts;
  absl::flat_hash_map<std::string, SenderSeen> senders;
  // By tenant, '\n', address of the machine: the one user seen there; empty: there were several.
  absl::flat_hash_map<std::string, std::string> clients;
  absl::flat_hash_map<std::string, int64_t> mail_begins;  // by tenant: its first mail
  absl::flat_hash_map<std::string, int64_t> web_begins;   // by tenant: the first name asked for
  uint64_t taken = 0;                                     // mails and lines that were given
  size_t fetches = 0;
  uint64_t fetch_bound = UINT64_MAX;  // of names with this rank or more, what was fetched is not kept

  // Counted, too.
  void Keep(KeptMail mail);
  void Keep(const QueueLine& line);
  void Keep(const Fetch& fetch, HostSeen* host);  // not counted

  // Drops what is above the bounds of all collectors. `slack`: only where there is so much more than after the last
  // time.
  void Prune(double slack);
  void Add(Kept&& other);

 private:
  template <typename T>
  bool PruneRanked(const RankCounts& counts, size_t most, size_t* last, double slack, std::vector<T>* all) const;
  void PruneFetches();
  void Repool();
  template <typename Fn>
  void ForEachText(Fn&& fn);  // of all but keys

  size_t mails_left_ = 0, queue_left_ = 0, pool_left_ = 0;  // after the last time
};

}  // namespace spoor
