// From what was kept to waves.
//
//     mails with links of their own ──> by host of the link (by sender, where many use the host) ──> candidates
//     candidates + what gateways say of the same messages, of the same sender ──> whom it went to
//     what speaks for and against (weigh.cc) ──> those that weigh enough
//     what was fetched from their hosts (openings.cc) ──> who opened
//
// What gateways alone tell (no mailbox, so no links) is looked at last, and weighs little.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "mail/candidate.h"
#include "mail/collector.h"
#include "mail/link_shape.h"

namespace spoor {
namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr size_t kLeastRecipients = 5;
constexpr size_t kLeastByGateways = 20;
constexpr int64_t kLongestWave = 21 * kDay;  // what goes on for longer is no wave but a newsletter
constexpr size_t kMaxPlaces = 64;            // of one recipient, of one opening
constexpr size_t kMaxWaves = 1000;           // the strongest: more nobody reads
// Looks at mails of gateways for all candidates together: hostile senders may make each candidate known by what all
// mails have.
constexpr uint64_t kMaxLooks = 50'000'000;

bool Before(const KeptMail* a, const KeptMail* b) {
  return std::tie(a->time, a->place, *a->recipient) < std::tie(b->time, b->place, *b->recipient);
}

class Finder {
 public:
  explicit Finder(const Kept& kept) : kept_(kept), names_(kept) {}

  TrackingWaves Find() {
    Sort();
    TrackingWaves out;
    const auto take = [&](Candidate* candidate, double least) {
      Weigh(kept_, names_, candidate);
      if (candidate->points < least) return false;
      out.waves.push_back(Make(*candidate));
      return true;
    };
    uint64_t not_looked_for = 0;
    std::vector<Candidate> candidates = FromLinks();
    for (const Candidate& candidate : candidates) NoteKnownBy(candidate);
    for (size_t i = 0; i < candidates.size(); ++i) {
      Candidate& candidate = candidates[i];
      AddGateways(i, &candidate);
      not_looked_for += looked_enough_;
      if (candidate.Recipients() < kLeastRecipients || !take(&candidate, kLeastPoints)) continue;
      for (const KeptMail* mail : candidate.mails) used_.insert(mail);
    }
    for (Candidate& candidate : FromGateways()) {
      if (candidate.Recipients() >= kLeastByGateways) take(&candidate, kLeastPointsOfGateways);
    }
    if (out.waves.size() > kMaxWaves) {
      std::stable_sort(out.waves.begin(), out.waves.end(),
                       [](const TrackingWave& a, const TrackingWave& b) { return a.weight > b.weight; });
      out.left_out += out.waves.size() - kMaxWaves;
      out.waves.resize(kMaxWaves);
    }
    std::sort(out.waves.begin(), out.waves.end(), [](const TrackingWave& a, const TrackingWave& b) {
      return std::tie(a.first, a.senders, a.link_hosts) < std::tie(b.first, b.senders, b.link_hosts);
    });
    out.left_out += kept_.taken - std::min<uint64_t>(kept_.taken, kept_.mails.size() + kept_.queue.size());
    out.left_out += not_looked_for;
    return out;
  }

 private:
  void Sort() {
    for (const KeptMail& mail : kept_.mails) (mail.gateway ? gateways_ : messages_).push_back(&mail);
    std::sort(messages_.begin(), messages_.end(), Before);
    std::sort(gateways_.begin(), gateways_.end(), Before);
    for (const KeptMail* mail : gateways_) {
      by_.trait[kDomain][*mail->domain].push_back(mail);
      if (!mail->id_domain->empty()) by_.trait[kIdDomain][*mail->id_domain].push_back(mail);
      if (!mail->envelope->empty()) by_.trait[kEnvelope][*mail->envelope].push_back(mail);
      if (mail->id != 0) by_.id[mail->id].push_back(mail);
    }
    for (const KeptMail* mail : messages_) {
      senders_of_id_domain_[*mail->id_domain].insert(*mail->domain);
      senders_of_envelope_[*mail->envelope].insert(*mail->domain);
    }
    for (const KeptMail* mail : messages_) {
      for (const KeptLink& link : mail->links) readers_[link.asked].insert(*mail->recipient);
    }
  }

  bool IsOwn(const KeptLink& link) const { return readers_.at(link.asked).size() == 1; }

