#include "hunt/workers.h"

#include <algorithm>
#include <thread>
#include <tuple>

#include "hunt/ticker.h"

namespace spoor {

void RunWorkers(unsigned jobs, const std::function<void(unsigned)>& work) {
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < jobs; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& t : threads) t.join();
}

void ReadAll(Feed* feed, unsigned jobs, const std::atomic<bool>& stop,
             const std::function<void(unsigned, const Piece&)>& read, const std::function<uint64_t()>& events,
             const std::function<void(const HuntProgress&)>& progress) {
  const auto tick = [&] {
    HuntProgress p;
    p.bytes_total = feed->bytes_total();
    p.bytes = feed->bytes_passed();
    p.events = events();
    progress(p);
  };
  const Ticker ticker(progress ? std::function<void()>(tick) : nullptr);
  RunWorkers(jobs, [&](unsigned worker) {
    while (true) {
      if (stop.load(std::memory_order_relaxed)) feed->Stop();
      const std::shared_ptr<Piece> piece = feed->Take(worker);
      if (piece == nullptr) break;
      feed->Digest(piece);
      read(worker, *piece);
      feed->Done(piece);
    }
  });
}

std::vector<Unread> AllUnread(const EvidenceList& evidence, const Feed& feed) {
  std::vector<Unread> all = evidence.unread;
  all.insert(all.end(), feed.unread().begin(), feed.unread().end());
  std::sort(all.begin(), all.end(),
            [](const Unread& a, const Unread& b) { return std::tie(a.path, a.reason) < std::tie(b.path, b.reason); });
  return all;
}

}  // namespace spoor
