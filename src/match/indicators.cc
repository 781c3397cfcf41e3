#include "match/indicators.h"

#include <algorithm>
#include <cstring>

#include "base/message.h"
#include "base/text.h"
#include "match/compare.h"

namespace spoor {
namespace {

// What a byte of case-folded text may be part of.
enum Class : uint8_t {
  kWord = 1,    // letters, digits, '-', '_', what is beyond ASCII: of names and numbers
  kDot = 2,     // '.'
  kColon = 4,   // ':', of IPv6 addresses, and between address and port
  kLocal = 8,   // of what stands before the '@' of a mail address (RFC 5322, 3.2.3, dot-atom), besides words and dots
  kHex = 16,    // hexadecimal digits
  kDigit = 32,  // decimal digits
};
constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'z';
    uint8_t of = 0;
    if (digit || letter || c == '-' || c == '_' || c >= 0x80) of |= kWord;
    if (digit || (c >= 'a' && c <= 'f')) of |= kHex;
    if (digit) of |= kDigit;
    classes[static_cast<size_t>(c)] = of;
  }
  classes['.'] = kDot;
  classes[':'] = kColon;
  for (const char c : std::string_view("!#$%&'*+/=?^`{|}~")) classes[static_cast<uint8_t>(c)] = kLocal;
  return classes;
}();
uint8_t ClassOf(char c) { return kClasses[static_cast<uint8_t>(c)]; }

// What ends a URL in running text.
bool EndsUrl(char c) {
  return static_cast<uint8_t>(c) <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '|' ||
         c == '{' || c == '}' || c == '\\' || c == '^';
}

bool IsHashLength(size_t digits) {
  return digits == 32 || digits == 40 || digits == 56 || digits == 64 || digits == 96 || digits == 128;
}

// An IPv4 address in the usual form, of digits and dots alone.
bool ParseV4(std::string_view text, uint8_t* four) {
  size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    unsigned value = 0;
    const size_t begin = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && at - begin < 3; ++at) {
      value = value * 10 + static_cast<unsigned>(text[at] - '0');
    }
    if (at == begin || value > 255) return false;
    four[part] = static_cast<uint8_t>(value);
    if (part < 3 && (at == text.size() || text[at++] != '.')) return false;
  }
  return at == text.size();
}

constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291, 2.5.5.2

// Clears all but the first bits.
void Mask(int bits, std::array<uint8_t, 16>* address) {
  for (int i = 0; i < 16; ++i) {
    const int left = std::clamp(bits - 8 * i, 0, 8);
    (*address)[static_cast<size_t>(i)] &= static_cast<uint8_t>(0xff00 >> left);
  }
}

void ReplaceAll(std::string_view what, std::string_view with, std::string* text) {
  for (size_t at = 0; (at = text->find(what, at)) != std::string::npos; at += with.size()) {
    text->replace(at, what.size(), with);
  }
}

// Undoes what lists do lest somebody click.
std::string Refanged(std::string_view text) {
  std::string plain(text);
  for (const auto& [what, with] : {std::pair<const char*, const char*>{"[.]", "."},
                                   {"(.)", "."},
                                   {"{.}", "."},
                                   {"[dot]", "."},
                                   {"(dot)", "."},
                                   {"[:]", ":"},
                                   {"[://]", "://"},
                                   {"[@]", "@"},
                                   {"(@)", "@"},
                                   {"[at]", "@"},
                                   {"(at)", "@"},
                                   {"[/]", "/"}}) {
    ReplaceAll(what, with, &plain);
  }
  const std::string lower = AsciiLower(std::string_view(plain).substr(0, 5));
  if (lower.starts_with("hxxp") || lower.starts_with("h**p") || lower.starts_with("htxp")) plain.replace(1, 2, "tt");
  return plain;
}

