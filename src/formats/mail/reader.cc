// Messages to events. All events have one shape; what a message does not have is missing.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "formats/loose_time.h"
#include "formats/mail/cutter.h"
#include "formats/mail/format.h"
#include "formats/mail/from_line.h"
#include "formats/mail/message.h"

namespace spoor::mail {
namespace {

// The fields. Their names are a contract: docs/formats/mail.md.
constexpr struct {
  const char* name;
  std::string Message::*text;
} kTexts[] = {{"From", &Message::from},
              {"FromName", &Message::from_name},
              {"FromDomain", &Message::from_domain},
              {"Sender", &Message::sender},
              {"ReplyTo", &Message::reply_to},
              {"ReturnPath", &Message::return_path},
              {"Subject", &Message::subject},
              {"Date", &Message::date},
              {"MessageId", &Message::message_id},
              {"InReplyTo", &Message::in_reply_to},
              {"XMailer", &Message::mailer},
              {"XOriginatingIp", &Message::originating_ip},
              {"ListId", &Message::list_id},
              {"ListUnsubscribe", &Message::list_unsubscribe},
              {"Precedence", &Message::precedence},
              {"ReceivedFrom", &Message::received_from},
              {"SPF", &Message::spf},
              {"DKIM", &Message::dkim},
              {"DMARC", &Message::dmarc},
              {"DkimDomain", &Message::dkim_domain},
              {"ContentType", &Message::content_type},
              {"BodyText", &Message::body}};
constexpr struct {
  const char* name;
  std::vector<std::string> Message::*list;
} kLists[] = {{"To", &Message::to},
              {"Cc", &Message::cc},
              {"Bcc", &Message::bcc},
              {"DeliveredTo", &Message::delivered_to},
              {"Received", &Message::received},
              {"Urls", &Message::urls},
              {"UrlHosts", &Message::url_hosts},
              {"ImageUrls", &Message::image_urls},
              {"HiddenImageUrls", &Message::hidden_image_urls},
              {"AttachmentNames", &Message::attachment_names},
              {"AttachmentTypes", &Message::attachment_types},
              {"AttachmentSha256", &Message::attachment_sha256}};
constexpr size_t kFields = std::size(kTexts) + std::size(kLists);
constexpr auto kTextArray = static_cast<ValueType>(static_cast<uint8_t>(ValueType::kUtf8) | kArrayFlag);

class MailReader : public PieceReader {
 public:
  explicit MailReader(const FormatOptions& options) : loose_{options.utc_offset, false} {
    shape_.source = {"mail", "message", ""};
    shape_.number = 1;
    shape_.value_count = kFields;
    uint32_t number = 0;
    for (const auto& field : kTexts) shape_.fields.push_back({field.name, {{FieldPart::kValue, number++}}});
    for (const auto& field : kLists) shape_.fields.push_back({field.name, {{FieldPart::kValue, number++}}});
  }

  void Read(const PieceBytes& piece, Sink* sink) override {
    if (piece.header == nullptr) return;
    uint64_t number = piece.records_before;
    for (size_t at = 0; at + sizeof(Place) <= piece.header->size(); at += sizeof(Place)) {
      Place place;
      std::memcpy(&place, piece.header->data() + at, sizeof place);
      ReadOne(AsText(piece.data + place.begin, place.end - place.begin), piece.offset + place.begin, ++number,
              place.cut != 0, sink);
    }
  }

 private:
  void ReadOne(std::string_view text, uint64_t offset, uint64_t number, bool cut, Sink* sink) {
    const size_t size = text.size();
    if (offset == 0 && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (!text.empty() && (text[0] == '\n' || text[0] == '\r')) text.remove_prefix(1);
    if (text.empty()) return;
    Event event;
    event.record = number;
    event.offset = offset + size - text.size();
    std::string_view from_line;
    if (BeginsMessage(text)) {
      const size_t end = text.find('\n') + 1;
      from_line = text.substr(0, end);
      text = Unquoted(text.substr(end));
    } else if (number == 1) {  // lines that are no headers: a damaged "From ", the number of Apple Mail
      constexpr int kMaxOddLines = 4;
      for (int n = 0; n < kMaxOddLines && HeaderName(text.substr(0, text.find('\n'))).empty(); ++n) {
        const size_t stop = text.find('\n');
        if (stop == std::string_view::npos) break;
        text.remove_prefix(stop + 1);
      }
    }
    ReadMessage(text, cut, &message_);
    event.time = message_.time ? *message_.time : TimeOfFromLine(from_line);
    if (message_.left_out) sink->OnDamage({event.offset, 0, "mail_message_too_much"});
    FillValues();
    event.shape = &shape_;
    event.values = values_;
    sink->OnEvent(event);
  }

  // Without the '>' that an mbox puts before lines that begin with "From ".
  std::string_view Unquoted(std::string_view text) {
    if (FindText(text, ">From ") == std::string_view::npos) return text;
    unquoted_.clear();
    for (size_t at = 0; at < text.size();) {
      const size_t stop = std::min(text.find('\n', at), text.size() - 1) + 1;
      std::string_view line = text.substr(at, stop - at);
      const size_t quotes = std::min(line.find_first_not_of('>'), line.size());
      if (quotes > 0 && line.substr(quotes).starts_with("From ")) line.remove_prefix(1);
      unquoted_.append(line);
      at = stop;
    }
    return unquoted_;
  }

  // "From jane@example.org Mon Mar  2 08:00:01 2026"
  int64_t TimeOfFromLine(std::string_view line) const {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    const size_t sender = line.find_first_not_of(' ', 5 < line.size() ? 5 : line.size());
    if (sender == std::string_view::npos) return 0;
    const size_t date = line.find_first_not_of(' ', std::min(line.find(' ', sender), line.size()));
    if (date == std::string_view::npos) return 0;
    return ParseLooseTime(line.substr(date), loose_).value_or(0);
  }

  void FillValues() {
    Value* value = values_;
    for (const auto& field : kTexts) {
      const std::string& text = message_.*field.text;
      *value = {};
      if (!text.empty()) {
        *value = {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
      }
      ++value;
    }
    for (size_t i = 0; i < std::size(kLists); ++i, ++value) {
      const std::vector<std::string>& list = message_.*kLists[i].list;
      *value = {};
      if (list.empty()) continue;
      lists_[i].clear();
      for (const std::string& element : list) AppendUtf8Element(element, &lists_[i]);
      *value = {reinterpret_cast<const uint8_t*>(lists_[i].data()), static_cast<uint32_t>(lists_[i].size()),
                kTextArray};
    }
  }

  const LooseTimes loose_;
  Shape shape_;
  Message message_;
  std::string unquoted_;
  std::string lists_[std::size(kLists)];
  Value values_[kFields];
};

bool IsMail(const uint8_t* head, size_t size) {
  std::string_view text = AsText(head, std::min(size, kPieceHead));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t first = std::min<size_t>(text.find_first_not_of("\r\n"), 64);
  if (first >= text.size()) return false;
  text.remove_prefix(first);
  if (BeginsMessage(text) || AreMailHeaders(text)) return true;
  if (!text.starts_with("From ")) return false;
  for (size_t at = 0; (at = FindText(text, "\nFrom ", at)) != std::string_view::npos; ++at) {
    if (BeginsMessage(text.substr(at + 1))) return true;  // the first is damaged, this one is not
  }
  return false;
}

}  // namespace

const Format kFormat = {
    "mail",
    IsMail,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<MailReader>(options); },
    MakeCutter,
};

}  // namespace spoor::mail
