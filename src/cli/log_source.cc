#include "cli/log_source.h"

#include <algorithm>

#include "base/text.h"

namespace spoor {

std::string ParseLogSource(const std::string& text, SourceTag* source) {
  for (size_t at = 0; at < text.size();) {
    const size_t stop = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, stop - at);
    at = stop + 1;
    const size_t equals = std::min(part.find('='), part.size());
    const std::string key = part.substr(0, equals);
    std::string* const value = key == "product"    ? &source->product
                               : key == "service"  ? &source->service
                               : key == "category" ? &source->category
                                                   : nullptr;
    if (value == nullptr) return "'" + key + "' is none of product, service, category";
    if (equals + 1 >= part.size()) return key + " has no value";
    *value = AsciiLower(part.substr(equals + 1));
  }
  return "";
}

}  // namespace spoor
