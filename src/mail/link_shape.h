// The shape of a link: what is left of it when the parts that tell one recipient from another are taken out.
#pragma once

#include <string>
#include <string_view>

namespace spoor {

struct LinkShape {
  std::string host;    // lower case; "*.a.example" where its first part tells recipients apart
  std::string name;    // … and then the host as it is; else empty
  std::string shape;   // "/p/*.jpg", "/story.gif?uid=*"
  bool token = false;  // there was such a part
};

// True if a part of a path or query is such as programs make to tell recipients apart: long hexadecimal numbers,
// letters and digits mixed, an address. Words, dates and small numbers are not.
bool IsToken(std::string_view part);

// "bounce-4711@service.example" as "bounce-*@service.example": of an address made for one message. An address without
// such a part as it is, in lower case.
std::string EnvelopeShape(std::string_view address);

// "*.a.example" of "fa490c92e390.a.example": of a name whose first part tells recipients apart; else the name.
std::string HostShape(std::string_view host);

LinkShape ShapeOf(std::string_view url);

// What of a URL a server is asked for: host, path and query, without scheme, port and fragment.
std::string Asked(std::string_view url);
std::string Asked(std::string_view host, std::string_view path_and_query);

}  // namespace spoor
