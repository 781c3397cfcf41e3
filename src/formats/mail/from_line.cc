#include "formats/mail/from_line.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "base/text.h"

namespace spoor::mail {
namespace {

constexpr size_t kMaxFromLine = 1024;  // RFC 5322 allows lines of 998 bytes
constexpr size_t kMaxName = 80;        // of a header; IANA's longest has 41

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A word of a date: Mon to Sun, Jan to Dec; an hour with minutes; a year.
bool IsDayOrMonth(std::string_view word) {
  return word.size() >= 3 &&
         IsOneOf(word.substr(0, 3), {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May",
                                     "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
}
bool IsClock(std::string_view word) {
  const size_t colon = word.find(':');
  return (colon == 1 || colon == 2) && word.size() >= colon + 3 && IsDigit(word[0]) && IsDigit(word[colon - 1]) &&
         IsDigit(word[colon + 1]) && IsDigit(word[colon + 2]);
}
bool IsYear(std::string_view word) {
  return word.size() == 4 && (word.starts_with("19") || word.starts_with("20")) && IsDigit(word[2]) && IsDigit(word[3]);
}

// Headers of mail that hardly anything else has (RFC 5322, and registered names in use).
constexpr std::string_view kMailOnly[] = {"received",
                                          "return-path",
                                          "message-id",
                                          "delivered-to",
                                          "dkim-signature",
                                          "received-spf",
                                          "authentication-results",
                                          "mime-version",
                                          "arc-seal",
                                          "list-unsubscribe",
                                          "x-original-to",
                                          "in-reply-to",
                                          "envelope-to",
                                          "x-received"};
// … and those that other texts have, too.
constexpr std::string_view kAlsoMail[] = {"from", "to", "subject", "date", "cc", "sender", "reply-to", "x-mailer"};

}  // namespace

std::string_view HeaderName(std::string_view line) {
  const size_t colon = line.substr(0, kMaxName + 1).find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  std::string_view name = line.substr(0, colon);
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);  // RFC 5322, 4.5: obsolete
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return printable ? name : std::string_view();
}

bool BeginsMessage(std::string_view text) {
  text = text.substr(0, kFromLook);
  if (!text.starts_with("From ")) return false;
  const size_t stop = text.find('\n');
  if (stop == std::string_view::npos || stop > kMaxFromLine) return false;
  bool day = false, clock = false, year = false;
  for (size_t at = 5; at < stop;) {
    const size_t end = std::min(text.find_first_of(" \t\r\n,", at), stop);
    const std::string_view word = text.substr(at, end - at);
    day |= IsDayOrMonth(word);
    clock |= IsClock(word);
    year |= IsYear(word);
    at = end + 1;
  }
  return day && clock && year && !HeaderName(text.substr(stop + 1)).empty();
}

bool AreMailHeaders(std::string_view text) {
  bool mail_only[std::size(kMailOnly)] = {}, also[std::size(kAlsoMail)] = {};
  bool address = false;  // a From with one
  bool odd_first = false;
  for (size_t at = 0; at < text.size();) {
    const size_t stop = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, stop - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool first = at == 0;
    at = stop + 1;
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') {
      if (first) return false;
      continue;
    }
    const std::string_view name = HeaderName(line);
    if (name.empty()) {
      if (line.starts_with(">From ")) continue;  // what an mbox in an mbox leaves
      if (stop == text.size()) break;            // a line that was cut
      odd_first = first;
      if (first) continue;
      return false;
    }
    const std::string lower = AsciiLower(name);
    for (size_t i = 0; i < std::size(kMailOnly); ++i) mail_only[i] |= lower == kMailOnly[i];
    for (size_t i = 0; i < std::size(kAlsoMail); ++i) also[i] |= lower == kAlsoMail[i];
    address |= lower == "from" && line.find('@') != std::string_view::npos;
  }
  const auto of_mail = std::count(std::begin(mail_only), std::end(mail_only), true);
  const auto others = std::count(std::begin(also), std::end(also), true);
  if (odd_first) return of_mail >= 1 && of_mail + others >= 3;
  return of_mail >= 2 || (of_mail == 1 && others >= 1) || (address && others >= 3);
}

}  // namespace spoor::mail
