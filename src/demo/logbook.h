// All logs of the scenario, each in order of time.
//
// What happens is told in any order within the days that are being made; FlushBefore then writes what lies before a
// moment, sorted, and numbers it, so that no more than those days is in memory. A record that belongs to a step is told
// to the Truth with its number. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "demo/evtx_file.h"
#include "demo/truth.h"
#include "demo/windows_event.h"

namespace spoor::demo {

using LogId = uint32_t;

class Logbook {
 public:
  // Files are made in `root`; paths are as truth.json names them. Both live longer than this.
  Logbook(std::string root, Truth* truth) : root_(std::move(root)), truth_(truth) {}

  LogId Evtx(const std::string& path, const std::string& computer, uint64_t first_number);
  // `header`: whole lines at its beginning, which count as lines do unless `counts_header` is false. `what`: the kind
  // of its records, for the truth.
  LogId Text(const std::string& path, const std::string& header, std::string what, bool counts_header = true);
  // What the log says from `from` to `to` is not kept: `gap` says why (Truth::AddGap).
  void Lose(LogId log, int64_t from, int64_t to, uint32_t gap);

  // `time` as that machine's clock has it.
  void Add(LogId log, int64_t time, LogEvent event, StepId step);
  void Add(LogId log, int64_t time, std::string line, StepId step);  // without its end
  // A message of a mailbox (mbox): `text` is whole, and counts as one record.
  void AddMessage(LogId log, int64_t time, std::string text, StepId step);
  // A file of its own: a message.
  absl::Status AddFile(const std::string& path, const std::string& bytes, const std::string& what, StepId step);

  absl::Status FlushBefore(int64_t time);
  // Writes all that is left and the counts of all files.
  absl::Status Close();

  uint64_t bytes() const { return bytes_; }
  uint64_t records() const { return records_; }

 private:
  struct Pending {
    int64_t time;
    StepId step;
    LogEvent event;
    std::string line;
    bool message = false;
  };
  struct Loss {
    int64_t from, to;
    uint32_t gap;
  };
  struct Log {
    std::string path, header, what;
    std::optional<EvtxFile> evtx;
    std::vector<Pending> pending;
    std::vector<Loss> losses;
    std::string buffer;  // of text, not yet written
    uint64_t next = 1, records = 0;
    bool begun = false;
  };
  absl::Status Flush(Log* log, int64_t before);
  absl::Status WriteBuffer(Log* log);
  bool Lost(const Log& log, const Pending& pending);

  std::string root_;
  Truth* truth_;
  std::vector<Log> logs_;
  uint64_t bytes_ = 0, records_ = 0;
};

}  // namespace spoor::demo
