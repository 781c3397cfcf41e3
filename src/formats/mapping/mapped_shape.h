// The shape of records that a mapping was asked about, with all that it makes of their values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "event/event.h"
#include "formats/mapping/mapping.h"
#include "formats/mapping/web_parts.h"

namespace spoor {

// A shape of fields that have one value each, number i of them Event::values[i]. Behind these come the texts of
// objects(), and values that For adds. Stays where it is.
class MappedShape {
 public:
  // `given`: what events are of which nothing else is known.
  MappedShape(Mapped mapped, const SourceTag& given, uint64_t number);
  MappedShape(const MappedShape&) = delete;
  MappedShape& operator=(const MappedShape&) = delete;

  // The shape of an event with these values (of fields and objects); some of them are replaced by what they stand for,
  // some added. Shapes are the MappedShape's own; texts put in are valid until the next call.
  const Shape& For(std::vector<Value>* values);
  const std::vector<uint32_t>& times() const { return mapped_.times; }
  int clock() const { return mapped_.clock; }
  int record() const { return mapped_.record; }
  // Fields whose text is to be unfolded, and the numbers of the objects whose texts are wanted.
  const std::vector<Mapped::Unfold>& unfold() const { return mapped_.unfold; }
  const std::vector<std::pair<std::string, uint32_t>>& objects() const { return mapped_.objects; }
  int json() const { return mapped_.json; }
  bool utc() const { return mapped_.mapping != nullptr && mapped_.mapping->utc; }
  size_t memory() const { return memory_; }  // bytes, roughly

 private:
  Mapped mapped_;
  Shape base_;
  size_t own_values_ = 0;  // those before what web_ adds
  std::unique_ptr<WebParts> web_;
  struct Variant {
    std::string text;  // of the `by` fields
    std::unique_ptr<Shape> shape;
  };
  std::vector<Variant> variants_;  // the one last used first
  std::vector<std::string> replaced_;
  std::string by_text_;
  size_t memory_ = 0;
};

}  // namespace spoor
