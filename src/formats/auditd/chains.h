// Which records are of one event.
//
// Records of an event have the same time and serial number (and node), and come nearly one after the other: those of
// another processor may come in between. A record belongs to the one before it of the same name where that is at most
// kWindow lines back; else it begins an event anew. So what an event is does not depend on where a file is cut, as long
// as no cut falls within one.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "formats/auditd/record.h"
#include "formats/format.h"

namespace spoor::auditd {

inline constexpr uint64_t kWindow = 64;  // lines

// The records of a piece, in order. Not thread-safe; reuse one for many pieces.
class Chains {
 public:
  static constexpr uint32_t kNone = 0xffffffff;
  struct Record {
    RecordHead head;
    uint64_t number = 0;    // of its line
    uint32_t next = kNone;  // the next of its event
    bool first = true;      // of its event
  };

  void Clear();
  void Add(const RecordHead& head, uint64_t number);
  const std::vector<Record>& records() const { return records_; }

 private:
  std::vector<Record> records_;
  absl::flat_hash_map<std::pair<std::string_view, std::string_view>, uint32_t> last_;  // by node and id
};

// Cuts lines where no event goes on. A file that leaves no such place within kMaxRecord bytes is cut anyhow.
std::unique_ptr<Cutter> CutEvents();

}  // namespace spoor::auditd
