// What the first pass of a trace takes beside what rules find: one for each worker of the hunt.
//
// It spares the second pass most mails: what they tell of waves is taken here, and a file in which nothing is stated
// and nothing was found need not be read again.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "evidence/file_table.h"
#include "hunt/hunt.h"
#include "mail/collector.h"

namespace spoor {

class FirstLook : public Observer {
 public:
  WaveCollector waves;  // MailPlace::file is of the first pass

  void Begin(const Piece& piece, std::string_view tenant) override;
  void OnEvent(const Event& event) override;
  void ShapesDropped() override;

  // True if an event of the file may be of a kind of which facts.yml states something.
  bool States(uint32_t file) const { return file < states_.size() && states_[file]; }

 private:
  uint32_t file_ = 0;
  std::string_view tenant_;
  std::vector<bool> states_;  // by file
  absl::flat_hash_map<const Shape*, bool> shapes_;
  const Shape* last_ = nullptr;  // of the last event: the next one's is nearly always the same
};

// The files in which no first look saw a kind of event of which something is stated. Views are of the table, which
// must live as long. Thread-safe once made.
class SilentFiles {
 public:
  SilentFiles(const FileTable& files, const std::vector<std::unique_ptr<FirstLook>>& looks);
  // `file`: of this or any other table of the same evidence.
  bool Has(const FileTable& files, uint32_t file) const;

 private:
  std::vector<bool> listed_;
  absl::flat_hash_set<std::pair<std::string_view, std::string_view>> in_containers_;  // path and tenant
};

}  // namespace spoor
