// Collecting findings from many threads and writing them in order, in bounded memory.
//
// A Collector is one worker's basket: it renders, and past its budget sorts what it has and spills it as a
// run to a temporary file. FindingSink owns the collectors, merges their runs and writes the result. What is
// written is the same to the byte whatever the number of collectors, the way findings are spread over them,
// and the memory.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "findings/finding.h"
#include "findings/output.h"
#include "findings/renderer.h"
#include "findings/summary.h"

namespace spoor {

// Digest of an evidence file as 64 lower-case hex digits, empty where there is none. The view must live until
// the next call.
using DigestOf = std::function<std::string_view(uint32_t file)>;

// One worker's basket. Not thread-safe: one per thread.
class Collector {
 public:
  ~Collector();
  // Counts the finding and renders it; keeps none of its views. An error (of the temporary file) stays: every
  // later call returns it again.
  absl::Status Add(const Finding& finding);
  // Sorts what is in memory. May be called by the worker after its last Add, so that this is done by all
  // workers at once and not by FindingSink::Finish.
  void Seal();

 private:
  friend class FindingSink;
  struct Impl;
  explicit Collector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class FileOrder;

class FindingSink {
 public:
  // `memory` in bytes bounds what all `collectors` together hold before they spill; a collector may exceed
  // its part by one finding. Finish adds read buffers (4 MiB, where something was spilled) and a write
  // buffer. REQUIRES: renderer and files outlive the sink; collectors > 0.
  FindingSink(const Renderer* renderer, size_t collectors, size_t memory, const FileOrder* files = nullptr);
  ~FindingSink();
  Collector* collector(size_t i);
  // Merges everything in order and writes it: head, findings, tail. Call once, after all workers are done.
  // Does not commit the output.
  absl::Status Finish(const HuntFacts& facts, const DigestOf& digest, Output* output);
  // What was counted, over all collectors. Call after the workers are done.
  Summary summary() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor
