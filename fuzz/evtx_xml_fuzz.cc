#include "formats/evtx_xml/format.h"
#include "lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spoor::FuzzLines(spoor::evtx_xml::kFormat, data, size);
  return 0;
}
