// A value of a rule as text and wildcards.
//
// Source: Sigma specification 2.1, "Escaping": a backslash before *, ? or another backslash takes its special
// meaning away; before anything else (and at the end) it is a plain backslash.
//
//     '\cmd.exe'   \cmd.exe              '\\*'    \ then any text
//     '\\\*'       \*                    '\\\\'   \\ (two backslashes)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sigma/rule.h"

namespace spoor::sigma {

using GlobParts = std::vector<GlobPart>;

// True where the text stands for itself: no wildcard and no escape in it.
bool IsPlain(std::string_view text);
GlobParts ParseWildcards(std::string_view text);
// Bytes of the literals.
size_t TextSize(const GlobParts& parts);
// Joins neighbouring literals, drops empty ones and repeated '*'.
void Normalise(GlobParts* parts);
// Back to source form, escaped where needed.
std::string Escape(const GlobParts& parts);

// The cheapest operator that says what the parts say: equality, a prefix, a suffix, a substring, mere
// presence for a lone '*', and a glob for the rest. Normalises first.
Pattern ToPattern(GlobParts parts);

}  // namespace spoor::sigma
