// What rules ask of web requests that a record has in another form: method, target and version of a request line;
// path, query and extension of a target; the target where a record has path and query apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace spoor {

// Fields that hold such, as indices; -1: none does.
struct WebFields {
  int request = -1;           // "GET /a?b HTTP/1.1"
  int uri = -1;               // "/a?b", or a whole URI
  int stem = -1, query = -1;  // both apart: "/a", "b"
  int host = -1;              // the host that was asked
  bool any() const { return request >= 0 || uri >= 0 || stem >= 0; }
};

// The fields made of those, which follow a shape's own. Not thread-safe.
class WebParts {
 public:
  // Adds the fields to the shape. Those that the shape has under its own names stay, too.
  WebParts(const WebFields& from, Shape* shape);

  // Appends the values. They are valid until the next call and as long as the event's.
  void Append(std::vector<Value>* values);

 private:
  const WebFields from_;
  std::string target_, url_;
};

}  // namespace spoor
