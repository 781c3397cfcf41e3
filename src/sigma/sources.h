// Which events a rule's log source means, and what its field names are called there.
//
// The knowledge is data: sigma/data/windows.yml, compiled into the binary. A Sigma log source such as
// {category: process_creation, product: windows} becomes one Target per kind of event it stands for:
// Sysmon 1 with Sigma's own field names, Security 4688 with some fields under other names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sigma/rule.h"

namespace spoor::sigma {

struct FieldName {
  std::string sigma;     // as the rule writes it
  std::string evidence;  // as the event has it
};

// One kind of event. An event is meant when its channel is one of `channels` or its provider one of
// `providers` (both compared without case; both empty: any), its event id is one of `event_ids` (empty: any),
// and every item of `conditions` holds.
struct Target {
  std::vector<std::string> channels;
  std::vector<std::string> providers;
  std::vector<uint32_t> event_ids;
  std::vector<Item> conditions;
  std::vector<FieldName> fields;  // only names that differ
  // "windows/sysmon", "windows/security": what a finding's `source` says.
};

// A field that names a user, and the one that names its domain (empty: none).
struct UserField {
  std::string user, domain;
};

namespace data {
extern const std::string_view windows;  // data/windows.yml
}

class SourceMap {
 public:
  // Parses the data file's text; aborts on a malformed one, since it is part of the program (tests load it).
  explicit SourceMap(std::string_view yaml);
  static const SourceMap& BuiltIn();

  // Empty: nothing that spoor reads is meant by this log source.
  std::vector<Target> Resolve(const LogSource& source) const;

  // The short name of a channel: "windows/sysmon", "windows/security"; a channel without a service in the
  // data becomes "windows/" and the channel's own name in lower case.
  std::string SourceName(std::string_view channel) const;

  // For checking rules: what there is, and what the events of a category have. nullptr: not known, any field.
  const std::string& product() const { return product_; }
  std::vector<std::string_view> CategoryNames() const;
  std::vector<std::string_view> ServiceNames() const;
  const std::vector<std::string_view>* FieldsOf(const LogSource& source) const;

  // The fields that name the acting user of an event, in order of preference.
  const std::vector<UserField>& user_fields() const { return user_fields_; }

 private:
  struct Service {
    std::string name;
    std::vector<std::string> channels, providers;
  };
  struct Category {
    std::string name, product;
    std::vector<Target> targets;
  };
  const Service* FindService(std::string_view name) const;

  std::string product_;
  std::vector<Service> services_;
  std::vector<Category> categories_;
  std::vector<UserField> user_fields_;
  struct KnownFields {
    std::string category;
    std::vector<std::string> names;
    std::vector<std::string_view> all;  // these, and those of every event
  };
  std::vector<KnownFields> known_fields_;  // the first: those of every event
};

}  // namespace spoor::sigma
