#include "formats/syslog/pattern.h"

#include <algorithm>
#include <cstring>

#include "absl/status/status.h"
#include "base/text.h"

namespace spoor::syslog {
namespace {

constexpr unsigned kMaxSteps = 512;  // places tried for the texts behind {~} and {*}, of one message
constexpr size_t kMaxSearched = 8192;

}  // namespace

absl::StatusOr<Pattern> Pattern::Compile(std::string_view given) {
  Pattern pattern;
  std::string text(given);
  int wide = 0;
  const auto bad = [&](const char* why) { return absl::InvalidArgumentError(why + (" in: " + text)); };
  if (const size_t mark = text.find("{>}"); mark != std::string::npos) {
    text.erase(mark, 3);
    if (text.find('{', mark) != std::string::npos) return bad("a field behind {>}");
    pattern.behind_mark_ = text.size() - mark;
  }
  for (size_t at = 0; at < text.size();) {
    Piece piece;
    if (text[at] != '{') {
      const size_t stop = std::min(text.find('{', at), text.size());
      piece.text = text.substr(at, stop - at);
      at = stop;
      pattern.pieces_.push_back(std::move(piece));
      continue;
    }
    const size_t stop = text.find('}', at);
    if (stop == std::string_view::npos) return bad("a brace that does not close");
    std::string_view name = std::string_view(text).substr(at + 1, stop - at - 1);
    at = stop + 1;
    piece.kind = Kind::kWord;
    if (name.ends_with('?')) piece.optional = true;
    if (name.ends_with('~')) piece.kind = Kind::kLazy;
    if (name.ends_with('*')) piece.kind = Kind::kGreedy;
    if (piece.optional || piece.kind != Kind::kWord) name.remove_suffix(1);
    wide += piece.kind != Kind::kWord;
    if (!name.empty()) {
      if (std::find(pattern.fields_.begin(), pattern.fields_.end(), name) != pattern.fields_.end()) {
        return bad("a field named twice");
      }
      piece.field = static_cast<int>(pattern.fields_.size());
      pattern.fields_.emplace_back(name);
    }
    if (!pattern.pieces_.empty() && pattern.pieces_.back().kind != Kind::kText) return bad("two fields side by side");
    pattern.pieces_.push_back(std::move(piece));
  }
  if (pattern.pieces_.empty()) return bad("nothing");
  if (wide > 3) return bad("more than three fields of any text");
  return pattern;
}

std::string_view Pattern::first_literal() const {
  return pieces_[0].kind == Kind::kText ? std::string_view(pieces_[0].text) : std::string_view();
}

bool Pattern::Match(std::string_view message, std::string_view* values, size_t* end) const {
  std::fill(values, values + fields_.size(), std::string_view());
  unsigned steps = kMaxSteps;
  return MatchFrom(0, message, 0, values, end, &steps);
}

bool Pattern::MatchFrom(size_t i, std::string_view message, size_t at, std::string_view* values, size_t* end,
                        unsigned* steps) const {
  for (; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.kind == Kind::kText) {
      if (message.size() - at < piece.text.size() ||
          std::memcmp(message.data() + at, piece.text.data(), piece.text.size()) != 0) {
        return false;
      }
      at += piece.text.size();
      continue;
    }
    const auto keep = [&](size_t stop) {
      if (piece.field >= 0) values[piece.field] = message.substr(at, stop - at);
    };
    const std::string_view next = i + 1 < pieces_.size() ? std::string_view(pieces_[i + 1].text) : std::string_view();
    if (piece.kind == Kind::kWord) {
      const void* space = std::memchr(message.data() + at, ' ', message.size() - at);
      size_t stop =
          space == nullptr ? message.size() : static_cast<size_t>(static_cast<const char*>(space) - message.data());
      if (!next.empty() && next[0] != ' ') {
        const std::string_view word = message.substr(at, stop - at);
        const size_t head = std::min(next.find(' '), next.size());  // the part of the text that is in the word
        const size_t found = next[0] == ':' || next[0] == '.' ? FindLastText(word, next.substr(0, head))
                                                              : FindText(word, next.substr(0, head));
        if (found == std::string_view::npos) return false;
        stop = at + found;
      }
      if (stop == at && !piece.optional) return false;
      keep(stop);
      at = stop;
      continue;
    }
    if (next.empty()) {  // all that is left
      keep(message.size());
      at = message.size();
      continue;
    }
    const std::string_view text = message.substr(0, std::min(message.size(), at + kMaxSearched));
    size_t place = piece.kind == Kind::kLazy ? FindText(text, next, at) : FindLastText(text, next);
    while (place != std::string_view::npos && place >= at && *steps > 0) {
      --*steps;
      if (MatchFrom(i + 1, message, place, values, end, steps)) {
        keep(place);
        return true;
      }
      if (piece.kind == Kind::kLazy) {
        place = FindText(text, next, place + 1);
      } else {
        if (place == 0) break;
        place = FindLastText(text, next, place - 1);
      }
    }
    return false;
  }
  *end = at - behind_mark_;
  return true;
}

}  // namespace spoor::syslog
