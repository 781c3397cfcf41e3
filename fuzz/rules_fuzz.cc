// Rule files: any bytes give rules and errors, no more. What was loaded can be shown and is well formed.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sigma/dump.h"
#include "sigma/load.h"
#include "sigma/sources.h"

using namespace spoor::sigma;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  LoadOptions options;
  options.all_statuses = true;
  options.placeholders["p"] = {"a", "b*", ""};
  RuleSet set;
  ParseRules({reinterpret_cast<const char*>(data), size}, "fuzz.yml", options, &set);
  for (const Rule& rule : set.rules) {
    const Expression& e = rule.detection;
    if (e.root >= e.nodes.size()) std::abort();
    for (uint32_t i = 0; i < e.nodes.size(); ++i) {
      for (uint32_t child : e.nodes[i].children) {
        if (child >= i) std::abort();
      }
      if (e.nodes[i].kind == Expression::Kind::kItem && e.nodes[i].item >= e.items.size()) std::abort();
    }
    if (e.nodes.size() < 1000) Dump(e);
    SourceMap::BuiltIn().Resolve(rule.source);
  }
  for (const RuleError& error : set.errors) {
    if (error.message.empty()) std::abort();
  }
  return 0;
}
