#include "cli/builtin_rules.h"

#include <libdeflate.h>

#include <cstdlib>
#include <string>

#include "sigma/resolve.h"

namespace spoor {

sigma::RuleSet LoadBuiltInRules(const sigma::LoadOptions& options) {
  sigma::RuleSet set;
  std::string plain(data::kRulesPlainSize, '\0');
  libdeflate_decompressor* inflater = libdeflate_alloc_decompressor();
  const auto result = libdeflate_deflate_decompress(inflater, data::kRulesPacked, data::kRulesPackedSize, plain.data(),
                                                    plain.size(), nullptr);
  libdeflate_free_decompressor(inflater);
  if (result != LIBDEFLATE_SUCCESS) {
    set.errors.push_back({"builtin:", 0, 0, "", "the built-in rules are damaged: the program file itself is"});
    return set;
  }
  for (size_t at = 0; at < plain.size();) {
    const std::string path = plain.c_str() + at;
    at += path.size() + 1;
    const std::string size = plain.c_str() + at;
    at += size.size() + 1;
    const size_t bytes = std::strtoull(size.c_str(), nullptr, 10);
    ++set.files;
    sigma::ParseRules(std::string_view(plain).substr(at, bytes), "builtin:" + path, options, &set);
    at += bytes;
  }
  sigma::ResolveReferences(&set);
  return set;
}

}  // namespace spoor
