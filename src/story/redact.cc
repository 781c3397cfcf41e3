#include "story/redact.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/cache.h"
#include "base/text.h"
#include "campaign/trace.h"
#include "campaign/victims.h"

namespace spoor {
namespace {

constexpr size_t kShortest = 3;  // letters of a name that is known without its domain
constexpr size_t kDigits = 8;    // of a pseudonym

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
int HexValue(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

// Bytes of what stands between words at `at`, as one character: itself, or a "%40" for it; 0: a word is there.
size_t SeparatorAt(std::string_view text, size_t at) {
  if (text[at] == '%' && at + 2 < text.size() && IsHexDigit(text[at + 1]) && IsHexDigit(text[at + 2])) {
    const auto c = static_cast<char>(HexValue(text[at + 1]) * 16 + HexValue(text[at + 2]));
    if (!IsWordByte(c)) return 3;
  }
  return IsWordByte(text[at]) ? 0 : 1;
}

size_t EndOfWord(std::string_view text, size_t at) {
  while (at < text.size() && IsWordByte(text[at])) ++at;
  return at;
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    if (const size_t size = SeparatorAt(text, at); size > 0) {
      at += size;
      continue;
    }
    const size_t end = EndOfWord(text, at);
    words.push_back(Folded(text.substr(at, end - at)));
    at = end;
  }
  return words;
}

std::string Joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

// The text of a JSON string literal without its quotes.
std::string Unescaped(std::string_view literal) {
  std::string out;
  const auto unit = [&](size_t at) {
    char32_t c = 0;
    for (size_t i = 0; i < 4; ++i) c = c * 16 + static_cast<char32_t>(HexValue(literal[at + i]));
    return c;
  };
  for (size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] != '\\' || i + 1 >= literal.size()) {
      out += literal[i];
      continue;
    }
    const char c = literal[++i];
    if (c != 'u' || i + 4 >= literal.size()) {
      constexpr std::string_view kLetters = "bfnrt", kMeant = "\b\f\n\r\t";
      const size_t letter = kLetters.find(c);
      out += letter == std::string_view::npos ? c : kMeant[letter];
      continue;
    }
    char32_t point = unit(i + 1);
    i += 4;
    if (point >= 0xd800 && point < 0xdc00 && i + 6 < literal.size() && literal[i + 1] == '\\' &&
        literal[i + 2] == 'u') {
      point = 0x10000 + ((point - 0xd800) << 10) + (unit(i + 3) - 0xdc00);
      i += 6;
    }
    AppendUtf8(point, &out);
  }
  return out;
}

}  // namespace

std::string Hmac(std::string_view key, std::string_view text) {
  constexpr size_t kBlock = 64;
  std::string block(key.size() > kBlock ? Sha256Of(key) : std::string(key));
  block.resize(kBlock, '\0');
  std::string inner = block, outer = block;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  inner += text;
  return Sha256Of(outer + Sha256Of(inner));
}

// A name that several have is nobody's alone: it gets a pseudonym of its own.
void Redactor::AddName(std::string_view name, uint32_t whose) {
  const std::vector<std::string> words = Words(name);
  if (words.empty() || words.size() > kMaxWords) return;
  const std::string sequence = Joined(words, " ");
  const auto [it, fresh] = sequences_.try_emplace(sequence, whose);
  const std::string known = identities_[it->second];
  if (!fresh && it->second != whose && !known.starts_with("name:") && !known.starts_with("user:")) {
    const bool person = known.starts_with("person:") || identities_[whose].starts_with("person:");
    const std::string identity = (person ? "name:" : "user:") + sequence;
    const auto [number, is_new] = numbers_.try_emplace(identity, static_cast<uint32_t>(identities_.size()));
    if (is_new) identities_.push_back(identity);
    it->second = number->second;
  }
  std::string beginning;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (i > 0) beginning += ' ';
    beginning += words[i];
    beginnings_.insert(beginning);
  }
}

