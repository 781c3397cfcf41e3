// GMime makes a tree of a message; here it is walked, within bounds, and what it says is put in order.
#include "formats/mail/message.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "base/cache.h"
#include "base/text.h"
#include "formats/mail/bounded.h"
#include "formats/mail/headers.h"
#include "formats/mail/html.h"
#include "formats/mail/links.h"

namespace spoor::mail {
namespace {

constexpr int kMaxHeaders = 1000;
constexpr size_t kMaxHeader = 8192;  // bytes of a header's text
constexpr size_t kMaxReceived = 64;
constexpr size_t kMaxAddresses = 2000;  // of one kind
constexpr size_t kMaxLinks = 1000;
constexpr int kMaxParts = 200;
constexpr int kMaxDepth = 16;
constexpr size_t kMaxBody = 16384;  // bytes of text kept

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename T>
using Ref = std::unique_ptr<T, Unref>;
struct Free {
  void operator()(void* memory) const { g_free(memory); }
};
using Chars = std::unique_ptr<char, Free>;

// Character sets of texts that do not say theirs.
GMimeParserOptions* Options() {
  static GMimeParserOptions* const options = [] {
    g_mime_init();
    static const char* charsets[] = {"utf-8", "windows-1252", nullptr};
    GMimeParserOptions* made = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(made, charsets);
    g_mime_parser_options_set_allow_addresses_without_domain(made, TRUE);
    g_mime_parser_options_set_address_compliance_mode(made, GMIME_RFC_COMPLIANCE_LOOSE);
    g_mime_parser_options_set_parameter_compliance_mode(made, GMIME_RFC_COMPLIANCE_LOOSE);
    g_mime_parser_options_set_rfc2047_compliance_mode(made, GMIME_RFC_COMPLIANCE_LOOSE);
    return made;
  }();
  return options;
}

// Valid UTF-8 on one line.
std::string Clean(std::string_view text, size_t max = kMaxHeader) {
  std::string valid;
  AppendValidUtf8(text.substr(0, max), &valid);
  return Unfolded(valid);
}
std::string DecodedText(const char* raw) {
  if (raw == nullptr) return {};
  const Chars text(g_mime_utils_header_decode_text(Options(), WithJoinedWords(raw).c_str()));
  return text == nullptr ? std::string() : Clean(text.get());
}

// "<a@b> <c@d>": the first, without brackets.
std::string FirstId(std::string_view text) {
  const size_t open = text.find('<');
  if (open == std::string_view::npos) return Clean(text.substr(0, text.find(' ')));
  return Clean(text.substr(open + 1, text.find('>', open) - open - 1));
}

std::string DomainOf(std::string_view address) {
  const size_t sign = address.rfind('@');
  if (sign == std::string_view::npos) return {};
  address.remove_prefix(sign + 1);
  while (address.ends_with('.') || address.ends_with('>')) address.remove_suffix(1);
  return AsciiLower(address);
}

std::optional<int64_t> TimeOf(GDateTime* date) {
  constexpr int64_t kLast = 253402300799;  // of the year 9999
  if (date == nullptr) return std::nullopt;
  const int64_t seconds = g_date_time_to_unix(date);
  return seconds > 0 && seconds <= kLast ? std::optional<int64_t>(seconds * 1'000'000) : std::nullopt;
}

std::optional<int64_t> TimeOfText(const std::string& text) {
  GDateTime* const date = g_mime_utils_header_decode_date(text.c_str());
  const std::optional<int64_t> time = TimeOf(date);
  if (date != nullptr) g_date_time_unref(date);
  return time;
}

class MessageReader {
 public:
  MessageReader(bool cut, Message* message) : cut_(cut), message_(*message) {}

  void Read(std::string_view message) {
    GMimeParserOptions* const options = Options();  // first: it sets up the library
    std::string room;
    const Bounded bounded = WithinBounds(message, &room);
    const std::string_view bytes = bounded.text;
    message_.left_out = bounded.left_out;
    cut_ |= bounded.cut;
    parts_changed_ = bounded.parts_changed;
    GByteArray* const array = g_byte_array_sized_new(static_cast<guint>(bytes.size()));
    g_byte_array_append(array, reinterpret_cast<const guint8*>(bytes.data()), static_cast<guint>(bytes.size()));
    // A zero byte would end a header for the library.
    for (size_t i = 0; i < bytes.size() && !(i > 1 && bytes[i] == '\n' && bytes[i - 1] == '\n'); ++i) {
      if (array->data[i] == 0) array->data[i] = ' ';
    }
    // A file that ends within a header would be no message to it: the header is ended, a name alone left out.
    if (FindText(bytes, "\n\n") == std::string_view::npos && FindText(bytes, "\n\r\n") == std::string_view::npos) {
      const size_t last = bytes.rfind('\n') == std::string_view::npos ? 0 : bytes.rfind('\n') + 1;
      if (bytes.find(':', last) == std::string_view::npos) g_byte_array_set_size(array, static_cast<guint>(last));
      g_byte_array_append(array, reinterpret_cast<const guint8*>("\n\n"), 2);
    }
    const Ref<GMimeStream> stream(g_mime_stream_mem_new_with_byte_array(array));
    const Ref<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    g_mime_parser_set_format(parser.get(), GMIME_FORMAT_MESSAGE);
    const Ref<GMimeMessage> parsed(g_mime_parser_construct_message(parser.get(), options));
    if (parsed == nullptr) return;
    Headers(parsed.get());
    Addresses(parsed.get());
    if (GMimeObject* const part = g_mime_message_get_mime_part(parsed.get())) Part(part, 0);
    Finish();
  }

