// What is known of the programs that write to syslog: data/programs.yml, compiled.
//
// Immutable, made once, lives for ever, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "event/event.h"
#include "formats/syslog/pattern.h"

namespace spoor::syslog {

// What a message (or what follows its pattern) is made of.
enum class Payload : uint8_t { kText, kKeyValues, kCsv, kCef, kLeef, kSysmon, kCisco, kAudit };

struct MessageRule {
  Pattern pattern;
  std::vector<std::pair<std::string, std::string>> set;  // fields that every such message has: name, value
  std::string category;                                  // instead of the program's; empty: the program's
  bool then_payload = false;                             // what follows the pattern is the program's payload
};

// Columns that follow those before where a column before has a value.
struct ColumnGroup {
  std::string when, is;  // both empty: always
  std::vector<std::string> columns;
};

struct ProgramRules {
  std::string name;
  SourceTag source;
  Payload payload = Payload::kText;
  std::string host = "host", user = "user";                  // the fields that name them
  std::vector<std::pair<std::string, std::string>> aliases;  // field of the evidence, the name rules may use
  std::vector<MessageRule> messages;
  std::vector<ColumnGroup> columns;  // kCsv
  // A field whose value says which log an event is from: value, source. The first without a value is for all others.
  std::string kind_field;
  std::vector<std::pair<std::string, SourceTag>> kinds;
  bool tells_time = false;  // its messages may have a time of their own
  uint32_t number = 0;      // index in Programs

  // The first message rule that fits; -1: none. Fills values (room for kMaxCaptures) and *end.
  int Match(std::string_view message, std::string_view* values, size_t* end) const;
  // Index into kinds; -1: none.
  int KindOf(std::string_view value) const;

 private:
  friend class Programs;
  // A message rule that may fit, by how its pattern begins.
  struct Candidate {
    uint64_t first = 0, mask = 0;  // the first eight bytes of the message, those that count
    uint16_t rule = 0;
  };
  std::array<std::vector<Candidate>, 256> by_first_byte_;  // in order
};

inline constexpr size_t kMaxCaptures = 16;

class Programs {
 public:
  static const Programs& Get();
  // Reads such a file; aborts on a mistake, naming the line.
  explicit Programs(std::string_view yaml);
  Programs(const Programs&) = delete;

  // By a program's name as a line has it ("/usr/sbin/CRON", "sshd(pam_unix)", "postfix/smtpd"); nullptr: unknown.
  const ProgramRules* Find(std::string_view program) const;
  // By how a message begins ("CEF:0|", "date=2024-…"); nullptr: none.
  const ProgramRules* ByMessage(std::string_view message) const;
  // Of programs nothing is known of, and what all of Linux' programs have in common.
  const ProgramRules& unknown() const { return *unknown_; }
  const ProgramRules& common() const { return *common_; }
  const ProgramRules* named(std::string_view name) const;

  const std::vector<ProgramRules>& all() const { return programs_; }

 private:
  std::vector<ProgramRules> programs_;
  std::deque<std::string> names_;
  absl::flat_hash_map<std::string_view, uint32_t> by_name_;  // keys are in names_
  std::vector<std::pair<std::string, uint32_t>> by_prefix_;  // of the program's name
  std::vector<std::pair<Pattern, uint32_t>> by_message_;
  const ProgramRules* unknown_ = nullptr;
  const ProgramRules* common_ = nullptr;
};

}  // namespace spoor::syslog
