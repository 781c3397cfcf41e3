#include "cli/message.h"

#include <cstdio>

#include "base/text.h"

namespace spoor {

void Complain(const std::string& text) {
  std::string visible;
  AppendVisible(text, &visible);
  std::fprintf(stderr, "spoor: %s\n", visible.c_str());
}

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace spoor