 private:
  void Headers(GMimeMessage* parsed) {
    GMimeHeaderList* const list = g_mime_object_get_header_list(GMIME_OBJECT(parsed));
    const int count = list != nullptr ? g_mime_header_list_get_count(list) : 0;
    message_.left_out |= count > kMaxHeaders;
    std::string date_of_received, results, received_spf, signature;
    bool first_results = true;
    for (int i = 0; i < std::min(count, kMaxHeaders); ++i) {
      GMimeHeader* const header = g_mime_header_list_get_header_at(list, i);
      const char* const raw_name = g_mime_header_get_name(header);
      const char* const raw = g_mime_header_get_raw_value(header);
      if (raw_name == nullptr || raw == nullptr) continue;
      const std::string name = AsciiLower(raw_name);
      const auto once = [&](std::string_view wanted, std::string* to) {
        if (name == wanted && to->empty()) *to = DecodedText(raw);
      };
      once("subject", &message_.subject);
      once("date", &message_.date);
      once("x-mailer", &message_.mailer);
      once("user-agent", &message_.mailer);
      once("list-id", &message_.list_id);
      once("list-unsubscribe", &message_.list_unsubscribe);
      once("precedence", &message_.precedence);
      once("x-originating-ip", &message_.originating_ip);
      once("received-spf", &received_spf);
      once("dkim-signature", &signature);
      if (name == "message-id" && message_.message_id.empty()) message_.message_id = FirstId(Clean(raw));
      if (name == "in-reply-to" && message_.in_reply_to.empty()) message_.in_reply_to = FirstId(Clean(raw));
      if (name == "return-path" && message_.return_path.empty()) message_.return_path = FirstId(Clean(raw));
      if (name == "authentication-results" && first_results) {
        results = Clean(raw);
        first_results = false;
      }
      if (IsOneOf(name, {"delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to"})) {
        AddAddress(FirstId(Clean(raw)), &message_.delivered_to);
      }
      if (name == "received") {
        if (message_.received.size() < kMaxReceived) {
          message_.received.push_back(Clean(raw));
        } else {
          message_.left_out = true;
        }
      }
    }
    if (message_.originating_ip.starts_with('[') && message_.originating_ip.ends_with(']')) {
      message_.originating_ip = message_.originating_ip.substr(1, message_.originating_ip.size() - 2);
    }
    Checks(results, received_spf, signature);
    Times(parsed);
  }

  void Checks(const std::string& results, const std::string& received_spf, const std::string& signature) {
    message_.spf = CheckResult(results, "spf");
    message_.dkim = CheckResult(results, "dkim", &message_.dkim_domain);
    message_.dmarc = CheckResult(results, "dmarc");
    if (message_.spf.empty()) message_.spf = AsciiLower(received_spf.substr(0, received_spf.find_first_of(" ;(")));
    if (message_.dkim_domain.empty()) message_.dkim_domain = TagValue(signature, "d");
    message_.received_from = CheckedAddress(received_spf);
    if (message_.received_from.empty()) message_.received_from = CheckedAddress(results);
    if (message_.received_from.empty()) message_.received_from = OutsideAddress(message_.received);
    for (const std::string& hop : message_.received) {
      if (!message_.delivered_to.empty()) break;
      AddAddress(ReceivedForWhom(hop), &message_.delivered_to);
    }
  }

  void Times(GMimeMessage* parsed) {
    message_.time = TimeOf(g_mime_message_get_date(parsed));
    if (!message_.time && !message_.received.empty()) {
      const std::string& last = message_.received[0];
      if (const size_t at = last.rfind(';'); at != std::string::npos) message_.time = TimeOfText(last.substr(at + 1));
    }
  }

