// Names of hosts and users, those of one thing brought together, each with the record that proves it.
//
// Some names are of one thing and no other: a user's security identifier, the id a service gave, a principal name; a
// host's full name. They are *firm*. Others are *loose*: ACME\jane may have been given twice, WS1 may be of two
// domains. What one event names together belongs together: firm names that an event joins are one thing; a loose name
// belongs to each thing with whose firm name some event shows it. A host's short name belongs to the full name that
// begins with it, where the tenant has one such; where it has several, that is said.
//
// Tenants are never mixed. Letters' case means nothing. Memory is bounded by kMaxNames and kMaxLinks; what is left out
// is counted. Not thread-safe: one for each worker, put together by Take.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "evidence/file_table.h"

namespace spoor {

enum class EntityKind : uint8_t { kHost, kUser };
enum class NameForm : uint8_t { kSid, kId, kUpn, kFullName, kAccount, kShortName };  // the first four are firm
const char* NameFormName(NameForm form);  // "sid", "id", "upn", "full name", "account", "short name"

// A record of evidence.
struct RecordPlace {
  int64_t time = 0;  // microseconds; 0: it has none
  uint32_t file = 0;
  uint64_t record = 0, offset = 0;
};

struct EntityName {
  std::string name;  // of several spellings the last in order of bytes, which has more small letters
  NameForm form;
  RecordPlace proof;    // of the first record that has it together with a firm name; of that itself, the first it is in
  bool shared = false;  // it belongs to another thing, too
};

struct Entity {
  std::string tenant;
  EntityKind kind;
  std::vector<EntityName> names;  // firm ones first; never empty
  uint64_t events = 0;            // that name it
  int64_t first = 0, last = 0;    // of those with a time; 0: none has
};

// How an event names something.
struct NameGiven {
  NameForm form;
  std::string_view text;
};

class Names {
 public:
  static constexpr size_t kMaxNames = 1'000'000, kMaxLinks = 2'000'000;
  static constexpr size_t kMaxTogether = 5;  // names of one thing in one event
  static constexpr size_t kMaxText = 512;    // bytes; longer texts are no names

  explicit Names(const FileTable& files) : files_(files) {}

  // What is known of names that were given together before; Count says that they are again.
  struct Known {
    std::array<uint32_t, kMaxTogether> names;
    std::array<uint32_t, kMaxTogether> links;  // from the first, firm, name to each other
    uint8_t count = 0;
    bool linked = false;
  };
  // What follows, up to the next call, is of one event: it counts once for each name.
  void NextEvent() { ++event_; }
  // An event names one thing by all of these. REQUIRES: 1 to kMaxTogether names, in the order of NameForm.
  Known Add(EntityKind kind, std::string_view tenant, const std::vector<NameGiven>& given, const RecordPlace& place);
  void Count(const Known& known, const RecordPlace& place);

  void Take(const Names& other);
  // In order of tenant, kind and name.
  std::vector<Entity> Finish() const;
  uint64_t left_out() const { return left_out_; }

 private:
  struct Name {
    std::string tenant, text;
    EntityKind kind;
    NameForm form;
    uint64_t events = 0;
    int64_t last = 0;
    RecordPlace first;
    uint64_t counted = 0;  // the event that was counted last
  };
  struct Link {
    uint32_t a, b;
    RecordPlace proof;
  };
  static constexpr uint32_t kNone = ~0u;

  // The number of a name; kNone: there are too many.
  uint32_t NumberOf(EntityKind kind, std::string_view tenant, NameForm form, std::string_view text,
                    const RecordPlace& place);
  uint32_t LinkOf(uint32_t a, uint32_t b, const RecordPlace& proof);
  bool Before(const RecordPlace& a, const RecordPlace& b) const;

  const FileTable& files_;
  std::vector<Name> names_;
  std::vector<Link> links_;
  absl::flat_hash_map<std::string, uint32_t> by_text_;
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, uint32_t> by_ends_;
  uint64_t left_out_ = 0, event_ = 0;
};

}  // namespace spoor
