// Writing findings as they come, in order of evidence (--no-sort).
//
// Evidence is read in slots (files, and archives with all that is in them), each in pieces, by many threads. A
// worker renders the findings of its piece into a RenderedPiece and hands it over; pieces are written in order of
// slot and of number in it, both from 0, as early as possible: when all pieces before are written, and the digest
// of the piece's file is known or the piece has no gap for one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "findings/output.h"
#include "findings/renderer.h"

namespace spoor {

// The findings of one piece of evidence, in order of offset (then rule). Owns its bytes. Not thread-safe.
struct RenderedPiece {
  uint32_t file = 0;
  std::string bytes;
  std::vector<size_t> gaps;  // offsets in bytes, ascending

  // Renders a finding at the end. REQUIRES: finding.file == file.
  void Add(const Renderer& renderer, const Finding& finding);
};

// Thread-safe. A call may write, and then takes as long as the output takes; others wait, so that a slow
// reader slows the hunt down instead of filling memory.
class OrderedStream {
 public:
  // Writes the renderer's head at once. `memory` in bytes bounds what waits in memory; beyond it, waiting
  // pieces go to a temporary file. With `digests` false no digest is waited for, and none is written.
  // REQUIRES: !renderer->needs_summary() (else every call returns kInvalidArgument); renderer and output
  // outlive it.
  OrderedStream(const Renderer* renderer, Output* output, size_t memory, bool digests);
  ~OrderedStream();

  // Every piece must be finished exactly once, with or without findings. An error (of the output or the
  // temporary file) stays: every later call returns it again.
  absl::Status Finish(uint32_t slot, uint64_t number, RenderedPiece rendered);
  // A slot has so many pieces. Once per slot, before or after they are finished.
  absl::Status EndSlot(uint32_t slot, uint64_t pieces);
  // The digest of a file as 64 lower-case hex digits, or "" if it has none. Once per file that has findings.
  absl::Status DigestKnown(uint32_t file, std::string_view digest);
  // Writes what still waits, in order of number: pieces whose digest never became known without it, and gaps
  // in the numbering (of a hunt that was stopped) are skipped. Then the renderer's tail. Does not commit the
  // output.
  absl::Status Close(const Summary& summary, const HuntFacts& facts);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor
