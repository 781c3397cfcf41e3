#include "formats/access/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::access::kFormat, data, size);
  spoor::FuzzLines(spoor::access::kErrorFormat, data, size);
  spoor::FuzzLines(spoor::access::kSquidFormat, data, size);
  return 0;
}
