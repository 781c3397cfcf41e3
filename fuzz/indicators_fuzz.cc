// A list of indicators and a text, divided by a NUL: what is found must be an indicator, and the same again without the
// rest of the list.
#include <cstdlib>

#include "base/text.h"
#include "match/indicators.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all = spoor::AsText(data, size);
  const size_t cut = all.find('\0');
  if (cut == std::string_view::npos) return 0;
  spoor::Indicators list;
  std::vector<spoor::Indicators::Problem> problems;
  list.AddList(all.substr(0, cut), &problems);
  list.Seal();
  const std::string folded = spoor::Folded(all.substr(cut + 1));
  bool any = false;
  list.Find(folded, [&](uint32_t number) {
    any = true;
    if (number >= list.size() || list.text(number).empty()) std::abort();
    return true;
  });
  if (any != list.In(folded)) std::abort();
  return 0;
}
