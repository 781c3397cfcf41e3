#include "formats/shell_history/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::shell_history::kFormat, data, size);
  return 0;
}
