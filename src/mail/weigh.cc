// What makes a wave of mails that track their readers, and what makes a newsletter of them.
//
// Points are judgement, not measurement: each is what one thing is worth beside the others. Signatures (DKIM, DMARC)
// prove who sent a mail, not that he is honest: aligned ones are worth little against the rest.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "mail/candidate.h"

namespace spoor {
namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kEnoughBefore = 3 * kDay;  // of evidence before a first time, for it to mean anything

bool IsBelow(std::string_view host, std::string_view domain) {
  return host == domain ||
         (host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

std::string Days(int64_t time) { return std::to_string(time / kDay); }

class Weigher {
 public:
  Weigher(const Kept& kept, const NamesKept& names, Candidate* candidate) : kept_(kept), names_(names), c_(*candidate) {
    for (const KeptMail* mail : c_.mails) {
      if (!mail->gateway) messages_.push_back(mail);
      if (!mail->gateway || c_.gateways_only) domains_.insert(*mail->domain);
      tenants_.insert(*mail->tenant);
    }
    first_ = c_.mails.front()->time;
    last_ = c_.mails.back()->time;
  }

  void Weigh() {
    c_.reasons.clear();
    c_.points = 0;
    Many();
    Past();
    if (c_.gateways_only) {
      Subjects();
    } else {
      Links();
      Newsletter();
      Name();
    }
    for (const WaveReason& reason : c_.reasons) c_.points += reason.points;
    std::stable_sort(c_.reasons.begin(), c_.reasons.end(),
                     [](const WaveReason& a, const WaveReason& b) { return std::abs(a.points) > std::abs(b.points); });
  }

 private:
  void Say(double points, std::string text) { c_.reasons.push_back({points, std::move(text)}); }

  void Many() {
    const size_t recipients = c_.Recipients();
    const std::string days = last_ - first_ < kDay ? "a day" : Days(last_ - first_ + kDay) + " days";
    const std::string text = std::to_string(recipients) + " recipients within " + days;
    if (recipients >= 5) Say(recipients >= 100 ? 2 : recipients >= 20 ? 1.5 : 1, text);
    if (tenants_.size() > 1) Say(0.5, "in " + std::to_string(tenants_.size()) + " organisations");
  }

  // True if there is evidence of mails from enough time before.
  bool MailsBefore() const {
    return std::any_of(tenants_.begin(), tenants_.end(), [&](const std::string& tenant) {
      const auto at = kept_.mail_begins.find(tenant);
      return at != kept_.mail_begins.end() && at->second + kEnoughBefore <= first_;
    });
  }

  void Past() {
    for (const std::string& domain : domains_) {
      const auto at = kept_.senders.find(domain);
      if (at == kept_.senders.end()) continue;
      const SenderSeen& seen = at->second;
      if (seen.days.size() >= 6 && seen.last - seen.first > 21 * kDay) {
        Say(-4, "mails from " + domain + " on " + std::to_string(seen.days.size()) + " days over " +
                    Days(seen.last - seen.first) + " days: a history");
      } else if (seen.written_to < first_) {
        Say(-2, "somebody wrote to " + domain + " before");
      } else if (seen.first < first_ - kDay) {
        Say(-1, "mails from " + domain + " came before");
      } else if (MailsBefore()) {
        Say(2, "no mail from " + domain + " before");
      }
      break;  // of several domains the first in order: a wave from ten accounts is no ten times one
    }
  }

  void Subjects() {
    std::set<std::string_view> subjects;
    for (const KeptMail* mail : c_.mails) subjects.insert(*mail->subject);
    if (subjects.size() == 1 && !subjects.begin()->empty()) Say(1, "all with one subject");
    if (subjects.size() > 5) Say(-2, std::to_string(subjects.size()) + " different subjects");
    if (last_ - first_ <= 7 * kDay) Say(0.5, "within a week, and never again");
    std::map<std::string_view, int> senders;
    for (const KeptMail* mail : c_.mails) ++senders[*mail->sender];
    if (senders.size() * 2 > c_.Recipients()) Say(-1, "a sender for nearly each recipient: persons");
  }

  void Links() {
    size_t hidden = 0, image = 0, own_host = 0;
    for (const KeptMail* mail : messages_) {
      bool has_hidden = false, has_image = false, below = false;
      for (const KeptLink& link : mail->links) {
        if (!c_.hosts.contains(*link.host)) continue;
        has_hidden |= link.hidden;
        has_image |= link.image;
        below |= IsBelow(*link.host, *mail->domain);
      }
      hidden += has_hidden;
      image += has_image;
      own_host += below;
    }
    if (2 * hidden > messages_.size()) {
      Say(2, "each with a hidden image of its own");
    } else if (2 * image > messages_.size()) {
      Say(1.5, "each with a remote image of its own");
    } else {
      Say(1, "each with a link of its own");
    }
    bool past = false, known = false;
    std::string host_with_past;
    for (const auto& [tenant, begins] : kept_.web_begins) known |= begins + kEnoughBefore <= first_;
    for (const std::string& host : c_.hosts) {
      const auto at = kept_.hosts.find(host);
      if (at != kept_.hosts.end() && at->second.first < first_ - kDay / 24) {
        past = true;
        host_with_past = host;
      }
    }
    if (past) {
      Say(-2, host_with_past + " was asked for before");
    } else if (known) {
      Say(1.5, "nobody asked for " + *c_.hosts.begin() + " before");
    }
    if (own_host == messages_.size()) Say(-0.5, "the links are of the sender's own domain");
  }

  void Newsletter() {
    size_t unsubscribe = 0, reply = 0, other_signer = 0, failed = 0;
    for (const KeptMail* mail : messages_) {
      unsubscribe += mail->can_unsubscribe || mail->bulk;
      reply += mail->reply;
      other_signer += mail->other_signer;
      failed += mail->failed;
    }
    const size_t all = messages_.size();
    if (2 * unsubscribe > all) {
      Say(-3, "it says how to unsubscribe, or that it is a list");
    } else if (unsubscribe == 0) {
      Say(2, "to many, and no way to unsubscribe");
    }
    if (2 * reply > all) Say(-2, "answers to other mails");
    if (2 * other_signer > all) Say(0.5, "signed by another than the visible sender");
    if (2 * failed > all) Say(0.5, "the sender's domain does not vouch for it (DMARC, DKIM)");
    if (other_signer == 0 && failed == 0) Say(-0.5, "signed by the visible sender's domain");
  }

  // "Jane Doe, Harbour Post" from jane@harbour-post-news.test: in whose name?
  void Name() {
    std::map<std::string, int> outlets;
    for (const KeptMail* mail : messages_) {
      const std::string& name = *mail->name;
      const size_t comma = name.find_last_of(",|");
      std::string outlet = comma == std::string::npos ? name : name.substr(comma + 1);
      while (outlet.starts_with(' ')) outlet.erase(0, 1);
      if (Squeezed(outlet).size() >= 6) ++outlets[outlet];
    }
    std::string best;
    int most = 0;
    for (const auto& [outlet, count] : outlets) {
      if (count > most) {
        best = outlet;
        most = count;
      }
    }
    if (2 * static_cast<size_t>(most) <= messages_.size()) return;
    const std::string squeezed = Squeezed(best);
    const std::string plain = squeezed.starts_with("the") && squeezed.size() > 8 ? squeezed.substr(3) : squeezed;
    c_.outlet = best;
    bool own = false, alike = false;
    for (const std::string& domain : domains_) {
      const std::string label = LabelOf(domain);
      own |= label == squeezed || label == plain;
      alike |= label.find(plain) != std::string::npos || (label.size() >= 6 && plain.find(label) != std::string::npos);
    }
    if (own) {
      c_.outlet.clear();
      return;
    }
    // A domain of the evidence, older than the wave, that is called so.
    std::string_view known = names_.KnownBefore(squeezed, first_), other = names_.KnownBefore(plain, first_);
    if (known.empty() || (!other.empty() && other < known)) known = other;
    if (!known.empty()) {
      c_.imitated = known;
      Say(2, "in the name of " + best + ", whose domain is " + c_.imitated);
    } else if (alike) {
      Say(1, "in the name of " + best + ", from a domain that is nearly called so");
    } else if (best.find(' ') != std::string::npos && outlets.size() == 1) {
      Say(0.5, "in the name of " + best + ", from a domain that is called otherwise");
    } else {
      c_.outlet.clear();
    }
  }

  const Kept& kept_;
  const NamesKept& names_;
  Candidate& c_;
  std::vector<const KeptMail*> messages_;
  std::set<std::string> domains_, tenants_;
  int64_t first_ = 0, last_ = 0;
};

}  // namespace

void Weigh(const Kept& kept, const NamesKept& names, Candidate* candidate) { Weigher(kept, names, candidate).Weigh(); }

}  // namespace spoor
