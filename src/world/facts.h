// What events of a log state about things and what joins these: data (data/facts.yml), compiled into the program.
//
// Immutable; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "world/acts.h"

namespace spoor {

enum class ThingKind : uint8_t {
  kHost,     // a machine, by its name
  kAddress,  // one that is known by an address
  kProcess,
  kPid,  // a process of which only the number is known, until the time says which it is
  kAccount,
  kSession,  // of a logon
  kFile,
  kService,
  kTask,
  kKey,  // of the registry
  kPipe,
  kScript,  // by its shape (spelling.h)
  kShare,
  kDomain,
  kUrl,
  kGroup,
  kHash,
  kMailbox,
  kObject,  // of a cloud: a store, an application, what a right is to
  kDevice,  // a router at home, by its name and its log
};
const char* ThingKindName(ThingKind kind);  // "host", "process", …

// What joins two things: the first … the second.
enum class LinkKind : uint8_t {
  kStarted,        // a process another
  kInjected,       // a process code into another
  kOpened,         // a process another's memory
  kHas,            // a session a process
  kOwns,           // an account a session, or a process of which no session is known
  kOpenedSession,  // a machine a session on another
  kConnected,      // a process to a machine
  kReached,        // a machine a process
  kAsked,          // a process for a domain
  kWrote,          // a process a file
  kLoaded,         // a process a file
  kRan,            // a file as a process
  kChanged,        // a process a key, a session an account
  kUsed,           // a process a pipe, a script or an account, a service its program, a session a group
  kCreated,        // a session a service or a task
  kTried,          // a machine to log on as an account
};
const char* LinkKindName(LinkKind kind);  // "started", "opened session", …

// Which fields name a thing. What they are depends on its kind.
struct RoleFacts {
  enum Part : uint8_t { kText, kGuid, kPid, kImage, kCommand, kHash, kDomain, kSid, kParts };
  std::string role;
  ThingKind kind;                                       // kAddress: of a machine, by name or address
  std::array<std::vector<std::string>, kParts> fields;  // by part: the first that has a value counts
  std::vector<std::string> elements;                    // of XML in kText: their texts are the name
  bool started = false;                                 // of a process: the event is of its start
  bool here = false;                                    // the machine that tells of the event
};

struct LinkFacts {
  uint8_t from, to;  // indices into EventFacts::roles
  LinkKind kind;
};

struct EventFacts {
  std::string log;               // a Windows log's channel; empty: `source` says which
  SourceTag source;              // what is empty may be any
  std::vector<uint32_t> ids;     // of Windows events; empty: any
  std::vector<RoleFacts> roles;  // none: it tells names of machines alone, and findings in it are as if it told nothing
  std::vector<LinkFacts> links;
  uint8_t about = 0;        // the role that a finding in such an event is about
  bool only_found = false;  // the event counts only where there is a finding in it
  // A field with an address of the machine that tells of the event, where another field has some value.
  struct OwnAddress {
    std::string field, when, is;
  };
  std::vector<OwnAddress> own_addresses;
  // Fields with an address and with the name of the machine that has it, or with its account in a domain ("WS1$").
  struct Named {
    std::vector<std::string> address, name, account;
  };
  std::vector<Named> named;
  // What passed between the roles `source` and `destination`; empty lists: not told.
  struct Flow {
    std::vector<std::string> port, sent, received, duration;
    uint8_t source = 0, destination = 0;
  };
  std::optional<Flow> flow;
  std::string type;  // the field with the kind of a logon, of the entry's first role
  // What the account of such an event did from its source, by the first of these whose fields all have one of their
  // values. What an event with none of them names is left out, but where something is found in it.
  struct ActCase {
    ActKind kind;
    int on = -1;  // the role that it was done to; -1: none
    struct When {
      std::vector<std::string> fields;  // the first that the event has
      std::vector<std::string> values;  // "*" at either end: any text
    };
    std::vector<When> when;
  };
  std::vector<ActCase> acts;
  std::vector<std::string> agent;        // the field with the program that asked
  std::vector<ActCase::When> vouched;    // any of these: by a machine of the organisation's own
  int who = -1, from = -1, device = -1;  // the roles `account`, `source`, `device`
};

class Facts {
 public:
  static const Facts& BuiltIn();

  // Of events of a Windows log; nullptr: nothing is stated.
  const EventFacts* OfWindows(std::string_view channel, uint32_t id) const;
  // Of events of any other source.
  const EventFacts* OfSource(const SourceTag& source) const;
  // What counts for a finding in an event of which nothing is stated.
  const EventFacts& otherwise() const { return otherwise_; }

 private:
  std::vector<EventFacts> events_;
  EventFacts otherwise_;
};

}  // namespace spoor
