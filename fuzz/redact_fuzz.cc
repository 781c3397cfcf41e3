// Names of accounts, a line each, and a text, divided by a NUL: a text as JSON comes out as the text does, none of it
// but pseudonyms is new, and once is enough.
#include <cstdlib>

#include "base/bytes.h"
#include "base/text.h"
#include "story/redact.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all = spoor::AsText(data, size);
  const size_t cut = all.find('\0');
  if (cut == std::string_view::npos || cut > 1000) return 0;
  spoor::Redactor redact("a key of some length");
  for (size_t at = 0; at < cut;) {
    const size_t end = std::min(all.find('\n', at), cut);
    redact.AddAccount(all.substr(at, end - at));
    at = end + 1;
  }
  redact.Seal();
  std::string text;
  spoor::AppendValidUtf8(all.substr(cut + 1), &text);
  const std::string once = redact.Text(text);
  if (redact.Json(spoor::JsonString(text)) != spoor::JsonString(once)) std::abort();
  redact.Json(text);  // what is no JSON is no harm
  if (once.find("account-") == std::string::npos && once != text) std::abort();
  return 0;
}
