// A parsed rule set as bytes, kept in the cache (base/cache.h) from start to start.
//
// Parsing 3,754 rules costs some 0.15 s of processor time, reading them back a tenth of that. Errors and
// warnings are part of the set, so a start from the cache says what the first one said.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sigma/load.h"

namespace spoor::sigma {

// Fewer files than this are parsed faster than an entry is found.
inline constexpr size_t kFilesWorthCaching = 200;

// The part of an entry's key that does not come from the files: the format of entries, the build of this
// program and of the libraries that decide what a rule may say (libyaml, RE2, PCRE2), and the options. Empty
// where rule sets cannot be cached, for want of a folder or of a build id.
std::string RuleCacheKey(const LoadOptions& options);

std::optional<RuleSet> ReadRuleCache(std::string_view key);
void WriteRuleCache(std::string_view key, const RuleSet& set);

// The bytes alone. Decoding takes any bytes and checks all of them: nothing, unless the set is one that
// EncodeRules may have written (sizes within the bytes, enums within their range, expressions without
// cycles).
std::string EncodeRules(const RuleSet& set);
std::optional<RuleSet> DecodeRules(std::string_view bytes);

}  // namespace spoor::sigma
