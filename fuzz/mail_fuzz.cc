#include "formats/mail/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::mail::kFormat, data, size);
  return 0;
}
