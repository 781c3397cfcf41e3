// Who opened: what was fetched from a wave's hosts, joined to its recipients.
#include <algorithm>
#include <map>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "mail/candidate.h"

namespace spoor {
namespace {

constexpr size_t kMaxPlaces = 64;
constexpr int64_t kMinute = 60'000'000;

struct Request {
  const Fetch* fetch;
  const std::string* host;
};

class Opener {
 public:
  Opener(const Kept& kept, const NamesKept& names, const Candidate& candidate, const TrackingWave& wave)
      : kept_(kept), names_(names), wave_(wave) {
    std::map<uint64_t, std::set<std::string>> of_link;
    for (const KeptMail* mail : candidate.mails) {
      for (const KeptLink& link : mail->links) {
        if (candidate.hosts.contains(*link.host)) of_link[link.asked].insert(*mail->recipient);
      }
    }
    for (const auto& [asked, recipients] : of_link) {
      if (recipients.size() == 1) of_link_[asked] = *recipients.begin();
    }
    for (const WaveRecipient& to : wave.recipients) {
      const std::string name = to.address.substr(0, to.address.find('@'));
      const auto [at, is_new] = by_name_.try_emplace(to.tenant + '\n' + name, to.address);
      if (!is_new && at->second != to.address) at->second.clear();
    }
    for (const std::string& host : candidate.hosts) Collect(host);
    std::sort(requests_.begin(), requests_.end(), [](const Request& a, const Request& b) {
      return std::tie(a.fetch->time, a.fetch->place) < std::tie(b.fetch->time, b.fetch->place);
    });
  }

  std::vector<WaveOpening> Find() {
    // First those that say who it was, for they tell whose machine it is, too.
    std::map<std::pair<std::string_view, std::string_view>, std::string> machines;  // by tenant and client
    std::vector<std::pair<std::string, WaveOpening::Joined>> who(requests_.size());
    for (size_t i = 0; i < requests_.size(); ++i) {
      const Fetch& fetch = *requests_[i].fetch;
      who[i] = Whose(fetch);
      if (who[i].first.empty() || fetch.client->empty()) continue;
      const auto [at, is_new] = machines.try_emplace({*fetch.tenant, *fetch.client}, who[i].first);
      if (!is_new && at->second != who[i].first) at->second.clear();
    }
    std::map<std::pair<std::string, std::string>, WaveOpening> openings;
    for (size_t i = 0; i < requests_.size(); ++i) {
      const Fetch& fetch = *requests_[i].fetch;
      auto& [recipient, joined] = who[i];
      if (recipient.empty()) {
        const auto at = machines.find({*fetch.tenant, *fetch.client});
        if (at != machines.end() && !at->second.empty()) {
          recipient = at->second;
          joined = WaveOpening::kByAddress;
        }
      }
      const std::string key = recipient.empty() ? '\n' + *fetch.client : recipient;
      WaveOpening& opening = openings[{*fetch.tenant, key}];
      if (opening.places.empty()) {
        opening.time = fetch.time;
        opening.tenant = *fetch.tenant;
        opening.recipient = recipient;
        opening.host = *requests_[i].host;
        opening.joined = joined;
      }
      opening.joined = std::min(opening.joined, joined);
      if (opening.client.empty()) opening.client = *fetch.client;
      if (opening.user.empty()) opening.user = *fetch.user;
      if (opening.places.size() < kMaxPlaces) opening.places.push_back(fetch.place);
    }
    std::vector<WaveOpening> out;
    for (auto& [key, opening] : openings) out.push_back(std::move(opening));
    std::stable_sort(out.begin(), out.end(),
                     [](const WaveOpening& a, const WaveOpening& b) { return a.time < b.time; });
    return out;
  }

 private:
  void Collect(const std::string& host) {
    const auto at = kept_.hosts.find(host);
    if (at == kept_.hosts.end()) return;
    Take(at->first, at->second);
    for (const std::string& address : at->second.addresses) {
      // Flows to an address that other names have, too, may be to these.
      const auto flows = kept_.hosts.find(address);
      if (names_.NamesOf(address) == 1 && flows != kept_.hosts.end()) Take(at->first, flows->second);
    }
  }

  void Take(const std::string& host, const HostSeen& seen) {
    for (const Fetch& fetch : seen.fetches) {
      if (fetch.time >= wave_.first - 5 * kMinute) requests_.push_back({&fetch, &host});
    }
  }

  std::pair<std::string, WaveOpening::Joined> Whose(const Fetch& fetch) const {
    for (const uint64_t asked : {fetch.asked, fetch.name}) {
      if (const auto at = of_link_.find(asked); asked != 0 && at != of_link_.end()) {
        return {at->second, WaveOpening::kByLink};
      }
    }
    const auto named = [&](const std::string& user) -> std::string {
      const auto at = by_name_.find(*fetch.tenant + '\n' + user);
      return at == by_name_.end() ? std::string() : at->second;
    };
    if (!fetch.user->empty()) {
      if (std::string found = named(*fetch.user); !found.empty()) return {found, WaveOpening::kByUser};
    }
    if (const auto at = kept_.clients.find(*fetch.tenant + '\n' + *fetch.client); at != kept_.clients.end()) {
      if (std::string found = named(at->second); !found.empty()) return {found, WaveOpening::kByAddress};
    }
    return {std::string(), WaveOpening::kNot};
  }

  const Kept& kept_;
  const NamesKept& names_;
  const TrackingWave& wave_;
  std::vector<Request> requests_;
  absl::flat_hash_map<uint64_t, std::string> of_link_;
  absl::flat_hash_map<std::string, std::string> by_name_;  // by tenant, '\n', name; empty: several are called so
};

}  // namespace

std::vector<WaveOpening> FindOpenings(const Kept& kept, const NamesKept& names, const Candidate& candidate,
                                      const TrackingWave& wave) {
  return Opener(kept, names, candidate, wave).Find();
}

}  // namespace spoor
