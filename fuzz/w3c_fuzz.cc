#include "formats/w3c/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::w3c::kFormat, data, size);
  return 0;
}