  void Addresses(GMimeMessage* parsed) {
    std::vector<std::string> from, sender, reply_to;
    const char* const raw_from = g_mime_object_get_header(GMIME_OBJECT(parsed), "From");
    if (raw_from != nullptr) {
      const Ref<InternetAddressList> list(internet_address_list_parse(Options(), WithJoinedWords(raw_from).c_str()));
      Collect(list.get(), 0, &from, &message_.from_name);
    }
    Collect(g_mime_message_get_addresses(parsed, GMIME_ADDRESS_TYPE_SENDER), 0, &sender, nullptr);
    Collect(g_mime_message_get_addresses(parsed, GMIME_ADDRESS_TYPE_REPLY_TO), 0, &reply_to, nullptr);
    Collect(g_mime_message_get_addresses(parsed, GMIME_ADDRESS_TYPE_TO), 0, &message_.to, nullptr);
    Collect(g_mime_message_get_addresses(parsed, GMIME_ADDRESS_TYPE_CC), 0, &message_.cc, nullptr);
    Collect(g_mime_message_get_addresses(parsed, GMIME_ADDRESS_TYPE_BCC), 0, &message_.bcc, nullptr);
    TakeFrom(from);
    if (!sender.empty()) message_.sender = sender[0];
    if (!reply_to.empty()) message_.reply_to = reply_to[0];
    if (message_.from.empty()) {  // no address, but what stands there may tell
      message_.from = DecodedText(raw_from);
      const size_t open = message_.from.rfind('<');
      if (open != std::string::npos && message_.from.ends_with('>')) {
        message_.from_name = Clean(message_.from.substr(0, open));
        message_.from = message_.from.substr(open + 1, message_.from.size() - open - 2);
      }
    }
    message_.from_domain = DomainOf(message_.from);
  }

  // "EDEKA, x <a@example.org>" is three addresses to the letter of the standard, and one to everybody who reads it.
  void TakeFrom(const std::vector<std::string>& from) {
    for (const std::string& address : from) {
      if (address.find('@') == std::string::npos || address.starts_with('"')) continue;
      message_.from = address;
      break;
    }
    if (from.empty()) return;
    if (message_.from.empty()) message_.from = from[0];
    if (message_.from_name.empty() && message_.from != from[0]) {
      message_.from_name = from[0];
      std::erase(message_.from_name, '"');
    }
  }

  // `name`: the display name of the first.
  void Collect(InternetAddressList* list, int depth, std::vector<std::string>* to, std::string* name) {
    if (list == nullptr) return;
    if (depth > 2) {
      message_.left_out = true;
      return;
    }
    const int count = internet_address_list_length(list);
    for (int i = 0; i < count; ++i) {
      if (to->size() >= kMaxAddresses) {
        message_.left_out = true;
        return;
      }
      InternetAddress* const address = internet_address_list_get_address(list, i);
      if (INTERNET_ADDRESS_IS_GROUP(address)) {
        Collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), depth + 1, to, name);
        continue;
      }
      const char* const text = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
      if (text == nullptr) continue;
      if (name != nullptr && to->empty() && internet_address_get_name(address) != nullptr) {
        *name = Clean(internet_address_get_name(address));
      }
      AddAddress(Clean(text), to);
    }
  }

  void AddAddress(std::string address, std::vector<std::string>* to) {
    if (address.empty()) return;
    if (to->size() >= kMaxAddresses) {
      message_.left_out = true;
    } else if (seen_.emplace(reinterpret_cast<uintptr_t>(to), AsciiLower(address)).second) {
      to->push_back(std::move(address));
    }
  }

