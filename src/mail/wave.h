// What a tracking wave is: many mails, each with a link or a hidden image of its own, so that whoever opens one tells
// the sender that it was this recipient, and from where.
//
// Newsletters do the same. What makes a wave of it is the rest: a sender and a host the evidence has no past of, no
// regular history, no way to unsubscribe, a name that is somebody else's, recipients who belong together. Each of these
// speaks for or against; what spoke is told (`reasons`), with how much.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace spoor {

// Where a record lies: the file's number (as who takes events counts them), the record's number and first byte in it.
struct MailPlace {
  uint32_t file = 0;
  uint64_t record = 0, offset = 0;
  bool operator==(const MailPlace&) const = default;
  auto operator<=>(const MailPlace&) const = default;
};

// Somebody (or a machine) who fetched what a wave's mails link to.
struct WaveOpening {
  enum Joined : uint8_t {
    kByLink,     // the link was this recipient's alone
    kByUser,     // the log names a user who is called as the recipient is
    kByAddress,  // another record ties the machine's address to such a user
    kNot,        // a machine, and nothing says whose
  };
  Joined joined = kNot;
  int64_t time = 0;  // the first; microseconds since 1970 UTC
  std::string tenant;
  std::string recipient;     // empty: kNot
  std::string client, user;  // as the log has them
  std::string host;          // that was asked for
  std::vector<MailPlace> places;
};

struct WaveRecipient {
  std::string address, tenant;
  int64_t time = 0;  // of the first message
  std::vector<MailPlace> places;
  bool by_gateway_only = true;  // no mailbox with the message is there
};

struct WaveReason {
  double points = 0;  // for (above 0) or against
  std::string text;
};

struct TrackingWave {
  std::vector<std::string> senders;  // addresses
  std::vector<std::string> names;    // display names
  std::string outlet;                // in whose name; empty: nobody's that can be told
  std::string imitated;              // a domain of the evidence that the outlet is called as; empty: none
  std::vector<std::string> link_hosts;
  std::vector<std::string> subjects;
  int64_t first = 0, last = 0;            // of its messages
  uint64_t messages = 0;                  // records of gateways and mailboxes of one message count once
  std::vector<WaveRecipient> recipients;  // in order of tenant and address
  std::vector<WaveOpening> openings;      // in order of time
  bool gateways_only = false;             // no message was read: of links nothing is known
  double weight = 0;                      // 0 to 1: how sure it is; no probability of anything
  std::vector<WaveReason> reasons;        // the strongest first
};

struct TrackingWaves {
  std::vector<TrackingWave> waves;  // in order of time
  // Mails, links, names beyond the bounds, of which nothing was kept; waves beyond a thousand; senders whose mails were
  // not looked for in all gateways' logs. Which are kept does not depend on the order.
  uint64_t left_out = 0;
};

}  // namespace spoor
