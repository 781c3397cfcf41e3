// One worker's pass over evidence that notes what events state: into a world of its own.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "hunt/feed.h"
#include "world/clues.h"
#include "world/facts.h"
#include "world/first_look.h"
#include "world/world.h"

namespace spoor {

// What an event that something was found in is about.
struct FoundAt {
  uint32_t clue, file;
  ThingId about, host;
  std::vector<ThingId> with;
};

class FactNoter : public Sink {
 public:
  FactNoter(const FileTable& files, const Clues& clues, const SilentFiles& silent, const HuntOptions& options)
      : world(files), files_(files), clues_(clues), silent_(silent), options_(options), readers_(options.format) {}

  World world;
  std::vector<FoundAt> found;
  std::atomic<uint64_t> events{0};  // may be read at any time

  void Read(const Piece& piece);
  void OnEvent(const Event& event) override;
  void OnDamage(const Damage&) override {}
  void ShapesDropped() override { plans_.clear(); }

  // All is read: lets go what reading took. What was noted stays.
  void Done();

 private:
  // Where a shape has what an entry of the facts asks for; -1: nowhere.
  struct Role {
    std::array<std::vector<int>, RoleFacts::kParts> fields;
    bool there = false;
  };
  struct Plan {
    const EventFacts* facts = nullptr;
    std::vector<Role> roles;
    std::vector<std::pair<int, int>> own_addresses;  // and the field that must have a value
    struct Named {
      std::vector<int> address, name, account;
    };
    std::vector<Named> named;
    int type = -1;
    std::vector<int> port, sent, received, duration;
    struct When {
      std::vector<int> fields;
      const std::vector<std::string>* values;
    };
    std::vector<std::pair<const EventFacts::ActCase*, std::vector<When>>> acts;
    std::vector<int> agent;
    std::vector<When> vouched;
  };
  struct ShapePlans {
    int host = -1;
    std::vector<std::pair<std::pair<std::string, uint32_t>, std::unique_ptr<Plan>>> of_windows;  // by channel and id
    Plan plain;
    std::unique_ptr<Plan> otherwise;  // made when something is found in an event of which nothing is stated
    bool is_windows = false;
    // The last event's channel and id as they lie in the evidence, and its plan: the next one's are nearly always the
    // same.
    std::string last_channel, last_id;
    ValueType last_types[2] = {};
    const Plan* last = nullptr;
  };

  ShapePlans& PlansOf(const Shape& shape);
  Plan MakePlan(const Shape& shape, const EventFacts* facts) const;
  const Plan* PlanOf(ShapePlans* plans, const Event& event);
  std::string_view TextOf(const Event& event, const std::vector<int>& fields, std::string* to) const;
  std::string_view TextOf(const Event& event, int field, std::string* to) const;
  ThingId HostOf(const Event& event, const ShapePlans& plans);
  ThingId ThingOf(const Event& event, const RoleFacts& facts, const Role& role, ThingId host);
  ThingId ProcessOf(const Event& event, const Role& role, bool started, ThingId host);
  ThingId AccountOf(const Event& event, const Role& role, ThingId host);
  ThingId MachineOf(std::string_view text);
  ThingId NamedMachine(std::string_view text);
  ThingId DeviceOf(std::string_view host);
  bool Holds(const Event& event, const Plan::When& when);
  const EventFacts::ActCase* ActOf(const Event& event, const Plan& plan);
  bool IsWanted(const EventFacts& facts, size_t role, const EventFacts::ActCase* act) const;
  void NoteAct(const Event& event, const Plan& plan, const EventFacts::ActCase& act, ThingId host);
  ThingId SignedIn(const Event& event, const EventFacts& facts);
  void NoteNames(const Event& event, const Plan& plan, ThingId host);
  void NoteMore(const Event& event, const Plan& plan, ThingId host, const std::vector<ThingId>& things);

  const FileTable& files_;
  const Clues& clues_;
  const SilentFiles& silent_;
  const HuntOptions& options_;
  std::optional<PieceReaders> readers_;
  uint32_t file_ = 0, path_ = ~0u;
  uint32_t log_ = ~0u;    // the file that log_name_ is of
  std::string log_name_;  // LogName
  std::string_view tenant_, piece_host_;
  absl::flat_hash_map<const Shape*, std::unique_ptr<ShapePlans>> plans_;
  absl::flat_hash_map<uint64_t, ThingId> hosts_;  // by hash of tenant and name
  std::vector<ThingId> things_;
  std::string text_, more_, image_, command_, hash_, key_;
  std::string host_text_, host_tenant_;  // of the last event
  ThingId host_ = kNoThing;
};

}  // namespace spoor