// Without a domain.
void Redactor::AddUser(std::string_view user, uint32_t whose) {
  const std::string folded = Folded(user);
  const std::string letters = Joined(Words(folded), "");
  if (letters.size() < kShortest || IsCommonName(folded)) return;
  AddName(folded, whose);
}

void Redactor::AddPerson(const RosterPerson& person) {
  std::string identity = "person:" + Folded(person.name) + '\0' + Folded(person.organisation);
  while (numbers_.contains(identity)) identity += '\0';  // another of the same name
  const auto whose = static_cast<uint32_t>(identities_.size());
  numbers_.emplace(identity, whose);
  identities_.push_back(identity);
  const std::vector<std::string> words = Words(person.name);
  if (words.size() == 1) {
    AddUser(person.name, whose);
  } else if (words.size() > 1) {
    // From each of its parts on and round: "Doe, Jane", "Van Doe, Jane".
    for (size_t from = 0; from < words.size() && words.size() <= kMaxWords; ++from) {
      std::vector<std::string> turned(words.begin() + static_cast<ptrdiff_t>(from), words.end());
      turned.insert(turned.end(), words.begin(), words.begin() + static_cast<ptrdiff_t>(from));
      AddName(Joined(turned, " "), whose);
    }
    AddName(words.front() + " " + words.back(), whose);
    AddName(words.back() + " " + words.front(), whose);
    AddName(words.front() + words.back(), whose);
    AddName(words.back() + words.front(), whose);
  }
  const auto add = [&](const std::string& account) {
    AddName(account, whose);
    numbers_.try_emplace("account:" + account, whose);
    const size_t slash = account.find('\\');
    const std::string user = slash == std::string::npos ? account : account.substr(slash + 1);
    AddUser(user.substr(0, user.find('@')), whose);
  };
  for (const std::string& account : person.accounts) add(account);
  for (const std::string& mail : person.mails) add(mail);
  for (const std::string& sid : person.sids) {
    AddName(sid, whose);
    numbers_.try_emplace("account:" + sid, whose);
  }
}

void Redactor::AddAccount(std::string_view account) {
  const std::string name = Folded(account);
  if (IsNobody(name)) return;
  const size_t slash = name.find('\\');
  const std::string user = (slash == std::string::npos ? name : name.substr(slash + 1));
  if (IsCommonName(user)) return;
  const auto [it, fresh] = numbers_.try_emplace("account:" + name, static_cast<uint32_t>(identities_.size()));
  if (!fresh) return;  // somebody's, or known
  const uint32_t whose = it->second;
  identities_.push_back("account:" + name);
  if (slash != std::string::npos || name.find('@') != std::string::npos) AddName(name, whose);
  // Where a person has that name, it is that person's.
  const std::string bare = user.substr(0, user.find('@'));
  const auto known = sequences_.find(Joined(Words(bare), " "));
  if (known == sequences_.end() || !identities_[known->second].starts_with("person:")) AddUser(bare, whose);
}

void Redactor::Seal() {
  std::map<std::string, std::vector<uint32_t>> same;
  std::vector<std::string> digests;
  for (uint32_t i = 0; i < identities_.size(); ++i) {
    std::string hex;
    for (const char c : Hmac(key_, identities_[i])) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    same[hex.substr(0, kDigits)].push_back(i);
    digests.push_back(std::move(hex));
  }
  pseudonyms_.resize(identities_.size());
  for (const auto& [digits, numbers] : same) {
    for (const uint32_t i : numbers) {
      const bool person = identities_[i].starts_with("person:") || identities_[i].starts_with("name:");
      pseudonyms_[i] = (person ? "person-" : "account-") + digests[i].substr(0, numbers.size() > 1 ? 32 : kDigits);
    }
  }
}

