// What records of fields are, told from the names of their fields: which log they are from, which of the fields is
// their time, and what Sigma calls the others.
//
// The knowledge is data: the files in data/ (their form is explained in docs/mapping.md), compiled in, and those that
// the user gives. Formats whose records name their fields (JSON, CSV) ask for each shape once.
//
// Immutable once made; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "event/event.h"
#include "formats/mapping/web_parts.h"

namespace spoor {

struct Mapping {
  using Names = std::vector<std::pair<std::string, std::string>>;

  std::string name;  // for people
  // It is meant when every one of `keys` is a field and none of `without` is. A name that ends in * stands for all that
  // begin so; names with | between them for any of them.
  std::vector<std::string> keys, without;
  // Objects that the record may lie in: beginnings of names that are taken off before all else ("result.").
  std::vector<std::string> under;
  bool windows = false;  // a Windows event log: channel, provider and event id say which
  SourceTag source;
  // Fields whose values say more, and what they say by their texts, one behind the other with spaces between them
  // (compared without case; "*": any other). A part of a source that is "*" is that text itself.
  std::vector<std::string> by;
  std::vector<std::pair<std::string, SourceTag>> sources;
  // In order of preference. A time may be "date + time": two fields.
  std::vector<std::string> time, host, user, record;
  Names rename;                    // from the evidence's name; both may hold {any} for one key of it
  std::vector<std::string> strip;  // beginnings of names that are taken off; * is any one key
  Names also;                      // another name, and the evidence's of the field (or object: its JSON text) it means
  Names make;                      // a further field, and its text, in which {name} is the text of the evidence's field
  // Texts that stand for others in a field: {"Sec" -> "Security"}; with * at the end of both, beginnings; "*": any
  // other.
  std::vector<std::pair<std::string, Names>> values;
  // A further field that says by such texts what another one says: its name, and the other one.
  struct Derived {
    std::string name, from;
    Names texts;
  };
  std::vector<Derived> derive;
  // Fields with an address and a port ("192.0.2.1:443"), and the names of the two further fields with each of them.
  struct Split {
    std::string from, address, port;
  };
  std::vector<Split> split;
  Names join;                       // a further field, and that whose values are joined by spaces for its text
  std::vector<std::string> unfold;  // fields whose text is JSON or XML: what it says is added below their name
  // Fields with web requests, of which rules ask for parts (web_parts.h).
  std::string request, uri, uri_stem, uri_query, uri_host;
  std::string json;  // the column of a table that holds the event itself as JSON
  // Columns of a table whose text is a list of names and values ("PID: 4 ¦ User: jane"): these are added below theirs.
  std::vector<std::string> pairs;
  bool day_first = false;  // 2/3/2026 is 2 March
  bool utc = false;        // times without a zone are UTC, whatever the user says of others
  bool ragged = false;     // rows of such a table may end before the last column
};

// What a mapping makes of the fields of a shape. Numbers are those of the fields; objects are numbered apart.
struct Mapped {
  struct Part {
    int field;  // -1: the text
    std::string text;
  };

  const Mapping* mapping = nullptr;  // nullptr: none is meant
  std::vector<std::string> names;    // of each field
  std::vector<std::pair<std::string, uint32_t>> aliases;
  std::vector<std::pair<std::string, uint32_t>> objects;  // aliases that have the JSON text of an object
  std::vector<std::pair<std::string, std::vector<Part>>> made;
  std::vector<std::pair<uint32_t, const Mapping::Names*>> values;
  struct Derived {
    std::string name;
    uint32_t from;
    const Mapping::Names* texts;
  };
  std::vector<Derived> derived;
  std::vector<std::pair<std::string, uint32_t>> joined;
  std::vector<std::pair<uint32_t, const Mapping::Split*>> split;
  std::vector<uint32_t> times;
  struct Unfold {
    uint32_t field;
    std::string name;  // the evidence's
    bool done;         // there are fields that it was unfolded to
  };
  std::vector<Unfold> unfold;
  size_t deciding = 0;  // fields behind so many were unfolded
  std::vector<uint32_t> by;
  int record = -1;
  std::string host, user;  // names of fields; empty: whichever is usual
  int clock = -1;          // the time of day, where times[0] is a date alone
  int json = -1;
  std::vector<uint32_t> pairs;
  WebFields web;
  // Fields from this number on are there for rules and not shown in findings.
  size_t hidden_from = SIZE_MAX;
};

class Mappings {
 public:
  static const Mappings& BuiltIn();
  // Those of a file, which come before the built-in ones. Errors name file, line and what to write.
  static absl::StatusOr<Mappings> Parse(std::string_view yaml, const std::string& path);

  // The first mapping that is meant, applied. Without one, names are those given. Only the first `deciding` fields say
  // which is meant: the others were unfolded. `objects`: names of those that hold fields, or are lists that do.
  Mapped Map(absl::Span<const std::string> fields, size_t deciding = SIZE_MAX,
             absl::Span<const std::string> objects = {}) const;
  const std::vector<Mapping>& all() const { return mappings_; }

 private:
  std::vector<Mapping> mappings_;
};

// The source of an event by the text of the mapping's `by` field.
SourceTag SourceBy(const Mapping& mapping, std::string_view text);

}  // namespace spoor
