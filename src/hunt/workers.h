// Walks over all of some evidence, by as many workers as asked for.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "evidence/files.h"
#include "hunt/feed.h"
#include "hunt/hunt.h"

namespace spoor {

// Calls work(0) on this thread and work(1) … work(jobs - 1) on others; returns when all are done.
void RunWorkers(unsigned jobs, const std::function<void(unsigned worker)>& work);

// Takes all pieces from the feed: read(worker, piece) is called for each, by the worker that took it, before it is let
// go. After `stop` no further one is taken. `progress`, if given, is called now and then from another thread;
// `events` says, there, how many were read so far.
void ReadAll(Feed* feed, unsigned jobs, const std::atomic<bool>& stop,
             const std::function<void(unsigned worker, const Piece& piece)>& read,
             const std::function<uint64_t()>& events = nullptr,
             const std::function<void(const HuntProgress&)>& progress = nullptr);

// What could not be listed and what could not be read, in order of path.
std::vector<Unread> AllUnread(const EvidenceList& evidence, const Feed& feed);

}  // namespace spoor
