// Messages made of named values: key=value, columns of CSV, CEF, LEEF, the XML of Sysmon for Linux.
//
// All readers take any bytes; names and values are pieces of the message or of `scratch`, where something had to be
// unescaped. At most kMaxKeys are read. Thread-safe.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "formats/syslog/programs.h"

namespace spoor::syslog {

inline constexpr size_t kMaxKeys = 512;

struct KeyValue {
  std::string_view key, value;
};

// What a message is made of, reused from line to line.
struct KeyValues {
  std::vector<KeyValue> pairs;
  std::deque<std::string> scratch;
  std::string_view Get(std::string_view key) const {
    for (const KeyValue& pair : pairs) {
      if (pair.key == key) return pair.value;
    }
    return {};
  }
  void Clear() {
    pairs.clear();
    scratch.clear();
  }
};

// IN=eth0 OUT= SRC=192.0.2.1 SYN; devname="fw 1" msg="said \"no\"". Words without '=' are passed over. A word that
// begins with '[' ends it: a packet within a packet.
void ReadKeyValues(std::string_view text, KeyValues* out);
// The columns of a program (ProgramRules::columns), separated by commas, perhaps in double quotes (RFC 4180).
void ReadCsv(std::string_view text, const ProgramRules& program, KeyValues* out);
// Where a message in CEF or LEEF begins that somebody put something of his own before ("host2 CEF:0|", "app: CEF: 0|"):
// within the first bytes, at the beginning of a word, with a whole header. npos: there is none.
size_t FindCefOrLeef(std::string_view text);
// ArcSight "Common Event Format", version 0 and 1. False: it is none.
bool ReadCef(std::string_view text, KeyValues* out);
// IBM "Log Event Extended Format" 1.0 and 2.0.
bool ReadLeef(std::string_view text, KeyValues* out);
// <Event>…<Data Name="Image">/bin/ls</Data>…</Event>: EventID, Computer, SystemTime, then the data by their names.
bool ReadSysmon(std::string_view text, KeyValues* out);

}  // namespace spoor::syslog
