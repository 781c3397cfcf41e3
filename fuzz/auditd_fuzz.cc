#include "formats/auditd/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::auditd::kFormat, data, size);
  return 0;
}