  // Mails whose links of their own lead to one host; a host that many use (a service that counts clicks) by sender.
  std::vector<Candidate> FromLinks() {
    std::map<std::string_view, std::vector<const KeptMail*>> by_host;
    for (const KeptMail* mail : messages_) {
      std::set<std::string_view> hosts;
      for (const KeptLink& link : mail->links) {
        if (IsOwn(link)) hosts.insert(*link.host);
      }
      for (const std::string_view host : hosts) by_host[host].push_back(mail);
    }
    std::vector<Candidate> out;
    for (const auto& [host, mails] : by_host) {
      if (mails.back()->time - mails.front()->time <= kLongestWave) {
        Offer(host, mails, &out);
        continue;
      }
      std::map<std::string_view, std::vector<const KeptMail*>> by_domain;
      for (const KeptMail* mail : mails) by_domain[*mail->domain].push_back(mail);
      for (const auto& [domain, of_sender] : by_domain) {
        if (of_sender.back()->time - of_sender.front()->time <= kLongestWave) Offer(host, of_sender, &out);
      }
    }
    offered_.clear();
    for (Candidate& candidate : out) std::sort(candidate.mails.begin(), candidate.mails.end(), Before);
    return out;
  }

  // The same mails may link to several hosts: one candidate, the first that has half of them, or of whose mails it has
  // half.
  void Offer(std::string_view host, const std::vector<const KeptMail*>& mails, std::vector<Candidate>* out) {
    std::map<size_t, size_t> same;  // by candidate: mails that it has
    for (const KeptMail* mail : mails) {
      if (const auto at = offered_.find(mail); at != offered_.end()) {
        for (const size_t candidate : at->second) ++same[candidate];
      }
    }
    const auto it = std::find_if(same.begin(), same.end(), [&](const auto& of) {
      return 2 * of.second >= std::min((*out)[of.first].mails.size(), mails.size());
    });
    const size_t number = it == same.end() ? out->size() : it->first;
    Candidate& candidate = it == same.end() ? out->emplace_back() : (*out)[number];
    candidate.hosts.insert(std::string(host));
    for (const KeptMail* mail : mails) {
      std::vector<size_t>& of = offered_[mail];
      if (std::find(of.begin(), of.end(), number) != of.end()) continue;
      of.push_back(number);
      candidate.mails.push_back(mail);
    }
  }

  // By what gateways may know a candidate's mails.
  enum Trait : uint8_t { kDomain, kIdDomain, kEnvelope, kTraits };
  struct KnownBy {
    std::set<std::string_view> by[kTraits], senders, subjects;
    int64_t first = 0, last = 0;
    // How far a time is from those of its messages.
    int64_t From(int64_t time) const { return time < first ? first - time : time > last ? time - last : 0; }
  };

  void NoteKnownBy(const Candidate& candidate) {
    const size_t number = known_by_.size();
    KnownBy& known = known_by_.emplace_back();
    known.first = candidate.mails.front()->time;
    known.last = candidate.mails.back()->time;
    for (const KeptMail* mail : candidate.mails) {
      known.by[kDomain].insert(*mail->domain);
      known.senders.insert(*mail->sender);
      known.subjects.insert(*mail->subject);
      // Ids and envelopes of a service are in the mails of all its customers.
      if (senders_of_id_domain_[*mail->id_domain].size() == 1) known.by[kIdDomain].insert(*mail->id_domain);
      if (senders_of_envelope_[*mail->envelope].size() == 1) known.by[kEnvelope].insert(*mail->envelope);
    }
    for (uint8_t trait = 0; trait < kTraits; ++trait) {
      known.by[trait].erase("");
      for (const std::string_view what : known.by[trait]) candidates_of_[trait][what].push_back(number);
    }
  }

  // False: there were enough for all candidates together.
  bool Look(uint64_t times = 1) {
    looks_ += times;
    looked_enough_ |= looks_ > kMaxLooks;
    return !looked_enough_;
  }

  // Where several candidates are known by the same: which of them is meant, by the subject, else by the time.
  bool IsMeant(const KeptMail& mail, size_t number, Trait trait, std::string_view what) {
    const KnownBy& mine = known_by_[number];
    for (const size_t i : candidates_of_[trait].at(what)) {
      if (i == number) continue;
      if (!mail.subject->empty()) return mine.subjects.contains(*mail.subject);
      if (!Look()) return false;
      const int64_t ours = mine.From(mail.time), theirs = known_by_[i].From(mail.time);
      if (theirs < ours || (theirs == ours && i < number)) return false;
    }
    return true;
  }

