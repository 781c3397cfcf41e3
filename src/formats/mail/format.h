// Mail: messages as mail programs and servers keep them.
//
//     EML, Maildir   one message (RFC 5322) a file
//     mbox           messages one after the other, each behind a line "From <sender> <date>" (RFC 4155, appendix A)
//
// A message is one event, of product mail, service message. Its fields are the columns of kTexts and kLists in
// reader.cc; docs/formats/mail.md says what each holds.
//
// In an mbox, lines of a body that begin with "From " stand there as ">From " (mboxo) or with one more '>' than they
// had (mboxrd): one '>' is taken off. Where writers leave them as they are (mboxcl2), the header Content-Length says
// where the body ends; it is believed where a message, or nothing, follows there.
//
// Message structure, transfer encodings, character sets and addresses are GMime's work. What is looked for in the text
// (links, remote images, results of checks) is done here.
#pragma once

#include "formats/format.h"

namespace spoor::mail {

extern const Format kFormat;

}  // namespace spoor::mail
