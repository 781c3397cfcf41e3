#include "mail/kept.h"

#include <algorithm>
#include <iterator>

#include "base/release.h"

namespace spoor {
namespace {

uint64_t Mixed(uint64_t x) {  // the finish of SplitMix64
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

// Keeps the `most` of smallest rank. Those of equal rank, which are things that belong together, stay or go together.
template <typename T>
void KeepSmallest(std::vector<T>* all, size_t most) {
  if (all->size() <= most) return;
  std::vector<uint64_t> ranks;
  for (const T& t : *all) ranks.push_back(t.rank);
  std::nth_element(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(most), ranks.end());
  const uint64_t bound = ranks[most];
  std::erase_if(*all, [&](const T& t) { return t.rank >= bound; });
  if (all->capacity() > 2 * all->size()) all->shrink_to_fit();
}

template <typename Map>
void KeepSmallestKeys(Map* map, size_t most) {
  if (map->size() <= most) return;
  std::vector<uint64_t> ranks;
  for (const auto& [key, value] : *map) ranks.push_back(RankOf(key));
  std::nth_element(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(most), ranks.end());
  const uint64_t bound = ranks[most];
  absl::erase_if(*map, [&](const auto& entry) { return RankOf(entry.first) >= bound; });
}

void Least(absl::flat_hash_map<std::string, int64_t>&& from, absl::flat_hash_map<std::string, int64_t>* to) {
  for (const auto& [key, time] : from) {
    const auto [at, is_new] = to->try_emplace(key, time);
    if (!is_new) at->second = std::min(at->second, time);
  }
}

template <typename T>
void MergeSorted(const std::vector<T>& from, size_t most, std::vector<T>* to) {
  to->insert(to->end(), from.begin(), from.end());
  std::sort(to->begin(), to->end());
  to->erase(std::unique(to->begin(), to->end()), to->end());
  if (to->size() > most) to->resize(most);
}

}  // namespace

uint64_t RankOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return Mixed(hash ^ text.size());
}

uint64_t RankOf(const MailPlace& place, uint64_t more) {
  return Mixed(Mixed(Mixed(place.file + 0x9e3779b97f4a7c15u) ^ place.offset) ^ place.record) ^ Mixed(more + 1);
}

template <typename Fn>
void Kept::ForEachText(Fn&& fn) {
  for (KeptMail& mail : mails) {
    for (Text* text : {&mail.tenant, &mail.sender, &mail.domain, &mail.name, &mail.subject, &mail.recipient,
                       &mail.id_domain, &mail.envelope}) {
      fn(text);
    }
    for (KeptLink& link : mail.links) {
      fn(&link.host);
      fn(&link.shape);
    }
  }
  for (QueueLine& line : queue) {
    for (Text* text : {&line.tenant, &line.queue, &line.value}) fn(text);
  }
  for (auto& [name, host] : hosts) {
    for (Fetch& fetch : host.fetches) {
      for (Text* text : {&fetch.tenant, &fetch.client, &fetch.user}) fn(text);
    }
  }
}

void Kept::Keep(KeptMail mail) {
  counts->mails.Count(mail.rank);
  mails.push_back(std::move(mail));
}

void Kept::Keep(const QueueLine& line) {
  counts->queue.Count(line.rank);
  queue.push_back(line);
}

void Kept::Keep(const Fetch& fetch, HostSeen* host) {
  host->fetches.push_back(fetch);
  ++fetches;
  if (host->fetches.size() <= kMaxFetches + kMaxFetches / 4) return;
  fetches -= host->fetches.size();
  KeepSmallest(&host->fetches, kMaxFetches);
  fetches += host->fetches.size();
}

// True: some were dropped.
template <typename T>
bool Kept::PruneRanked(const RankCounts& counts, size_t most, size_t* last, double slack, std::vector<T>* all) const {
  constexpr size_t kLeast = 20'000;  // fewer are not worth the while
  const size_t before = all->size();
  if (slack <= 1) {
    KeepSmallest(all, most);
  } else if (before >= kLeast && static_cast<double>(before) >= static_cast<double>(*last) * slack) {
    const uint64_t bound = counts.Bound(most);
    if (bound != UINT64_MAX) std::erase_if(*all, [&](const T& t) { return t.rank >= bound; });
    *last = all->size();
  }
  return all->size() < before;
}

void Kept::Prune(double slack) {
  const auto is_over = [&](size_t size, size_t most) {
    return static_cast<double>(size) > static_cast<double>(most) * slack;
  };
  bool pruned = PruneRanked(counts->mails, kMaxMails, &mails_left_, slack, &mails);
  pruned = PruneRanked(counts->queue, kMaxQueueLines, &queue_left_, slack, &queue) || pruned;
  if (is_over(senders.size(), kMaxSenders)) KeepSmallestKeys(&senders, kMaxSenders);
  if (is_over(clients.size(), kMaxClients)) KeepSmallestKeys(&clients, kMaxClients);
  if (is_over(hosts.size(), kMaxMailHosts) || is_over(fetches, kMaxAllFetches)) {
    KeepSmallestKeys(&hosts, kMaxMailHosts);
    PruneFetches();
    pruned = true;
  }
  if (pruned && slack > 1 && pool.size() > std::max(kMaxTexts, pool_left_ * 3 / 2)) Repool();
}

void Kept::PruneFetches() {
  // Of all names together: those of smallest rank up to the first that has no room, the others without what was
  // fetched.
  std::vector<std::pair<uint64_t, HostSeen*>> ranked;
  for (auto& [name, host] : hosts) {
    KeepSmallest(&host.fetches, kMaxFetches);
    ranked.emplace_back(RankOf(name), &host);
  }
  std::sort(ranked.begin(), ranked.end());
  fetches = 0;
  for (const auto& [rank, host] : ranked) {
    if (fetches + host->fetches.size() > kMaxAllFetches) fetch_bound = std::min(fetch_bound, rank);
    if (rank >= fetch_bound) Release(&host->fetches);
    fetches += host->fetches.size();
  }
}

void Kept::Repool() {
  TextSet kept;
  ForEachText([&](Text* text) { *text = kept.Put(**text); });
  pool = std::move(kept);
  pool_left_ = pool.size();
}

void Kept::Add(Kept&& other) {
  other.ForEachText([&](Text* text) { *text = pool.Put(**text); });
  std::move(other.mails.begin(), other.mails.end(), std::back_inserter(mails));
  queue.insert(queue.end(), other.queue.begin(), other.queue.end());
  for (auto& [name, from] : other.hosts) {
    HostSeen& to = hosts[name];
    to.first = std::min(to.first, from.first);
    to.last = std::max(to.last, from.last);
    to.count += from.count;
    MergeSorted(from.addresses, HostSeen::kMaxAddresses, &to.addresses);
    to.fetches.insert(to.fetches.end(), from.fetches.begin(), from.fetches.end());
  }
  for (auto& [name, from] : other.senders) {
    SenderSeen& to = senders[name];
    to.first = std::min(to.first, from.first);
    to.last = std::max(to.last, from.last);
    to.written_to = std::min(to.written_to, from.written_to);
    MergeSorted(from.days, SenderSeen::kMaxDays, &to.days);
  }
  for (auto& [client, user] : other.clients) {
    const auto [at, is_new] = clients.try_emplace(client, user);
    if (!is_new && at->second != user) at->second.clear();
  }
  Least(std::move(other.mail_begins), &mail_begins);
  Least(std::move(other.web_begins), &web_begins);
  taken += other.taken;
  fetch_bound = std::min(fetch_bound, other.fetch_bound);
  KeepSmallestKeys(&hosts, kMaxMailHosts);
  PruneFetches();
  Prune(1);
}

}  // namespace spoor
