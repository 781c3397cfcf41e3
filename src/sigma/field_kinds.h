// Which fields name a user, a host, an address …: one answer for all formats.
//
// The knowledge is data: sigma/data/field_kinds.yml, compiled into the binary. Immutable; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spoor::sigma {

class FieldKinds {
 public:
  static const FieldKinds& BuiltIn();

  // The fields of a kind ("user"); nullptr: there is no such kind.
  const std::vector<std::string>* FieldsOf(std::string_view kind) const;
  // "host, user, …": for messages.
  std::string Kinds() const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> kinds_;
};

}  // namespace spoor::sigma
