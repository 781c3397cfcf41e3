#include "cli/builtin_rules.h"

#include <libdeflate.h>

#include <cstdlib>
#include <string>

#include "sigma/read_file.h"
#include "sigma/resolve.h"

namespace spoor {

sigma::RuleSet LoadBuiltInRules(const sigma::LoadOptions& options, const std::vector<std::string>& filters) {
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
  for (const std::string& path : sigma::RuleFiles(filters)) {
    std::string text;
    const std::string reason = sigma::ReadFile(path, &text);
    if (!reason.empty()) {
      set.errors.push_back({path, 0, 0, "", reason});
      continue;
    }
    ++set.files;
    sigma::ParseRules(text, path, options, &set);
  }
  sigma::ResolveReferences(&set);
  return set;
}

}  // namespace spoor