  void AddGateways(size_t number, Candidate* candidate) {
    const KnownBy& known = known_by_[number];
    std::set<const KeptMail*> more;
    std::set<uint64_t> ids;
    for (const KeptMail* mail : candidate->mails) {
      if (mail->id != 0) ids.insert(mail->id);
    }
    for (const uint64_t id : ids) {
      const auto at = by_.id.find(id);
      if (at == by_.id.end() || !Look(at->second.size())) continue;
      more.insert(at->second.begin(), at->second.end());
    }
    const int64_t from = known.first - 2 * kDay, to = known.last + 7 * kDay;
    const auto add = [&](Trait trait, auto&& is_it) {
      for (const std::string_view what : known.by[trait]) {
        const auto at = by_.trait[trait].find(what);
        if (at == by_.trait[trait].end()) continue;
        for (const KeptMail* mail : at->second) {
          if (!Look()) return;
          if (mail->time < from || mail->time > to || !is_it(*mail, at->second)) continue;
          if (IsMeant(*mail, number, trait, what)) more.insert(mail);
        }
      }
    };
    using Mails = std::vector<const KeptMail*>;
    add(kDomain, [&](const KeptMail& mail, const Mails&) {
      const bool shared = FirstOf(*mail.domain) < from;  // others write from there, too
      return !shared || known.senders.contains(*mail.sender) || known.subjects.contains(*mail.subject);
    });
    add(kIdDomain, [](const KeptMail&, const Mails&) { return true; });
    // A service's customers differ in how it makes the addresses that failures go to.
    add(kEnvelope, [&](const KeptMail& mail, const Mails& all) {
      return all.front()->time >= from && (mail.subject->empty() || known.subjects.contains(*mail.subject));
    });
    candidate->mails.insert(candidate->mails.end(), more.begin(), more.end());
    std::sort(candidate->mails.begin(), candidate->mails.end(), Before);
  }

  int64_t FirstOf(std::string_view domain) const {
    const auto at = kept_.senders.find(std::string(domain));
    return at == kept_.senders.end() ? INT64_MAX : at->second.first;
  }

  std::vector<Candidate> FromGateways() {
    std::map<std::string_view, std::vector<const KeptMail*>> by_domain;
    for (const KeptMail* mail : gateways_) {
      if (!used_.contains(mail) && !mail->domain->empty()) by_domain[*mail->domain].push_back(mail);
    }
    std::vector<Candidate> out;
    for (auto& [domain, mails] : by_domain) {
      const SenderSeen* const seen = Find(domain);
      if (seen == nullptr || seen->last - seen->first > kLongestWave) continue;
      Candidate& made = out.emplace_back();
      made.mails = std::move(mails);
      made.gateways_only = true;
    }
    return out;
  }

  const SenderSeen* Find(std::string_view domain) const {
    const auto at = kept_.senders.find(std::string(domain));
    return at == kept_.senders.end() ? nullptr : &at->second;
  }

  TrackingWave Make(const Candidate& candidate) {
    TrackingWave wave;
    std::set<std::string> senders, names, subjects;
    std::set<std::string_view> domains;  // a gateway may know no more than where failures go to
    for (const KeptMail* mail : candidate.mails) {
      if (!mail->gateway || candidate.gateways_only) domains.insert(*mail->domain);
    }
    std::map<std::pair<std::string_view, std::string_view>, WaveRecipient> recipients;
    std::set<std::pair<uint64_t, std::string_view>> messages;
    for (const KeptMail* mail : candidate.mails) {
      if (domains.contains(*mail->domain)) senders.insert(*mail->sender);
      if (!mail->name->empty()) names.insert(*mail->name);
      if (!mail->subject->empty()) subjects.insert(*mail->subject);
      WaveRecipient& to = recipients[{*mail->tenant, *mail->recipient}];
      if (to.places.empty()) {
        to.address = *mail->recipient;
        to.tenant = *mail->tenant;
        to.time = mail->time;
      }
      to.by_gateway_only &= mail->gateway;
      if (to.places.size() < kMaxPlaces) to.places.push_back(mail->place);
      messages.insert({mail->id != 0 ? mail->id : mail->rank, *mail->recipient});
    }
    wave.senders.assign(senders.begin(), senders.end());
    wave.names.assign(names.begin(), names.end());
    wave.subjects.assign(subjects.begin(), subjects.end());
    wave.link_hosts.assign(candidate.hosts.begin(), candidate.hosts.end());
    wave.outlet = candidate.outlet;
    wave.imitated = candidate.imitated;
    wave.first = candidate.mails.front()->time;
    wave.last = candidate.mails.back()->time;
    wave.messages = messages.size();
    wave.gateways_only = candidate.gateways_only;
    wave.weight = candidate.Weight();
    wave.reasons = candidate.reasons;
    for (auto& [key, to] : recipients) wave.recipients.push_back(std::move(to));
    if (!candidate.gateways_only) wave.openings = FindOpenings(kept_, names_, candidate, wave);
    return wave;
  }

