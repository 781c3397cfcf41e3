// A Sigma rule after parsing: what it is about, and its detection as one expression over field comparisons.
//
// Source: Sigma specification 2.1, "Sigma Rules" and appendix "Modifiers"; what they leave open is stated in
// docs/sigma.md. A Rule owns everything it refers to, is immutable after loading and may be read by any
// number of threads.
//
// Modifiers are resolved while parsing: base64, base64offset, wide, windash and expand multiply or rewrite
// the patterns of an item; `all` turns a list into an AND of items. What is left is:
//
//     selection:                             And
//         Image|endswith: '\cmd.exe'           Item Image       any of { EndsWith "\cmd.exe" }
//         CommandLine|contains|all:            And
//             - 'whoami'                         Item CommandLine any of { Contains "whoami" }
//             - '/all'                           Item CommandLine any of { Contains "/all" }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace spoor {
class Indicators;
}
namespace spoor::sigma {

enum class Level : uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };
enum class Status : uint8_t { kNone, kStable, kTest, kExperimental, kDeprecated, kUnsupported };

const char* LevelName(Level level);                        // "informational" … "critical"
std::optional<Level> ParseLevel(const std::string& name);  // any case
const char* StatusName(Status status);                     // "" for kNone

enum class Operator : uint8_t {
  kEquals,  // the whole value
  kStartsWith,
  kEndsWith,
  kContains,
  kGlob,   // `glob` holds literals with wildcards between them, anchored at both ends
  kRegex,  // `text` is the expression, unanchored search
  kCidr,   // `text` is "address/bits", normalised (host bits cleared)
  kLess,   // `number`
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnyValue,  // what a lone '*' means: a value is there, an empty text included
  kNull,      // the field is missing or without a value
  kExists,    // the field is there, with a value or without
  kNotExists,
  kIndicator,    // one of `indicators` is in the value (no rule's: see match/indicators.h)
  kFieldEquals,  // `text` names another field whose value is compared with this one's, case-insensitively
  kFieldStartsWith,
  kFieldEndsWith,
  kFieldContains,
};

// A part of a time (the time modifiers), in UTC; weeks are those of ISO 8601.
enum class TimePart : uint8_t { kNone, kMinute, kHour, kDay, kWeek, kMonth, kYear };
const char* TimePartName(TimePart part);

struct GlobPart {
  enum Kind : uint8_t { kLiteral, kAnyOne, kAnyMany } kind;  // text, '?', '*'
  std::string text;                                          // kLiteral: UTF-8, unescaped
  bool operator==(const GlobPart&) const = default;
};

struct Pattern {
  Operator op = Operator::kEquals;
  std::string text;            // UTF-8, escapes removed; see Operator
  std::vector<GlobPart> glob;  // kGlob only
  // kLess…: the threshold; kEquals: set where the rule's value is a number. `text` has it as written, so whole numbers
  // that a double would round can be told apart.
  std::optional<double> number;
  bool cased = false;  // compare exactly; otherwise under simple Unicode case folding
  bool regex_i = false, regex_m = false, regex_s = false;
  std::shared_ptr<const Indicators> indicators;  // kIndicator only
  TimePart part = TimePart::kNone;  // else that part of the value, a time, is compared with `number` (kEquals, kLess…)
  bool operator==(const Pattern&) const = default;
};

// Describes a pattern for people: "contains: mimikatz", "ends with: \cmd.exe", "re: ^a", "10.0.0.0/8".
std::string Describe(const Pattern& pattern);

// One field compared with patterns, of which one must hold. An empty field name means a keyword: any value of
// the event (a plain word arrives as kContains). A list value (array) satisfies a pattern when one of its
// elements does.
struct Item {
  std::string field;
  std::vector<Pattern> any_of;
  bool operator==(const Item&) const = default;
};

// The condition with its selections put in place. Node 0 of `nodes` is not special; `root` names the top.
struct Expression {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kItem, kTrue, kFalse };
  struct Node {
    Kind kind;
    std::vector<uint32_t> children;  // kAnd, kOr: any number; kNot: one; indexes into nodes
    uint32_t item = 0;               // kItem: index into items
  };
  std::vector<Node> nodes;
  std::vector<Item> items;
  uint32_t root = 0;
  // Which nodes are selections, and what the rule calls them; a node may have several names. For people.
  std::vector<std::pair<uint32_t, std::string>> labels;
};

// Makes *expression "expression and more", labels of both included: the new root is a kAnd whose children are the two
// roots, in this order. Nodes and items that were there keep their indexes. REQUIRES: two expressions, not one twice.
void AndTo(const Expression& more, Expression* expression);

struct LogSource {
  static constexpr const char* kAny = "*";  // as the product: events of every kind
  std::string category, product, service;   // lower case, empty where the rule names none
  bool operator==(const LogSource&) const = default;
};

struct Rule {
  std::string id;    // empty where the rule has none
  std::string name;  // what correlations and filters call it, too; likewise
  std::string title;
  std::string description, author, date;
  Level level = Level::kInformational;  // a rule without one counts as informational
  Status status = Status::kNone;
  std::vector<std::string> tags;
  std::vector<std::string> references, false_positives;
  LogSource source;
  std::string taxonomy;  // empty: Sigma's own
  Expression detection;  // a list of conditions becomes an OR
  bool silent = false;   // looked for as a part of correlations alone: makes no findings of its own
  std::string path;      // file it came from, as given
  uint32_t line = 0;     // first line of its document, from 1
};

// Why a rule (or one document of a file) is not in the set. The rest of the file is.
struct RuleError {
  std::string path;
  uint32_t line = 0, column = 0;  // from 1; 0 where the file as a whole is meant
  std::string rule;               // title or id as far as known
  std::string message;            // what is wrong and, where it is known, how to mend it
};

}  // namespace spoor::sigma
