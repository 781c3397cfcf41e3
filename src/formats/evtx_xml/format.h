// Windows events as XML: one behind the other (wevtutil qe /f:xml), or in a root (Event Viewer's export).
// docs/formats/xml.md says what is read out of it.
#pragma once

#include "formats/format.h"

namespace spoor::evtx_xml {

extern const Format kFormat;

}  // namespace spoor::evtx_xml
