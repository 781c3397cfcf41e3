#include "formats/dns_debug/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::dns_debug::kFormat, data, size);
  return 0;
}
