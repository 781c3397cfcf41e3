// "Did you mean": the nearest of a few known names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spoor::sigma {

// The candidate with the fewest single-letter edits (a third of the word's length at most, letter case not counted); of
// several, the one that begins most like the word. "" where none is near.
std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// "; did you mean 'contains'?" for the nearest candidate, "" where there is none.
std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& candidates);

// "; did you mean 'condition' by 'conditions'?" for a name that is wanted and the nearest of those that stand there.
std::string DidYouMeanBy(std::string_view wanted, const std::vector<std::string_view>& there);

}  // namespace spoor::sigma
