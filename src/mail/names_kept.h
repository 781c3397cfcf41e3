// The names among what was kept, by what waves ask of them. Made once; a wave by itself would have to look at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "mail/kept.h"

namespace spoor {

// Letters and digits alone, in lower case.
std::string Squeezed(std::string_view text);
// What a domain is known by, squeezed: "harbourpost" of "img.harbour-post.example".
std::string LabelOf(std::string_view domain);

// Views are of what was kept. Thread-safe once made.
class NamesKept {
 public:
  explicit NamesKept(const Kept& kept);

  // The first in order of the domains known by a label, from the label on, that mails came from, were sent to or that
  // were asked for before `time`; empty: there is none.
  std::string_view KnownBefore(std::string_view label, int64_t time) const;
  // How many names were resolved to an address.
  size_t NamesOf(std::string_view address) const;

 private:
  struct Known {
    std::string_view domain;
    int64_t first;
  };
  absl::flat_hash_map<std::string, std::vector<Known>> by_label_;  // in order of domain
  absl::flat_hash_map<std::string_view, size_t> names_of_;
};

}  // namespace spoor
