// Parts of HTTP requests as logs have them. Everything is a view into the text given; any bytes are taken. Thread-safe.
#pragma once

#include <string_view>

namespace spoor::web {

// "GET /a/b.jsp?x=1 HTTP/1.1" (RFC 9112 section 3). Parts without `data()` are not there.
struct Request {
  std::string_view method, uri, version;  // version: "HTTP/1.1"
};
// False: it is no request line (bytes of another protocol, "-", nothing). A URI may hold spaces; the version may be
// missing, as in HTTP/0.9.
bool SplitRequest(std::string_view line, Request* out);

// A request's target (RFC 9112 section 3.2): a path with a query, a whole URI (of a proxy), or host and port (CONNECT).
struct Uri {
  std::string_view host;       // without port; of a whole URI only
  std::string_view stem;       // the path
  std::string_view query;      // behind the '?'; no data(): there is none
  std::string_view extension;  // of the path's last part, without its dot; no data(): it has none
};
Uri SplitUri(std::string_view uri);

}  // namespace spoor::web
