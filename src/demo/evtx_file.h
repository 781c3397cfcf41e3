// Writing a Windows event log: header block, chunks of 64 KiB, records, checksums (layout: docs/formats/evtx.md).
//
//   EvtxFile log(path, "WS1.acme.example", first_record_number);
//   number = log.Add(event, time);      // in order of time
//   log.Close();
//
// One chunk is kept in memory; full ones are appended to the file, which is open only meanwhile, so that a scenario may
// have thousands of logs. The log looks as after a proper shutdown: not dirty, all numbers of the header right.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "demo/binxml.h"

namespace spoor::demo {

class EvtxFile {
 public:
  EvtxFile(std::string path, std::string computer, uint64_t first_number)
      : path_(std::move(path)), xml_(std::move(computer)), next_(first_number) {}

  // `time`: microseconds since 1970. The record's number. REQUIRES: the event fits into a chunk.
  absl::StatusOr<uint64_t> Add(const LogEvent& event, int64_t time);
  // Writes what is left. Without an event there is no file.
  absl::Status Close();

  uint64_t records() const { return records_; }
  uint64_t bytes() const { return chunks_ == 0 ? 0 : 4096 + chunks_ * kChunkBytes; }

 private:
  bool TryAdd(const LogEvent& event, int64_t time);
  absl::Status EndChunk();
  std::string FileHeader() const;

  std::string path_;
  ChunkXml xml_;
  uint64_t next_, first_in_chunk_ = 0, records_ = 0, chunks_ = 0;
  size_t last_record_at_ = 0;
};

}  // namespace spoor::demo