  void Part(GMimeObject* object, int depth) {
    if (depth > kMaxDepth || ++parts_ > kMaxParts) {
      message_.left_out = true;
      return;
    }
    if (GMimeContentType* const type = g_mime_object_get_content_type(object); depth == 0 && type != nullptr) {
      message_.content_type = TypeOf(type);
    }
    if (GMIME_IS_MULTIPART(object)) {
      GMimeMultipart* const multipart = GMIME_MULTIPART(object);
      const int count = g_mime_multipart_get_count(multipart);
      for (int i = 0; i < count && parts_ <= kMaxParts; ++i) Part(g_mime_multipart_get_part(multipart, i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      AddAttachment(object, {});
      GMimeMessage* const inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
      GMimeObject* const part = inner != nullptr ? g_mime_message_get_mime_part(inner) : nullptr;
      ++attached_;
      if (part != nullptr) Part(part, depth + 1);
      --attached_;
    } else if (GMIME_IS_PART(object)) {
      Leaf(GMIME_PART(object));
    }
  }

  void Leaf(GMimePart* part) {
    GMimeContentType* const type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    const bool text = GMIME_IS_TEXT_PART(part);
    const bool attachment = g_mime_part_is_attachment(part) || g_mime_part_get_filename(part) != nullptr;
    if (!text || attachment) AddAttachment(GMIME_OBJECT(part), ContentOf(part));
    if (!text) return;
    const std::string valid = TextOf(part);
    if (g_mime_content_type_is_type(type, "text", "html")) {
      std::string shown;
      message_.left_out |= !ReadHtml(valid, kMaxLinks, &links_, &shown);
      if (!attachment && attached_ == 0) AppendBounded(shown, &html_text_);
    } else {
      message_.left_out |= !FindLinks(valid, kMaxLinks, &links_);
      if (!attachment && attached_ == 0) AppendBounded(valid, &plain_text_);
    }
  }

  static void AppendBounded(std::string_view text, std::string* to) {
    if (!to->empty() && to->size() < kMaxBody) *to += '\n';
    size_t room = kMaxBody - std::min(to->size(), kMaxBody);
    if (text.size() > room) {
      while (room > 0 && (static_cast<uint8_t>(text[room]) & 0xc0) == 0x80) --room;  // no half character
      text = text.substr(0, room);
    }
    to->append(text);
  }

  static std::string TypeOf(GMimeContentType* type) {
    const Chars text(g_mime_content_type_get_mime_type(type));
    return text == nullptr ? std::string() : AsciiLower(Clean(text.get()));
  }

  // The text of a part in UTF-8: of the character set it says, else UTF-8 or Windows-1252.
  static std::string TextOf(GMimePart* part) {
    const char* const charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");
    GMimeFilter* const made = charset != nullptr ? g_mime_filter_charset_new(charset, "utf-8") : nullptr;
    const Ref<GMimeFilter> filter(made);
    std::string text = ContentOf(part, made);
    std::erase(text, '\r');
    std::string valid;
    AppendValidUtf8(text, &valid);
    if (made == nullptr && valid != text) {
      valid.clear();
      AppendAnsi(reinterpret_cast<const uint8_t*>(text.data()), text.size(), &valid);
    }
    return valid;
  }

  static std::string ContentOf(GMimePart* part, GMimeFilter* filter = nullptr) {
    GMimeDataWrapper* const content = g_mime_part_get_content(part);
    if (content == nullptr) return {};
    const Ref<GMimeStream> stream(g_mime_stream_mem_new());
    const Ref<GMimeStream> filtered(g_mime_stream_filter_new(stream.get()));
    if (filter != nullptr) g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered.get()), filter);
    g_mime_data_wrapper_write_to_stream(content, filtered.get());
    g_mime_stream_flush(filtered.get());
    const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    return {reinterpret_cast<const char*>(bytes->data), bytes->len};
  }

  void AddAttachment(GMimeObject* object, std::optional<std::string> content) {
    const char* name = GMIME_IS_PART(object) ? g_mime_part_get_filename(GMIME_PART(object)) : nullptr;
    if (name == nullptr) name = g_mime_object_get_content_type_parameter(object, "name");
    message_.attachment_names.push_back(name == nullptr ? std::string() : Clean(name));
    message_.attachment_types.push_back(TypeOf(g_mime_object_get_content_type(object)));
    if (content && GMIME_IS_PART(object)) {
      message_.attachment_sha256.push_back(absl::BytesToHexString(Sha256Of(*content)));
      last_hashed_ = parts_;
    }
  }

  void Finish() {
    // Where the message was cut, its last part was, too.
    if (cut_ && last_hashed_ == parts_ && !message_.attachment_sha256.empty()) message_.attachment_sha256.pop_back();
    if (parts_changed_) message_.attachment_sha256.clear();
    const bool blank = plain_text_.find_first_not_of(" \t\r\n") == std::string::npos;
    message_.body = blank ? std::move(html_text_) : std::move(plain_text_);
    message_.body.resize(message_.body.find_last_not_of(" \t\r\n") + 1);
    absl::flat_hash_set<std::string> urls, images, hosts;
    for (size_t i = 0, own = links_.size(); i < own; ++i) {
      if (std::string inner = Unwrapped(links_[i].url); !inner.empty())
        AddLink(Link::kLink, inner, 2 * kMaxLinks, &links_);
    }
    for (const Link& link : links_) {
      if (urls.insert(link.url).second) message_.urls.push_back(link.url);
      if (link.kind != Link::kLink && images.insert(link.url).second) {
        message_.image_urls.push_back(link.url);
        if (link.kind == Link::kHiddenImage) message_.hidden_image_urls.push_back(link.url);
      }
      if (std::string host = HostOf(link.url); hosts.insert(host).second) message_.url_hosts.push_back(std::move(host));
    }
  }

  bool cut_, parts_changed_ = false;
  Message& message_;
  int parts_ = 0, attached_ = 0, last_hashed_ = -1;
  std::vector<Link> links_;
  std::string plain_text_, html_text_;
  absl::flat_hash_set<std::pair<uintptr_t, std::string>> seen_;  // addresses, by list
};

}  // namespace

void ReadMessage(std::string_view bytes, bool cut, Message* message) {
  *message = {};
  MessageReader(cut, message).Read(bytes);
}

}  // namespace spoor::mail
