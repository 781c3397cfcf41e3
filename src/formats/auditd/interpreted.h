// The fields of a record as `ausearch -i` writes it: numbers by their names, no quotes, no hexadecimal.
//
//     type=SYSCALL msg=audit(01/02/2026 03:04:05.123:42) : arch=x86_64 syscall=openat success=no
//     exit=EACCES(Permission denied) … comm=cat exe=/usr/bin/cat key=etc
//
// So a value may hold spaces, and what looks like another field. Where it ends is told by the names that records have:
// a value that somebody else may have chosen (a file's name, a command) goes on to the last place where the name of a
// field that follows stands, so that "x exe=/bin/true" as a name does not become the event's program.
//
// Source: audit-userspace, ausearch-report.c (what is written) and "Audit event fields" (the names).
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace spoor::auditd {

// Appends key and value of each field. Thread-safe.
void SplitInterpreted(std::string_view type, std::string_view body,
                      std::vector<std::pair<std::string_view, std::string_view>>* out);

}  // namespace spoor::auditd
