// Links, and the addresses that stand in plain text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spoor::mail {

struct Link {
  enum Kind : uint8_t {
    kLink,         // what a person may click
    kImage,        // what a reader of mail fetches by itself: images, backgrounds, style sheets
    kHiddenImage,  // … an image that nobody can see: three pixels or less, or not shown
  };
  Kind kind = kLink;
  std::string url;  // entities decoded; http, https or ftp ("//host/…" as "http://host/…")
};

inline constexpr size_t kMaxUrl = 4096;  // bytes; what is longer is no link that leads anywhere

// True if it begins with http://, https:// or ftp://.
bool HasScheme(std::string_view text);

// Appends a link that has a host and is no longer than kMaxUrl. Returns false if there are `max` already.
bool AddLink(Link::Kind kind, std::string url, size_t max, std::vector<Link>* links);

// Addresses (http, https, ftp) in plain text, in their order, appended; no more than `max` in all.
// Returns false if there were more.
bool FindLinks(std::string_view text, size_t max, std::vector<Link>* links);

// The host of a URL in lower case, without user and port; empty: none.
std::string HostOf(std::string_view url);

// What a rewritten link of a mail gateway (Microsoft Defender's Safe Links) leads to; empty: it is none.
std::string Unwrapped(std::string_view url);

}  // namespace spoor::mail
