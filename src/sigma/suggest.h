// "Did you mean": the nearest of a few known names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spoor::sigma {

// "; did you mean 'contains'?" for the candidate with the fewest single-letter edits (a third of the word's
// length at most, letter case not counted), "" where none is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace spoor::sigma
