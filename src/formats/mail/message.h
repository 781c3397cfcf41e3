// One message, read: its headers, its recipients, its links, its attachments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spoor::mail {

// Texts are decoded (RFC 2047, 2231, character sets) to UTF-8 and on one line; empty: the message has none. Addresses
// stand without names and angle brackets, as they are written; ids without brackets. Each link, host and address once.
struct Message {
  std::string from, from_name, from_domain, sender, reply_to, return_path;
  std::vector<std::string> to, cc, bcc, delivered_to;
  std::string subject, date, message_id, in_reply_to, mailer, originating_ip;
  std::string list_id, list_unsubscribe, precedence;
  std::vector<std::string> received;  // the last hop first, as they stand
  // The address from which the message came in: what the gateway says it checked, else that of the last hop between
  // two organisations.
  std::string received_from;
  std::string spf, dkim, dmarc, dkim_domain;  // results as the last gateway wrote them
  std::string content_type;
  std::vector<std::string> urls, url_hosts, image_urls, hidden_image_urls;
  std::vector<std::string> attachment_names, attachment_types, attachment_sha256;
  std::string body;

  std::optional<int64_t> time;  // of Date, else of the last Received; microseconds since 1970 UTC
  // More headers, recipients, links, parts or nesting than are read.
  bool left_out = false;
};

// Reads a message (RFC 5322, RFC 2045). `cut`: only its beginning is there; the last attachment then has no hash.
// Thread-safe.
void ReadMessage(std::string_view bytes, bool cut, Message* message);

}  // namespace spoor::mail
