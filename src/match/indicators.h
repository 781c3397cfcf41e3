// Indicators of compromise: known addresses, networks, domains, hashes, mail addresses, URLs, paths and other texts,
// any number of them, looked for in every value of every event.
//
// An indicator is found only where it stands by itself, and means what such a thing means:
//
//     address, network   an address in the text, in whatever form: 2001:db8::1 is 2001:0DB8:0:0::1; behind it may
//                        stand a port. 1.2.3.4 is not in 11.2.3.45
//     domain             the domain and all below it: evil.example is in www.evil.example, not in notevil.example
//     hash               a run of hexadecimal digits of that length
//     mail address       likewise, whole
//     URL                of any scheme, and all below it: //evil.example/a is in https://evil.example/a/b?c
//     text               paths, file names and whatever else: not within a longer word
//
// Letters' case means nothing (simple case folding, base/text.h). A text is cut into words once and the words are
// looked up in hash tables: the work does not grow with the number of indicators, except of texts (match/gram_index.h).
//
// A million take about 100 MB. Immutable after Seal; thread-safe then.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "match/gram_index.h"
#include "sigma/rule.h"

namespace spoor {

class Indicators {
 public:
  enum Kind : uint8_t { kAddress, kNetwork, kDomain, kHash, kMail, kUrl, kText };
  static const char* KindName(Kind kind);  // "address" …

  struct Problem {
    uint32_t line;  // from 1
    std::string message;
  };

  Indicators() = default;
  Indicators(const Indicators&) = delete;
  Indicators& operator=(const Indicators&) = delete;

  // Adds what a list holds: one indicator a line, as UTF-8 or, with a byte order mark, UTF-16. Behind a tab or " #" may
  // stand what is known of it; lines that begin with # are passed over. "hxxp", "[.]", "(.)", "[:]", "[@]" and "[at]",
  // by which lists keep people from clicking, are undone. What kind a line is it shows itself; "domain:", "file:",
  // "hash:", "address:", "mail:", "url:" or "text:" before it says it. Lines that cannot be meant so are left out and
  // told.
  void AddList(std::string_view bytes, std::vector<Problem>* problems);
  // Call after the last list.
  void Seal();

  size_t size() const { return entries_.size(); }

  // Calls fn(number) for the indicators in a text, in no particular order, perhaps more than once each, until it
  // returns false. `folded`: case-folded UTF-8.
  void Find(std::string_view folded, absl::FunctionRef<bool(uint32_t)> fn) const;
  bool In(std::string_view folded) const;

  Kind kind(uint32_t number) const { return entries_[number].kind; }
  std::string_view text(uint32_t number) const;  // as listed, but for what kept it from being clicked
  std::string_view note(uint32_t number) const;  // what the list says of it
  // Whether there are any that a value without letters beyond a to f could be or hold.
  bool any_text() const { return !texts_.empty(); }

 private:
  struct Entry {
    uint64_t at;               // in bytes_: its key; the text, if that is another; the note
    uint32_t key, text, note;  // sizes
    Kind kind;
  };
  // Keys of one kind of thing, found by text without a copy of it.
  struct KeyHash {
    using is_transparent = void;
    const Indicators* owner;
    size_t operator()(std::string_view key) const { return absl::HashOf(absl::string_view(key.data(), key.size())); }
    size_t operator()(uint32_t number) const { return (*this)(owner->key(number)); }
  };
  struct KeyEqual {
    using is_transparent = void;
    const Indicators* owner;
    bool operator()(uint32_t a, uint32_t b) const { return owner->key(a) == owner->key(b); }
    bool operator()(uint32_t a, std::string_view b) const { return owner->key(a) == b; }
    bool operator()(std::string_view a, uint32_t b) const { return a == owner->key(b); }
  };
  using Table = absl::flat_hash_set<uint32_t, KeyHash, KeyEqual>;
  using Address = std::array<uint8_t, 16>;  // IPv4 as IPv4-mapped IPv6
  class Walk;

  std::string_view key(uint32_t number) const {
    return std::string_view(bytes_).substr(entries_[number].at, entries_[number].key);
  }
  Table EmptyTable() { return Table(0, KeyHash{this}, KeyEqual{this}); }
  // Empty, or what is wrong.
  std::string Add(std::string_view text, std::string_view note);
  void Enter(Kind kind, std::string_view key, std::string_view text, std::string_view note);
  uint32_t Append(Kind kind, std::string_view key, std::string_view text, std::string_view note);

  std::string bytes_;
  std::vector<Entry> entries_;
  // Domains without a dot at the end, URLs without scheme and slash at the end; all case-folded.
  Table domains_ = EmptyTable(), hashes_ = EmptyTable(), mails_ = EmptyTable(), urls_ = EmptyTable();
  // By length of the network in bits (an address: 128): the networks' addresses, host bits zero.
  std::vector<std::pair<int, absl::flat_hash_map<Address, uint32_t>>> networks_;
  bool any_v4_ = false, any_v6_ = false;
  Table texts_ = EmptyTable();
  std::vector<uint32_t> text_numbers_;  // by number in the index
  GramIndex text_index_;
};

// A rule that holds for events with an indicator in one of their values.
sigma::Rule IndicatorRule(std::shared_ptr<const Indicators> indicators, std::string title);

}  // namespace spoor
