// The expressions of `spoor search`, in Sigma's own terms.
//
//     user = "jane" and CommandLine contains "rar"
//     Image|endswith '\rar.exe' and not (ParentImage contains any of ("Backup", "7-Zip"))
//     "mimikatz" or src_ip cidr "10.0.0.0/8"
//
//     expression  = or;  or = and {"or" and};  and = not {"and" not};  not = ["not"] (comparison | text | "(" or ")")
//     comparison  = field [operator] (value | ["any of"] "(" value {"," value} ")") | field "exists"
//     operator    = "=" "!=" "contains" "startswith" "endswith" "re" "cidr" "<" "<=" ">" ">=", or modifiers behind the
//                   field as rules write them (CommandLine|contains|all)
//     field       = letters, digits, and . _ - # @ $; a kind of entity (user, host, address, …) means all its fields
//     value, text = in single quotes as they are, in double quotes with \" and \\; or a word without spaces
//
// In values * and ? are wildcards and \ escapes them, as in rules. A text by itself is looked for in all values.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "sigma/rule.h"

namespace spoor::sigma {

// The expression as a rule for events of every kind (LogSource::kAny), whose title is the expression. The error says at
// which character what was expected.
absl::StatusOr<Rule> ParseSearch(std::string_view expression);

}  // namespace spoor::sigma
