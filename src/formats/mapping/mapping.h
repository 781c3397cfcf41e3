// What records of fields are, told from the names of their fields: which log they are from, which of the fields is
// their time, and what Sigma calls the others.
//
// The knowledge is data: the files in data/ (their form is explained in docs/mapping.md), compiled in, and those that
// the user gives. Formats whose records name their fields (JSON, CSV) ask for each shape once.
//
// Immutable once made; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "event/event.h"

namespace spoor {

struct Mapping {
  using Names = std::vector<std::pair<std::string, std::string>>;

  std::string name;  // for people
  // It is meant when every one of `keys` is a field and none of `without` is. A name that ends in * stands for all that
  // begin so.
  std::vector<std::string> keys, without;
  bool windows = false;  // a Windows event log: channel, provider and event id say which
  SourceTag source;
  // A field whose value says more, and what it says by its text (compared without case; "*": any other).
  std::string by;
  std::vector<std::pair<std::string, SourceTag>> sources;
  std::vector<std::string> time, host, user, record;  // in order of preference
  Names rename;                                       // from the evidence's name
  std::vector<std::string> strip;                     // beginnings of names that are taken off
  Names also;                                         // another name, and the evidence's of the field it means
};

// What a mapping makes of the fields of a shape. Numbers are those of the fields.
struct Mapped {
  const Mapping* mapping = nullptr;  // nullptr: none is meant
  std::vector<std::string> names;    // of each field
  std::vector<std::pair<std::string, uint32_t>> aliases;
  std::vector<uint32_t> times;
  int by = -1, host = -1, user = -1, record = -1;
};

class Mappings {
 public:
  static const Mappings& BuiltIn();
  // Those of a file, which come before the built-in ones. Errors name file, line and what to write.
  static absl::StatusOr<Mappings> Parse(std::string_view yaml, const std::string& path);

  // The first mapping that is meant, applied. Without one, names are those given.
  Mapped Map(absl::Span<const std::string> fields) const;
  const std::vector<Mapping>& all() const { return mappings_; }

 private:
  std::vector<Mapping> mappings_;
};

// The source of an event by the text of the mapping's `by` field.
SourceTag SourceBy(const Mapping& mapping, std::string_view text);

// A shape of fields that have one value each, number i of them Event::values[i].
class MappedShape {
 public:
  // `given`: what events are of which nothing else is known.
  MappedShape(Mapped mapped, const SourceTag& given, uint64_t number);

  // The shape of an event with these values. Shapes are the MappedShape's own.
  const Shape& For(const Value* values);
  const std::vector<uint32_t>& times() const { return mapped_.times; }
  int record() const { return mapped_.record; }
  size_t memory() const { return memory_; }  // bytes, roughly

 private:
  Mapped mapped_;
  Shape base_;
  struct Variant {
    std::string text;  // of the `by` field
    std::unique_ptr<Shape> shape;
  };
  std::vector<Variant> variants_;  // the one last used first
  size_t memory_ = 0;
};

}  // namespace spoor