// The longest name that begins with the word at `at`: behind it, and whose; `end` is 0 where none does.
Redactor::Found Redactor::FindAt(std::string_view text, size_t at) const {
  constexpr size_t kMaxBetween = 2;  // characters between two parts of a name
  Found found;
  size_t end = EndOfWord(text, at);
  std::string words = Folded(text.substr(at, end - at));
  for (;;) {
    if (const auto it = sequences_.find(words); it != sequences_.end()) found = {end, it->second};
    if (!beginnings_.contains(words)) return found;
    size_t next = end;
    for (size_t n = 0; n < kMaxBetween && next < text.size(); ++n) next += SeparatorAt(text, next);
    if (next == end || next >= text.size() || SeparatorAt(text, next) > 0) return found;
    end = EndOfWord(text, next);
    words += ' ';
    AppendFolded(text.substr(next, end - next), &words);
  }
}

// Names that overlap ("acme/Jane Doe" has "acme jane" and "jane doe") become one pseudonym, the longer one's, so that
// no part of either is left.
std::string Redactor::Text(std::string_view text) const {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (const size_t size = SeparatorAt(text, at); size > 0) {
      out.append(text, at, size);
      at += size;
      continue;
    }
    Found whole = FindAt(text, at);
    if (whole.end == 0) {
      const size_t end = EndOfWord(text, at);
      out.append(text, at, end - at);
      at = end;
      continue;
    }
    size_t longest = whole.end - at;
    for (size_t within = EndOfWord(text, at); within < whole.end;) {
      if (const size_t size = SeparatorAt(text, within); size > 0) {
        within += size;
        continue;
      }
      const Found other = FindAt(text, within);
      if (other.end > within + longest) {
        longest = other.end - within;
        whole.whose = other.whose;
      }
      whole.end = std::max(whole.end, other.end);
      within = EndOfWord(text, within);
    }
    out += pseudonyms_[whole.whose];
    at = whole.end;
  }
  return out;
}

std::string Redactor::Json(std::string_view json) const {
  constexpr std::string_view kOwn[] = {"id",   "stage", "tactic", "technique", "techniques", "level", "state",
                                       "kind", "time",  "first",  "last",      "hides",      "actor", "rule_id"};
  std::string out, key;
  for (size_t at = 0; at < json.size();) {
    if (json[at] != '"') {
      out += json[at++];
      continue;
    }
    size_t end = at + 1;
    while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    end = std::min(end, json.size());
    const std::string_view literal = json.substr(at + 1, end - at - 1);
    const std::string_view whole = json.substr(at, end + 1 - at);
    at = std::min(end + 1, json.size());
    if (at < json.size() && json[at] == ':') {
      key = literal;
      out += whole;
    } else if (std::find(std::begin(kOwn), std::end(kOwn), key) != std::end(kOwn)) {
      out += whole;
    } else {
      AppendJsonString(Text(Unescaped(literal)), &out);
    }
  }
  return out;
}

Redactor RedactorOf(std::string key, const TraceResult& result, const Roster* roster) {
  Redactor redactor(std::move(key));
  if (roster != nullptr) {
    for (const RosterPerson& person : roster->persons()) redactor.AddPerson(person);
  }
  if (result.world != nullptr) {
    for (const Thing& thing : result.world->things()) {
      if (thing.kind == ThingKind::kAccount) redactor.AddAccount(thing.name);
    }
  }
  if (result.clues != nullptr) {
    for (const Clue& clue : result.clues->clues) redactor.AddAccount(clue.user);
  }
  for (const Campaign& campaign : result.found.campaigns) {
    for (const Step& step : campaign.steps) redactor.AddAccount(step.account);
    for (const TenantPath& path : campaign.paths) {
      for (const std::string& account : path.accounts) redactor.AddAccount(account);
    }
    for (const Victim& victim : campaign.victims) {
      if (victim.kind == VictimKind::kAccount || victim.kind == VictimKind::kMailbox) redactor.AddAccount(victim.name);
    }
  }
  redactor.Seal();
  return redactor;
}

}  // namespace spoor
