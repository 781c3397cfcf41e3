#include "formats/web/request.h"

#include <algorithm>
#include <cstddef>

namespace spoor::web {
namespace {

constexpr size_t kMaxMethod = 32;
constexpr size_t kMaxExtension = 16;

bool IsMethodLetter(char c) {
  return (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

bool SplitRequest(std::string_view line, Request* out) {
  const size_t method = line.find(' ');
  if (method == std::string_view::npos || method == 0 || method > kMaxMethod) return false;
  if (!std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(method), IsMethodLetter)) return false;
  out->method = line.substr(0, method);
  out->uri = line.substr(method + 1);
  out->version = {};
  const size_t last = out->uri.rfind(' ');
  if (last != std::string_view::npos && out->uri.substr(last + 1).starts_with("HTTP/")) {
    out->version = out->uri.substr(last + 1);
    out->uri = out->uri.substr(0, last);
  }
  return true;
}

Uri SplitUri(std::string_view uri) {
  Uri out;
  const size_t mark = uri.find('?');
  out.stem = uri.substr(0, mark);
  if (mark != std::string_view::npos) out.query = uri.substr(mark + 1);
  if (!out.stem.starts_with('/')) {
    const size_t scheme = out.stem.find("://");
    if (scheme != std::string_view::npos && scheme <= 8) {
      const std::string_view rest = out.stem.substr(scheme + 3);
      const size_t path = std::min(rest.find('/'), rest.size());
      out.host = rest.substr(0, path);
      out.stem = rest.substr(path);
      out.host.remove_prefix(out.host.rfind('@') + 1);  // npos + 1 is 0
      const size_t bracket = out.host.rfind(']');
      const size_t port = out.host.find(':', bracket == std::string_view::npos ? 0 : bracket);
      out.host = out.host.substr(0, port);
    }
  }
  const std::string_view name = out.stem.substr(out.stem.rfind('/') + 1);
  if (const size_t dot = name.rfind('.'); dot != std::string_view::npos && dot + 1 < name.size()) {
    const std::string_view extension = name.substr(dot + 1);
    if (extension.size() <= kMaxExtension && std::all_of(extension.begin(), extension.end(), IsAlnum)) {
      out.extension = extension;
    }
  }
  return out;
}

}  // namespace spoor::web
