#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace spoor {

int ColumnsOf(int descriptor, int otherwise) {
  constexpr int kFewest = 40;
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= kFewest ? size.ws_col : otherwise;
}

bool Colored() { return isatty(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr; }

}  // namespace spoor
