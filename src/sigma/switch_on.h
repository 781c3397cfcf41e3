// What gives a log source its events, which events tell of a log itself, and which rules a stage of a campaign has.
//
// The knowledge is data: sigma/data/switch_on.yml, compiled into the binary, whose head explains its form.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sigma/rule.h"
#include "sigma/sources.h"

namespace spoor::sigma {

namespace data {
extern const std::string_view switch_on;  // data/switch_on.yml
}

// A setting. Either of Windows (channels or providers) or of what its `source` names.
struct Advice {
  std::string what;                // "Audit: Process Creation", "Sysmon 3, NetworkConnect"
  std::vector<std::string> to_do;  // lines
  std::string service;             // of Windows, as rules name it; empty: the provider, or not Windows
  std::vector<std::string> channels, providers;
  std::vector<uint32_t> event_ids;  // empty: all of the channels
  bool always = false;              // written wherever the channel is
  std::string field;                // not empty: fills this field of events that are there without it
  LogSource source;                 // not Windows; what is empty may be anything
  bool exact = false;               // … or must not be there
  bool of_windows() const { return !channels.empty() || !providers.empty(); }
};

// An event that tells of its log, or of the machine's clock.
struct LogEvent {
  std::string kind;      // "log_cleared": for programs
  std::string what;      // "log cleared": for people
  std::string channel;   // letter case does not count
  std::string provider;  // empty: any
  std::vector<uint32_t> event_ids;
  std::vector<std::pair<std::string, std::string>> fields;  // name in the event, name to show
  // Fields whose texts, joined by a space, are a time; empty: it is about no time. Those an event lacks are passed
  // over.
  std::vector<std::string> old_time, new_time;
};

struct Stage {
  std::string name;
  std::vector<std::string> tactics;     // as rules' tags have them: "initial-access"
  std::vector<std::string> techniques;  // "t1098", "t1505.003"
};

class SwitchOn {
 public:
  // Parses the data file's text; aborts on a malformed one, or one that names services `sources` does not know.
  SwitchOn(std::string_view yaml, const SourceMap& sources);
  static const SwitchOn& BuiltIn();

  const std::vector<Advice>& advice() const { return advice_; }
  const std::vector<LogEvent>& log_events() const { return log_events_; }
  const std::vector<Stage>& stages() const { return stages_; }
  // Services that every Windows host should have a log of.
  const std::vector<std::string>& expected() const { return expected_; }
  // A channel's name as Windows spells it (letter case does not count); one that is not known as it stands.
  std::string_view ChannelName(std::string_view channel) const;
  // The words for a value that Windows writes as the number of a message ("%%8448") or a GUID, else the value.
  std::string_view InWords(std::string_view value) const;

 private:
  std::vector<Advice> advice_;
  std::vector<LogEvent> log_events_;
  std::vector<Stage> stages_;
  std::vector<std::string> expected_;
  std::vector<std::pair<std::string, std::string>> values_;
  std::map<std::string, std::string, std::less<>> channels_;  // in small letters -> as it is spelled
};

// The ATT&CK technique that a rule's tag names, in capitals: "attack.t1059.001" -> "T1059.001"; else "".
std::string TechniqueOf(std::string_view tag);
// True if one of the tags names one of the stage's tactics or techniques.
bool IsOfStage(const Stage& stage, const std::vector<std::string>& tags);

}  // namespace spoor::sigma