  const Kept& kept_;
  const NamesKept names_;
  std::vector<const KeptMail*> messages_, gateways_;
  struct {
    absl::flat_hash_map<std::string_view, std::vector<const KeptMail*>> trait[kTraits];
    absl::flat_hash_map<uint64_t, std::vector<const KeptMail*>> id;
  } by_;  // mails of gateways
  absl::flat_hash_map<std::string_view, std::set<std::string_view>> senders_of_id_domain_, senders_of_envelope_;
  absl::flat_hash_map<uint64_t, std::set<std::string_view>> readers_;                  // of what is asked for
  std::vector<KnownBy> known_by_;                                                      // of each candidate
  absl::flat_hash_map<const KeptMail*, std::vector<size_t>> offered_;                  // candidates that have it
  absl::flat_hash_map<std::string_view, std::vector<size_t>> candidates_of_[kTraits];  // in order
  uint64_t looks_ = 0;
  bool looked_enough_ = false;
  absl::flat_hash_set<const KeptMail*> used_;
};

}  // namespace

size_t Candidate::Recipients() const {
  std::set<std::pair<std::string_view, std::string_view>> all;
  for (const KeptMail* mail : mails) all.insert({*mail->tenant, *mail->recipient});
  return all.size();
}

TrackingWaves FindWaves(const Kept& kept) { return Finder(kept).Find(); }

void JoinQueueLines(Kept* kept) {
  std::sort(kept->queue.begin(), kept->queue.end(), [](const QueueLine& a, const QueueLine& b) {
    return std::tie(*a.tenant, *a.queue, a.time, a.place, a.kind, *a.value) <
           std::tie(*b.tenant, *b.queue, b.time, b.place, b.kind, *b.value);
  });
  const Text none = kept->pool.Put("");
  for (size_t begin = 0, end = 0; begin < kept->queue.size(); begin = end) {
    const QueueLine& first = kept->queue[begin];
    Text sender = none, id = none;
    for (; end < kept->queue.size(); ++end) {
      const QueueLine& line = kept->queue[end];
      if (line.tenant != first.tenant || line.queue != first.queue || line.time - first.time > kDay) break;
      if (line.kind == QueueLine::kSender && sender->empty()) sender = line.value;
      if (line.kind == QueueLine::kId && id->empty()) id = line.value;
    }
    const auto domain_of = [&](const std::string& text) {
      const size_t sign = text.rfind('@');
      return kept->pool.Put(sign == std::string::npos ? "" : text.substr(sign + 1));
    };
    for (size_t i = begin; i < end; ++i) {
      const QueueLine& line = kept->queue[i];
      if (line.kind != QueueLine::kRecipient) continue;
      KeptMail mail;
      mail.gateway = true;
      mail.rank = RankOf(line.place, RankOf(*line.value));
      mail.time = line.time;
      mail.place = line.place;
      mail.tenant = line.tenant;
      mail.sender = sender;
      mail.domain = domain_of(*sender);
      mail.name = mail.subject = none;
      mail.recipient = line.value;
      mail.id_domain = domain_of(*id);
      mail.envelope = kept->pool.Put(EnvelopeShape(*sender));
      mail.id = id->empty() ? 0 : RankOf(*id);
      const auto [begins, is_new] = kept->mail_begins.try_emplace(*line.tenant, line.time);
      begins->second = std::min(begins->second, line.time);
      if (!mail.domain->empty()) {
        SenderSeen& seen = kept->senders[*mail.domain];
        seen.first = std::min(seen.first, line.time);
        seen.last = std::max(seen.last, line.time);
        const auto day = static_cast<int32_t>(line.time / kDay);
        const auto at = std::lower_bound(seen.days.begin(), seen.days.end(), day);
        if (at == seen.days.end() || *at != day) seen.days.insert(at, day);
        if (seen.days.size() > SenderSeen::kMaxDays) seen.days.pop_back();
      }
      kept->mails.push_back(std::move(mail));
    }
  }
}

}  // namespace spoor
