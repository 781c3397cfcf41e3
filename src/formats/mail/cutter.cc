#include "formats/mail/cutter.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "formats/mail/from_line.h"

namespace spoor::mail {
namespace {

constexpr size_t kMaxLead = 64;       // bytes of empty lines before the first message
constexpr int kMaxWrongLengths = 16;  // headers Content-Length that were wrong, until none is believed in this file

class MessageCutter : public Cutter {
 public:
  Cut Next(const uint8_t* data, size_t size, bool last) override {
    const std::string_view text = AsText(data, size);
    if (offset_ == 0) {
      if (!last && size < kMaxLead + kFromLook) return {};
      size_t lead = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
      while (lead < std::min(size, kMaxLead) && (text[lead] == '\n' || text[lead] == '\r')) ++lead;
      const std::string_view first = text.substr(lead);
      mbox_ = first.starts_with("From ") || HeaderName(first.substr(0, first.find('\n'))).empty();
    }
    return passing_ ? PassOver(text, last) : TakeMessages(text, last);
  }

 private:
  enum class End : uint8_t { kFound, kTooLong, kUnknown };  // kUnknown: not without more of the file

  Cut TakeMessages(std::string_view text, bool last) {
    places_.clear();
    size_t done = 0;
    while (done < text.size()) {
      size_t end = 0;
      const End found = EndOf(text, done, last, &end);
      if (found == End::kUnknown) break;
      if (found == End::kTooLong) {
        if (done > 0) break;
        end = kMaxMessage;
        passing_ = true;
      }
      places_.push_back({static_cast<uint32_t>(done), static_cast<uint32_t>(end), passing_});
      done = end;
      if (passing_) break;
    }
    Cut cut;
    cut.records_before = messages_;
    cut.size = done;
    if (done == 0) return cut;
    cut.header = std::make_shared<const std::string>(reinterpret_cast<const char*>(places_.data()),
                                                     places_.size() * sizeof(Place));
    messages_ += places_.size();
    offset_ += done;
    return cut;
  }

  // Where the message that begins at `begin` ends. What is found does not depend on how much of the file is there.
  End EndOf(std::string_view text, size_t begin, bool last, size_t* end) {
    const size_t limit = begin + kMaxMessage;
    if (mbox_) {
      const End by_length = EndByLength(text, begin, last, end);
      if (by_length != End::kTooLong) return by_length;
    }
    size_t decided = 0;
    const size_t next = NextMessage(text, begin, last, &decided);
    if (next != std::string_view::npos && next <= limit) {
      *end = next;
      return End::kFound;
    }
    if (next == std::string_view::npos && last && text.size() <= limit) {
      *end = text.size();
      return End::kFound;
    }
    return next != std::string_view::npos || decided >= limit ? End::kTooLong : End::kUnknown;
  }

  // By the header Content-Length; kTooLong: it does not say.
  End EndByLength(std::string_view text, size_t begin, bool last, size_t* end) {
    if (wrong_lengths_ >= kMaxWrongLengths) return End::kTooLong;
    size_t body = begin;
    uint64_t length = 0;
    bool told = false;
    for (size_t at = begin;;) {
      if (at > begin && text.substr(at).starts_with("From ")) {  // perhaps the next message, and this has no body
        if (!last && text.size() - at < kFromLook) return End::kUnknown;
        if (BeginsMessage(text.substr(at))) return End::kTooLong;
      }
      const size_t stop = text.find('\n', at);
      if (stop == std::string_view::npos || stop - begin > kMaxMessage) {
        return last || text.size() - begin > kMaxMessage ? End::kTooLong : End::kUnknown;
      }
      std::string_view line = text.substr(at, stop - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      at = stop + 1;
      if (line.empty()) {
        body = at;
        break;
      }
      if (line.size() > 15 && EqualsIgnoreAsciiCase(line.substr(0, 15), "content-length:")) {
        told = TakeNumber(line.substr(15), &length);
      }
    }
    if (!told || length > kMaxMessage || body + length > begin + kMaxMessage) return End::kTooLong;
    size_t behind = body + static_cast<size_t>(length);
    if (!last && text.size() < behind + 2 + kFromLook) return End::kUnknown;
    for (size_t empty = 0; empty < 3; ++empty) {  // with or without an empty line behind it
      if (behind == text.size() || (behind < text.size() && BeginsMessage(text.substr(behind)))) {
        *end = behind;
        return End::kFound;
      }
      if (behind > text.size() || (text[behind] != '\n' && text[behind] != '\r')) break;
      ++behind;
    }
    ++wrong_lengths_;
    return End::kTooLong;
  }

  static bool TakeNumber(std::string_view text, uint64_t* number) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    *number = 0;
    size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
      if (digits == 9) return false;
      *number = *number * 10 + static_cast<uint64_t>(text[digits] - '0');
    }
    return digits > 0;
  }

  // Where the next message begins behind `from`; npos: none does before `*decided`.
  size_t NextMessage(std::string_view text, size_t from, bool last, size_t* decided) const {
    constexpr std::string_view kLine = "\nFrom ";
    *decided = text.size();
    if (!mbox_) return std::string_view::npos;
    for (size_t at = from; (at = FindText(text, kLine, at)) != std::string_view::npos; ++at) {
      if (!last && text.size() - at - 1 < kFromLook) {
        *decided = at;
        return std::string_view::npos;
      }
      if (BeginsMessage(text.substr(at + 1))) return at + 1;
    }
    if (!last) *decided = std::max(from, text.size() - std::min(text.size(), kLine.size()));
    return std::string_view::npos;
  }

  // Passes over the rest of a message that is too long.
  Cut PassOver(std::string_view text, bool last) {
    Cut cut;
    size_t decided = 0;
    const size_t next = NextMessage(text, 0, last, &decided);
    const bool over = next != std::string_view::npos || (last && decided == text.size());
    cut.size = next != std::string_view::npos ? next : decided;
    cut.records_before = messages_;
    cut.discard = true;
    passed_over_ += cut.size;
    offset_ += cut.size;
    if (over) {
      cut.damage = "mail_message_too_long";
      cut.damage_bytes = passed_over_;
      cut.damage_offset = offset_ - passed_over_;
      passed_over_ = 0;
      passing_ = false;
    }
    return cut;
  }

  std::vector<Place> places_;
  uint64_t messages_ = 0, offset_ = 0;
  bool mbox_ = false;     // else the file is one message
  bool passing_ = false;  // a message that is too long is being passed over
  uint64_t passed_over_ = 0;
  int wrong_lengths_ = 0;
};

}  // namespace

std::unique_ptr<Cutter> MakeCutter() { return std::make_unique<MessageCutter>(); }

}  // namespace spoor::mail
