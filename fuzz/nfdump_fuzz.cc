#include "formats/nfdump/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::nfdump::kFormat, data, size);
  return 0;
}
