// What headers of a message say that are no structured fields of RFC 5322: traces of servers, results of checks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spoor::mail {

// The value of a header over several lines as one line, spaces made one.
std::string Unfolded(std::string_view value);

// Encoded words in base64 (RFC 2047) side by side as one: GMime stops at the padding of the first, and a character may
// lie in two of them.
std::string WithJoinedWords(std::string_view value);

// "spf" and so on of an Authentication-Results (RFC 8601), in lower case: the first that passed, else the first.
// `domain`: of dkim, the domain that signed (header.d, header.i).
std::string CheckResult(std::string_view results, std::string_view method, std::string* domain = nullptr);

// The value of a tag "d" in a list "v=1; d=example.org; …" (DKIM-Signature, RFC 6376).
std::string TagValue(std::string_view list, std::string_view tag);

// The address a gateway says it checked: "client-ip=" of Received-SPF, "sender IP is" or "smtp.remote-ip=" of
// Authentication-Results; empty: it does not say.
std::string CheckedAddress(std::string_view header);

// The address of the outermost hop that is not between machines of one organisation, from the last on: `received` as
// they stand in a message. Private addresses are none. Empty: none is told.
std::string OutsideAddress(const std::vector<std::string>& received);

// For whom a server says it took the message ("for <jane@example.org>"); empty: it does not say.
std::string ReceivedForWhom(std::string_view received);

// True if the text is an IP address that is not private, link-local, loopback or shared.
bool IsPublicAddress(std::string_view text);

}  // namespace spoor::mail
