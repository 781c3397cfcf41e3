#include "sigma/encode.h"

#include <cstdint>

#include "base/text.h"

namespace spoor::sigma {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<char32_t, 5> kDashes = {U'-', U'/', U'\u2013', U'\u2014', U'\u2015'};

bool IsDash(char32_t c) {
  for (char32_t dash : kDashes) {
    if (c == dash) return true;
  }
  return false;
}

// Letters, digits and underscore. Beyond ASCII: everything but the punctuation of Latin-1 and of U+2000…206F.
bool IsWord(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  return c >= 0xc0 && !(c >= 0x2000 && c <= 0x206f) && c != 0xfffd;
}

bool IsUtf8(std::string_view bytes) {
  for (size_t pos = 0; pos < bytes.size();) {
    const size_t was = pos;
    const char32_t c = DecodeUtf8(bytes, &pos);
    if (c == 0xfffd && pos == was + 1) return false;
  }
  return true;
}

// Cuts a text at its dashes: stretches of other text, between which a dash stands.
std::vector<std::string> CutAtDashes(std::string_view text) {
  std::vector<std::string> stretches(1);
  bool behind_word = false;
  for (size_t pos = 0; pos < text.size();) {
    const size_t was = pos;
    const char32_t c = DecodeUtf8(text, &pos);
    if (IsDash(c) && !behind_word && pos < text.size()) {
      size_t next = pos;
      if (IsWord(DecodeUtf8(text, &next))) {
        stretches.emplace_back();
        behind_word = false;
        continue;
      }
    }
    stretches.back().append(text.substr(was, pos - was));
    behind_word = IsWord(c);
  }
  return stretches;
}

}  // namespace

std::string Base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t have = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? static_cast<uint8_t>(bytes[i + k]) : 0);
    out += kDigits[group >> 18];
    out += kDigits[group >> 12 & 63];
    out += have > 1 ? kDigits[group >> 6 & 63] : '=';
    out += have > 2 ? kDigits[group & 63] : '=';
  }
  return out;
}

std::array<std::string, 3> Base64Offsets(std::string_view bytes) {
  // With k bytes before them, the first characters depend on those too: 0, 2 or 3 of them. A last group of
  // one or two bytes ends in characters (padding among them) that depend on what follows: 3 or 2 of them.
  constexpr size_t kSkip[] = {0, 2, 3}, kDrop[] = {0, 3, 2};
  std::array<std::string, 3> out;
  for (size_t k = 0; k < 3; ++k) {
    const std::string whole = Base64(std::string(k, ' ').append(bytes));
    const size_t end = whole.size() - kDrop[(bytes.size() + k) % 3];
    if (end > kSkip[k]) out[k] = whole.substr(kSkip[k], end - kSkip[k]);
  }
  return out;
}

std::string Utf16Bytes(std::string_view utf8, Utf16Form form) {
  std::string out;
  out.reserve(2 * utf8.size() + 2);
  const auto unit = [&](uint32_t u) {
    const char low = static_cast<char>(u & 0xff), high = static_cast<char>(u >> 8);
    out += form == Utf16Form::kBig ? high : low;
    out += form == Utf16Form::kBig ? low : high;
  };
  if (form == Utf16Form::kMarked) unit(0xfeff);
  for (size_t pos = 0; pos < utf8.size();) {
    const char32_t c = DecodeUtf8(utf8, &pos);
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xd800 + ((c - 0x10000) >> 10));
      unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
  return out;
}

std::string BytesAsText(std::string bytes) {
  if (IsUtf8(bytes)) return bytes;
  std::string out;
  for (char c : bytes) AppendUtf8(static_cast<uint8_t>(c), &out);
  return out;
}

bool DashVariants(const GlobParts& parts, size_t most, size_t most_bytes, std::vector<GlobParts>* out) {
  std::vector<std::vector<std::string>> cut;  // per part
  size_t ways = 1;
  for (const GlobPart& part : parts) {
    cut.push_back(CutAtDashes(part.text));
    for (size_t i = 1; i < cut.back().size(); ++i) {
      ways *= kDashes.size();
      if (ways > most) return false;
    }
  }
  if (ways * TextSize(parts) > most_bytes) return false;
  for (size_t way = 0; way < ways; ++way) {
    GlobParts variant = parts;
    size_t choice = way;  // its digits to base five are the signs
    for (size_t p = 0; p < parts.size(); ++p) {
      if (cut[p].size() == 1) continue;
      std::string text = cut[p][0];
      for (size_t i = 1; i < cut[p].size(); ++i) {
        AppendUtf8(kDashes[choice % kDashes.size()], &text);
        choice /= kDashes.size();
        text += cut[p][i];
      }
      variant[p].text = std::move(text);
    }
    out->push_back(std::move(variant));
  }
  return true;
}

}  // namespace spoor::sigma
