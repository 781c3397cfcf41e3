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
  size_t min_size = 0;   // characters, so bytes too, that any match has
};

CompiledRegex::~CompiledRegex() = default;
uint64_t CompiledRegex::limit_hits() { return g_limit_hits.load(std::memory_order_relaxed); }

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
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRe2Memory);
  auto re = std::make_unique<re2::RE2>(text, options);
  if (re->ok()) {
    made->engine_->re2 = std::move(re);
    // RE2 can say which literals a match needs. Short ones are nearly everywhere and only asked for where there is
    // nothing better: even a single rare character spares most runs.
    for (const int shortest : {3, 1}) {
      if (!made->atoms_.empty()) break;
      re2::FilteredRE2 filter(shortest);
      int id;
      std::vector<std::string> atoms;
      if (filter.Add(text, options, &id) != re2::RE2::NoError) break;
      filter.Compile(&atoms);
      for (std::string& atom : atoms) made->atoms_.push_back(Folded(atom));
      // RE2 and we fold some letters beyond ASCII differently.
      const auto ascii = [](const std::string& s) {
        return std::all_of(s.begin(), s.end(), [](char c) { return (c & 0x80) == 0; });
      };
      if (!std::all_of(made->atoms_.begin(), made->atoms_.end(), ascii)) made->atoms_.clear();
    }
    return made;
  }
  made->engine_->pcre = std::move(pcre);
  if (made->engine_->pcre == nullptr) {
    PCRE2_UCHAR message[256];
    pcre2_get_error_message(error, message, sizeof message);
    return absl::InvalidArgumentError(absl::StrCat("invalid regular expression at character ", at, ": ",
                                                   reinterpret_cast<const char*>(message)));
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