// Endings of file names that are no top-level domains, or hardly ever ones: a name with one of them is a file's.
bool IsFileEnding(std::string_view ending) {
  static constexpr std::string_view kEndings[] = {
      "7z",  "asp",  "aspx", "bat",  "bin",  "cab",  "chm", "cmd",  "conf", "cpl",  "csv",  "dat",  "dll",
      "dmp", "doc",  "docm", "docx", "dmg",  "elf",  "exe", "gz",   "hta",  "htm",  "html", "img",  "ini",
      "iso", "jar",  "jpg",  "jpeg", "js",   "jse",  "jsp", "json", "lnk",  "log",  "msc",  "msi",  "msp",
      "mst", "ocx",  "one",  "pcap", "pdf",  "php",  "png", "pptx", "ps1",  "psd1", "psm1", "rar",  "rtf",
      "scr", "sct",  "sys",  "tar",  "tgz",  "tmp",  "txt", "url",  "vbe",  "vbs",  "vhd",  "vhdx", "war",
      "wsf", "xlam", "xls",  "xlsb", "xlsm", "xlsx", "xml", "xz",   "yml"};
  return std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

// Two labels or more, the last of them no number and, unless said otherwise, no ending of files.
bool IsDomain(std::string_view folded, bool file_ending) {
  size_t labels = 0, begin = 0;
  for (size_t i = 0; i <= folded.size(); ++i) {
    if (i < folded.size() && folded[i] != '.') {
      if ((ClassOf(folded[i]) & kWord) == 0) return false;
      continue;
    }
    if (i == begin || i - begin > 63) return false;
    ++labels;
    if (i < folded.size()) begin = i + 1;
  }
  const std::string_view last = folded.substr(begin);
  const bool number = std::all_of(last.begin(), last.end(), [](char c) { return (ClassOf(c) & kDigit) != 0; });
  return labels > 1 && !number && (file_ending || !IsFileEnding(last));
}

bool IsMail(std::string_view folded) {
  const size_t at = folded.find('@');
  if (at == 0 || at == std::string_view::npos || !IsDomain(folded.substr(at + 1), true)) return false;
  return std::all_of(folded.begin(), folded.begin() + static_cast<ptrdiff_t>(at),
                     [](char c) { return (ClassOf(c) & (kWord | kDot | kLocal)) != 0; });
}

bool IsHash(std::string_view folded) {
  return IsHashLength(folded.size()) &&
         std::all_of(folded.begin(), folded.end(), [](char c) { return (ClassOf(c) & kHex) != 0; });
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// A URL's key: no scheme, no slash at the end.
std::string_view UrlKey(std::string_view folded) {
  if (const size_t scheme = folded.find("://"); scheme != std::string_view::npos) folded.remove_prefix(scheme + 3);
  while (!folded.empty() && folded.back() == '/') folded.remove_suffix(1);
  return folded;
}

constexpr size_t kMinText = 3;  // bytes

// What a line may say it is.
struct Said {
  std::string_view prefix;
  Indicators::Kind kind;
};
constexpr Said kSaid[] = {
    {"address", Indicators::kAddress}, {"ip", Indicators::kAddress},   {"network", Indicators::kNetwork},
    {"domain", Indicators::kDomain},   {"host", Indicators::kDomain},  {"hash", Indicators::kHash},
    {"md5", Indicators::kHash},        {"sha1", Indicators::kHash},    {"sha256", Indicators::kHash},
    {"sha512", Indicators::kHash},     {"imphash", Indicators::kHash}, {"ja3", Indicators::kHash},
    {"ja3s", Indicators::kHash},       {"mail", Indicators::kMail},    {"email", Indicators::kMail},
    {"url", Indicators::kUrl},         {"file", Indicators::kText},    {"path", Indicators::kText},
    {"text", Indicators::kText},
};

}  // namespace

const char* Indicators::KindName(Kind kind) {
  static constexpr const char* kNames[] = {"address", "network", "domain", "hash", "mail", "url", "text"};
  return kNames[kind];
}

std::string_view Indicators::text(uint32_t number) const {
  const Entry& e = entries_[number];
  return e.text == 0 ? key(number) : std::string_view(bytes_).substr(e.at + e.key, e.text);
}

std::string_view Indicators::note(uint32_t number) const {
  const Entry& e = entries_[number];
  return std::string_view(bytes_).substr(e.at + e.key + e.text, e.note);
}

uint32_t Indicators::Append(Kind kind, std::string_view key, std::string_view text, std::string_view note) {
  if (text == key) text = {};
  entries_.push_back({bytes_.size(), static_cast<uint32_t>(key.size()), static_cast<uint32_t>(text.size()),
                      static_cast<uint32_t>(note.size()), kind});
  bytes_.append(key).append(text).append(note);
  return static_cast<uint32_t>(entries_.size() - 1);
}

void Indicators::Enter(Kind kind, std::string_view key, std::string_view text, std::string_view note) {
  Table& table = kind == kDomain ? domains_
                 : kind == kHash ? hashes_
                 : kind == kMail ? mails_
                 : kind == kUrl  ? urls_
                                 : texts_;
  if (!table.contains(key)) table.insert(Append(kind, key, text, note));
}

std::string Indicators::Add(std::string_view line, std::string_view note) {
  std::string plain = Refanged(line);
  std::string_view text = plain;
  const Said* said = nullptr;
  if (const size_t colon = text.find_first_of(":="); colon != std::string_view::npos && colon > 0) {
    for (const Said& s : kSaid) {
      if (!EqualsIgnoreAsciiCase(text.substr(0, colon), s.prefix) || text.substr(colon).starts_with("://")) continue;
      said = &s;
      text = Trimmed(text.substr(colon + 1));
      break;
    }
  }
  if (text.empty()) return "nothing stands behind the ':'";
  const std::string folded = Folded(text);
  const auto may_be = [&](std::initializer_list<Kind> kinds) {
    return said == nullptr || std::find(kinds.begin(), kinds.end(), said->kind) != kinds.end();
  };
  if (may_be({kAddress, kNetwork})) {
    std::string_view address = text;
    if (address.starts_with('[')) {  // [2001:db8::1]:443
      address = address.substr(1, address.find(']') - 1);
    } else if (std::count(address.begin(), address.end(), ':') == 1) {
      address = address.substr(0, address.find(':'));
    }
    if (const auto network = ParseNetwork(std::string(address))) {
      Address bits;
      std::copy(std::begin(network->address), std::end(network->address), bits.begin());
      Mask(network->bits, &bits);
      auto of_length =
          std::find_if(networks_.begin(), networks_.end(), [&](const auto& n) { return n.first == network->bits; });
      if (of_length == networks_.end()) {
        networks_.push_back({network->bits, {}});
        of_length = networks_.end() - 1;
      }
      const bool v4 = std::equal(std::begin(kMapped), std::end(kMapped), bits.begin());
      (v4 || network->bits < 96 ? any_v4_ : any_v6_) = true;
      if (network->bits < 96 || !v4) any_v6_ = true;
      const auto [it, fresh] = of_length->second.try_emplace(bits, 0);
      if (fresh) it->second = Append(network->bits == 128 ? kAddress : kNetwork, folded, text, note);
      return "";
    }
    if (said != nullptr) return Cat("'", text, "' is no address and no network");
    const size_t slash = text.find('/');
    uint8_t ignored[16];
    if (slash != std::string_view::npos && ParseAddress(text.substr(0, slash), ignored) &&
        text.find_first_not_of("0123456789", slash + 1) == std::string_view::npos) {
      return Cat("'", text, "': a network's length is 0 to 32, of IPv6 0 to 128");
    }
  }
  if (may_be({kUrl})) {
    const size_t scheme = folded.find("://"), slash = folded.find('/');
    std::string_view host = std::string_view(folded).substr(0, slash);
    host = host.substr(0, host.find(':'));
    uint8_t ignored[4];
    const bool named = scheme != std::string::npos ||
                       (slash != std::string::npos && slash > 0 && (IsDomain(host, false) || ParseV4(host, ignored)));
    if (named || said != nullptr) {
      const std::string_view key = UrlKey(folded);
      if (key.empty()) return Cat("'", text, "' is no URL");
      Enter(kUrl, key, text, note);
      return "";
    }
  }
  if (may_be({kHash})) {
    if (IsHash(folded)) {
      Enter(kHash, folded, text, note);
      return "";
    }
    if (said != nullptr) return Cat("'", text, "' is no hash: 32 to 128 hexadecimal digits");
  }
  if (may_be({kMail}) && IsMail(folded)) {
    Enter(kMail, folded, text, note);
    return "";
  }
  if (may_be({kDomain})) {
    std::string_view name = folded;
    for (const std::string_view start : {"*.", ".", "@"}) {
      if (name.starts_with(start)) name.remove_prefix(start.size());
    }
    if (name.ends_with('.')) name.remove_suffix(1);
    if (IsDomain(name, said != nullptr)) {
      Enter(kDomain, name, text, note);
      return "";
    }
  }
  if (said != nullptr && said->kind != kText) return Cat("'", text, "' is no ", KindName(said->kind));
  if (folded.size() < kMinText) return Cat("'", text, "' is too short to be looked for");
  Enter(kText, folded, text, note);
  return "";
}

void Indicators::AddList(std::string_view bytes, std::vector<Problem>* problems) {
  std::string decoded;
  if (bytes.starts_with("\xff\xfe")) {
    AppendUtf16(reinterpret_cast<const uint8_t*>(bytes.data()) + 2, bytes.size() - 2, &decoded);
    bytes = decoded;
  } else if (bytes.starts_with("\xef\xbb\xbf")) {
    bytes.remove_prefix(3);
  }
  uint32_t number = 0;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = Trimmed(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    std::string_view note;
    const size_t tab = line.find('\t'), hash = line.find(" #");
    if (const size_t cut = std::min(tab, hash); cut != std::string_view::npos) {
      note = Trimmed(line.substr(cut + (cut == hash ? 2 : 1)));
      line = Trimmed(line.substr(0, cut));
    }
    std::string valid;
    AppendValidUtf8(line, &valid);
    if (std::string problem = Add(valid, note); !problem.empty()) problems->push_back({number, std::move(problem)});
  }
}

void Indicators::Seal() {
  std::vector<std::string_view> literals;
  text_numbers_.assign(texts_.begin(), texts_.end());
  for (const uint32_t number : text_numbers_) literals.push_back(key(number));
  if (!literals.empty()) text_index_.Build(literals);
}

sigma::Rule IndicatorRule(std::shared_ptr<const Indicators> indicators, std::string title) {
  sigma::Rule rule;
  rule.title = std::move(title);
  rule.level = sigma::Level::kHigh;
  rule.source.product = sigma::LogSource::kAny;
  sigma::Pattern pattern;
  pattern.op = sigma::Operator::kIndicator;
  pattern.indicators = std::move(indicators);
  rule.detection.items.push_back({"", {std::move(pattern)}});
  rule.detection.nodes.push_back({sigma::Expression::Kind::kItem, {}, 0});
  return rule;
}

// One text, cut into words.
class Indicators::Walk {
 public:
  Walk(const Indicators& of, std::string_view text, absl::FunctionRef<bool(uint32_t)> fn)
      : of_(of), text_(text), fn_(fn) {}

  void Run() {
    size_t at = 0;
    while (at < text_.size() && go_on_) {
      while (at < text_.size() && (ClassOf(text_[at]) & (kWord | kColon)) == 0) ++at;
      const size_t begin = at;
      uint8_t all = 0xff, any = 0;
      for (; at < text_.size(); ++at) {
        const uint8_t of = ClassOf(text_[at]);
        if ((of & (kWord | kDot | kColon)) == 0) break;
        all &= of;
        any |= of;
      }
      if (at > begin) OfRun(begin, at, all, any);
    }
    if (!of_.urls_.empty() && go_on_) Urls();
    if (!of_.text_numbers_.empty() && go_on_) Texts();
  }

 private:
  void Found(uint32_t number) {
    if (go_on_) go_on_ = fn_(number);
  }
  void LookUp(const Table& table, std::string_view key) {
    if (const auto it = table.find(key); it != table.end()) Found(*it);
  }

  // Words, dots and colons in a row: host names, addresses, hashes; several of them where colons stand between.
  void OfRun(size_t begin, size_t end, uint8_t all, uint8_t any) {
    if ((any & kColon) == 0) return OfWord(begin, end, all, any);
    if (of_.any_v6_) SixIn(begin, end);
    size_t at = begin;
    while (at < end) {
      const size_t from = at;
      uint8_t all_here = 0xff, any_here = 0;
      for (; at < end && text_[at] != ':'; ++at) {
        const uint8_t of = ClassOf(text_[at]);
        all_here &= of;
        any_here |= of;
      }
      if (at > from) OfWord(from, at, all_here, any_here);
      ++at;
    }
  }

  // Words and dots in a row.
  void OfWord(size_t begin, size_t end, uint8_t all, uint8_t any) {
    if (!of_.mails_.empty() && end < text_.size() && text_[end] == '@') Mail(end);
    const std::string_view word = text_.substr(begin, end - begin);
    if ((any & kDot) == 0) {
      if ((all & kHex) != 0 && IsHashLength(word.size()) && !of_.hashes_.empty()) LookUp(of_.hashes_, word);
      return;
    }
    std::string_view name = word;
    while (name.ends_with('.')) name.remove_suffix(1);
    if (of_.any_v4_ && word.size() >= 7 && (ClassOf(word[0]) & kDigit) != 0) {
      uint8_t address[16];
      std::memcpy(address, kMapped, sizeof kMapped);
      if (ParseV4(name, address + 12)) return OfAddress(address);
    }
    // A hash beside dots: file.dll.HASH.
    if (!of_.hashes_.empty() && word.size() > 32) {
      size_t from = 0;
      for (size_t i = 0; i <= word.size(); ++i) {
        if (i < word.size() && word[i] != '.') continue;
        if (IsHash(word.substr(from, i - from))) LookUp(of_.hashes_, word.substr(from, i - from));
        from = i + 1;
      }
    }
    if (of_.domains_.empty()) return;
    // The name and those above it.
    for (size_t dot = 0; (dot = name.find('.')) != std::string_view::npos; name.remove_prefix(dot + 1)) {
      if (name.size() <= kMaxName) LookUp(of_.domains_, name);
    }
  }

  void OfAddress(const uint8_t* bytes) {
    for (const auto& [bits, table] : of_.networks_) {
      Address address;
      std::copy(bytes, bytes + 16, address.begin());
      if (bits < 128) Mask(bits, &address);
      if (const auto it = table.find(address); it != table.end()) Found(it->second);
    }
  }

  // An IPv6 address is looked for in the whole run, and, as ports stand behind it, in what is before its last colon
  // only where brackets say so, which end the run.
  void SixIn(size_t begin, size_t end) {
    std::string_view run = text_.substr(begin, end - begin);
    while (run.ends_with('.') || (run.ends_with(':') && !run.ends_with("::"))) run.remove_suffix(1);
    while (run.starts_with(':') && !run.starts_with("::")) run.remove_prefix(1);
    uint8_t address[16];
    if (run.size() >= 3 && run.size() <= 45 && std::count(run.begin(), run.end(), ':') >= 2 &&
        ParseAddress(run, address)) {
      OfAddress(address);
    }
  }

  // at: of the '@'.
  void Mail(size_t at) {
    size_t begin = at, end = at + 1;
    while (begin > 0 && at - begin < kMaxLocalPart && (ClassOf(text_[begin - 1]) & (kWord | kDot | kLocal)) != 0)
      --begin;
    while (end < text_.size() && end - at <= kMaxName && (ClassOf(text_[end]) & (kWord | kDot)) != 0) ++end;
    while (end > at && text_[end - 1] == '.') --end;
    LookUp(of_.mails_, text_.substr(begin, end - begin));
    // "to=jane@acme.example": what stands before a sign may belong to the text around it.
    for (size_t i = begin; i < at; ++i) {
      if ((ClassOf(text_[i]) & kLocal) != 0) LookUp(of_.mails_, text_.substr(i + 1, end - i - 1));
    }
  }

  void Urls() {
    size_t at = 0;
    for (size_t n = 0; n < kMaxUrls && go_on_ && (at = text_.find("://", at)) != std::string_view::npos; ++n) {
      at += 3;  // a URL may hold another
      size_t end = at;
      while (end < text_.size() && end - at < kMaxUrl && !EndsUrl(text_[end])) ++end;
      std::string_view url = text_.substr(at, end - at);
      while (!url.empty() && std::string_view(".,;)]/").find(url.back()) != std::string_view::npos)
        url.remove_suffix(1);
      LookUp(of_.urls_, url);
      size_t parts = 0;
      for (size_t i = 0; i < url.size() && parts < kMaxUrlParts; ++i) {
        if (url[i] != '/' && url[i] != '?' && url[i] != '#' && url[i] != '&') continue;
        ++parts;
        LookUp(of_.urls_, url.substr(0, i));
      }
    }
  }

  void Texts() {
    of_.text_index_.Find(text_, [&](uint32_t id, size_t at) {
      const uint32_t number = of_.text_numbers_[id];
      const std::string_view key = of_.key(number);
      const size_t end = at + key.size();
      const auto both_words = [](char a, char b) { return (ClassOf(a) & ClassOf(b) & kWord) != 0; };
      if (at > 0 && both_words(text_[at - 1], key.front())) return;
      if (end < text_.size() && both_words(key.back(), text_[end])) return;
      Found(number);
    });
  }

  static constexpr size_t kMaxName = 255;      // of a domain name: RFC 1035, 2.3.4
  static constexpr size_t kMaxLocalPart = 64;  // RFC 5321, 4.5.3.1.1
  static constexpr size_t kMaxUrl = 2048;      // longer ones are looked at so far
  static constexpr size_t kMaxUrls = 256, kMaxUrlParts = 64;

  const Indicators& of_;
  const std::string_view text_;
  absl::FunctionRef<bool(uint32_t)> fn_;
  bool go_on_ = true;
};

void Indicators::Find(std::string_view folded, absl::FunctionRef<bool(uint32_t)> fn) const {
  Walk(*this, folded, fn).Run();
}

bool Indicators::In(std::string_view folded) const {
  bool found = false;
  Find(folded, [&](uint32_t) {
    found = true;
    return false;
  });
  return found;
}

}  // namespace spoor
