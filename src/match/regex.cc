#include "match/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/text.h"

namespace spoor {
namespace {

constexpr int64_t kRe2Memory = 4 << 20;        // bytes of automaton one expression may cache
constexpr uint32_t kPcreMatchLimit = 100'000;  // steps of one search; a rule's expression needs some hundreds
constexpr uint32_t kPcreDepthLimit = 1'000;

std::atomic<uint64_t> g_limit_hits{0};

std::string WithFlags(const sigma::Pattern& p) {
  std::string flags;
  if (p.regex_i) flags += 'i';
  if (p.regex_m) flags += 'm';
  if (p.regex_s) flags += 's';
  return flags.empty() ? p.text : absl::StrCat("(?", flags, ")", p.text);
}

// The N of an expression that is nothing but .{N,}: "some line has at least N characters". An automaton for it has a
// state for each count and is slower by orders of magnitude than counting.
std::optional<size_t> LongLine(const sigma::Pattern& p) {
  const std::string_view t = p.text;
  if (p.regex_s || t.size() < 5 || t.size() > 10 || t.substr(0, 2) != ".{" || t.substr(t.size() - 2) != ",}") {
    return std::nullopt;
  }
  size_t n = 0;
  for (const char c : t.substr(2, t.size() - 4)) {
    if (c < '0' || c > '9') return std::nullopt;
    n = 10 * n + static_cast<size_t>(c - '0');
  }
  return n;
}

bool HasLongLine(std::string_view text, size_t n) {
  if (n == 0) return true;
  size_t count = 0;
  for (const char c : text) {
    if (c == '\n') {
      count = 0;
    } else if ((c & 0xc0) != 0x80 && ++count >= n) {  // continuation bytes of UTF-8 are no characters
      return true;
    }
  }
  return false;
}

re2::RE2::Options Options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRe2Memory);
  return options;
}

struct PcreFree {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

}  // namespace

struct CompiledRegex::Engine {
  std::unique_ptr<re2::RE2> re2;
  std::unique_ptr<pcre2_code, PcreFree> pcre;
  std::optional<size_t> long_line;
  size_t min_size = 0;  // characters, so bytes too, that any match has
};

CompiledRegex::~CompiledRegex() = default;
uint64_t CompiledRegex::limit_hits() { return g_limit_hits.load(std::memory_order_relaxed); }

// RE2 can say which literals of at least so many bytes a match needs, as a formula of ANDs and ORs. A literal without
// which the formula is false is needed by itself; where there is none, one of all must be there. Short literals are
// nearly everywhere, yet even a single rare character spares most runs.
void CompiledRegex::FindLiterals(const std::string& text) {
  constexpr size_t kMaxAtoms = 64;  // formulas of more are not studied for what is needed: that is quadratic
  for (const int shortest : {3, 2, 1}) {
    re2::FilteredRE2 filter(shortest);
    int id;
    std::vector<std::string> atoms;
    if (filter.Add(text, Options(), &id) != re2::RE2::NoError) return;
    filter.Compile(&atoms);
    // RE2 and we fold some letters beyond ASCII differently.
    const auto ascii = [](const std::string& s) {
      return std::all_of(s.begin(), s.end(), [](char c) { return (c & 0x80) == 0; });
    };
    if (atoms.empty() || !std::all_of(atoms.begin(), atoms.end(), ascii)) continue;
    for (std::string& atom : atoms) atom = Folded(atom);
    if (triggers_.empty()) triggers_ = atoms;
    if (atoms.size() > kMaxAtoms) continue;
    for (size_t i = 0; i < atoms.size(); ++i) {
      std::vector<int> others, possible;
      for (size_t j = 0; j < atoms.size(); ++j) {
        if (j != i) others.push_back(static_cast<int>(j));
      }
      filter.AllPotentials(others, &possible);
      const auto holds_it = [&](const std::string& n) { return n.find(atoms[i]) != std::string::npos; };
      if (possible.empty() && std::none_of(needed_.begin(), needed_.end(), holds_it)) needed_.push_back(atoms[i]);
    }
  }
  std::stable_sort(needed_.begin(), needed_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  if (!needed_.empty()) triggers_ = {needed_[0]};
}

bool CompiledRegex::Possible(std::string_view folded) const {
  return std::all_of(needed_.begin(), needed_.end(),
                     [&](const std::string& n) { return folded.find(n) != std::string_view::npos; });
}

absl::StatusOr<std::unique_ptr<CompiledRegex>> CompiledRegex::Make(const sigma::Pattern& pattern) {
  const std::string text = WithFlags(pattern);
  std::unique_ptr<CompiledRegex> made(new CompiledRegex());
  made->engine_ = std::make_unique<Engine>();
  if (const auto n = LongLine(pattern)) {
    made->engine_->long_line = n;
    return made;
  }
  int error;
  PCRE2_SIZE at;
  std::unique_ptr<pcre2_code, PcreFree> pcre(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                                           PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY,
                                                           &error, &at, nullptr));
  if (pcre != nullptr) {
    // How short a text can be told apart without running the expression; the same for both engines.
    uint32_t shortest = 0;
    pcre2_pattern_info(pcre.get(), PCRE2_INFO_MINLENGTH, &shortest);
    made->engine_->min_size = shortest;
  }
  auto re = std::make_unique<re2::RE2>(text, Options());
  if (re->ok()) {
    made->engine_->re2 = std::move(re);
    made->FindLiterals(text);
    return made;
  }
  made->engine_->pcre = std::move(pcre);
  if (made->engine_->pcre == nullptr) {
    PCRE2_UCHAR message[256];
    pcre2_get_error_message(error, message, sizeof message);
    return absl::InvalidArgumentError(
        absl::StrCat("invalid regular expression at character ", at, ": ", reinterpret_cast<const char*>(message)));
  }
  pcre2_jit_compile(made->engine_->pcre.get(), PCRE2_JIT_COMPLETE);
  return made;
}

bool CompiledRegex::Matches(std::string_view text) const {
  if (engine_->long_line) return HasLongLine(text, *engine_->long_line);
  if (text.size() < engine_->min_size) return false;
  if (engine_->re2 != nullptr) return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *engine_->re2);
  thread_local const std::unique_ptr<pcre2_match_context, PcreFree> context = [] {
    std::unique_ptr<pcre2_match_context, PcreFree> c(pcre2_match_context_create(nullptr));
    pcre2_set_match_limit(c.get(), kPcreMatchLimit);
    pcre2_set_depth_limit(c.get(), kPcreDepthLimit);
    return c;
  }();
  thread_local const std::unique_ptr<pcre2_match_data, PcreFree> data(pcre2_match_data_create(1, nullptr));
  const int rc = pcre2_match(engine_->pcre.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0,
                             data.get(), context.get());
  if (rc >= 0) return true;
  if (rc != PCRE2_ERROR_NOMATCH) g_limit_hits.fetch_add(1, std::memory_order_relaxed);
  return false;
}

}  // namespace spoor
