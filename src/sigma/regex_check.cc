// RE2 first, because it runs in linear time; PCRE2 for what RE2 refuses by design. The options are those of
// the matcher: UTF-8, Perl syntax, `^` and `$` at the ends of the text unless `m`, RE2's default memory
// budget.
#include "sigma/regex_check.h"

#include <re2/re2.h>

#include "base/message.h"
#include "sigma/limits.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace spoor::sigma {
namespace {

absl::Status CheckWithPcre2(const Pattern& pattern) {
  uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
  if (pattern.regex_i) options |= PCRE2_CASELESS;
  if (pattern.regex_m) options |= PCRE2_MULTILINE;
  if (pattern.regex_s) options |= PCRE2_DOTALL;
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.text.data()), pattern.text.size(), options,
                                   &error, &offset, nullptr);
  if (code != nullptr) {
    pcre2_code_free(code);
    return absl::OkStatus();
  }
  PCRE2_UCHAR message[256] = {};
  pcre2_get_error_message(error, message, sizeof message);
  size_t character = 1;  // offsets are in bytes
  for (const char c : std::string_view(pattern.text).substr(0, offset)) character += (c & 0xc0) != 0x80;
  return absl::InvalidArgumentError(
      Cat("not a regular expression: ", reinterpret_cast<char*>(message), " (at character ", character, " of it)"));
}

}  // namespace

absl::Status CheckRegex(const Pattern& pattern) {
  if (pattern.text.size() > kMaxRegexBytes) {
    return absl::InvalidArgumentError(Cat("regular expression longer than ", kMaxRegexBytes, " bytes"));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!pattern.regex_i);
  options.set_dot_nl(pattern.regex_s);
  const RE2 re2(pattern.regex_m ? Cat("(?m)", pattern.text) : pattern.text, options);
  if (re2.ok()) return absl::OkStatus();
  return CheckWithPcre2(pattern);
}

}  // namespace spoor::sigma
