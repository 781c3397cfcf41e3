// Who and what is in evidence: one pass over it that collects the names of hosts and users.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "entities/names.h"
#include "hunt/hunt.h"
#include "sigma/sources.h"

namespace spoor {

struct NamesFound {
  std::shared_ptr<const FileTable> files;
  std::vector<Entity> entities;
  std::vector<Unread> unread;  // in order of path
  uint64_t files_read = 0, bytes = 0, events = 0, damage = 0;
  uint64_t left_out = 0;  // names and what joins them, for want of memory (Names::kMaxNames)
  bool partial = false;
};

// Of `options`, jobs, format and container count. `stop` may be set at any time; what was read until then is returned.
// REQUIRES: all arguments outlive the call.
NamesFound CollectNames(const EvidenceList& evidence, const sigma::SourceMap& sources, const HuntOptions& options,
                        const std::atomic<bool>& stop, const std::function<void(const HuntProgress&)>& progress);

}  // namespace spoor
