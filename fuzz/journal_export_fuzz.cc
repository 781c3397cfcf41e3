#include "formats/journal_export/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::journal_export::kFormat, data, size);
  return 0;
}
