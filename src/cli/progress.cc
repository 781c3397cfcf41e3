#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/time.h"

namespace spoor {
namespace {

std::string TimeLeft(double seconds) {
  const auto s = static_cast<uint64_t>(std::llround(seconds));
  if (s >= 3600) return fmt::format("{}:{:02}:{:02} left", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02} left", s / 60, s % 60);
}

}  // namespace

std::string HumanBytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  double v = static_cast<double>(bytes);
  size_t unit = 0;
  while (v >= 999.5 && unit + 1 < std::size(kUnits)) {
    v /= 1000;
    ++unit;
  }
  return unit == 0 || v >= 99.5 ? fmt::format("{:.0f} {}", v, kUnits[unit]) : fmt::format("{:.1f} {}", v, kUnits[unit]);
}

std::string Grouped(uint64_t n) {
  std::string s = std::to_string(n);
  for (int at = static_cast<int>(s.size()) - 3; at > 0; at -= 3) s.insert(static_cast<size_t>(at), 1, ',');
  return s;
}

ProgressBar::ProgressBar(bool quiet) : on_(!quiet && isatty(STDERR_FILENO)), start_(MonotonicSeconds()) {}

void ProgressBar::Show(const HuntProgress& p) {
  if (!on_) return;
  const double seconds = MonotonicSeconds() - start_;
  if (seconds < 0.3) return;  // what is over at once needs no bar
  winsize size{};
  const int columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  const double share =
      p.bytes_total == 0 ? 0 : std::min(1.0, static_cast<double>(p.bytes) / static_cast<double>(p.bytes_total));
  const double rate = static_cast<double>(p.events) / seconds;
  std::string text = fmt::format(" {} of {}  {} events/s  {} findings", HumanBytes(p.bytes), HumanBytes(p.bytes_total),
                                 Grouped(static_cast<uint64_t>(rate)), Grouped(p.findings));
  if (share > 0.01 && p.bytes > 0) text += "  " + TimeLeft(seconds * (1 - share) / share);
  const int room = columns - 1 - static_cast<int>(text.size()) - 8;
  std::string bar;
  if (room >= 10) {
    const int width = std::min(room, 30);
    const int full = static_cast<int>(share * width);
    for (int i = 0; i < width; ++i) bar += i < full ? "█" : "░";
  }
  std::string line = fmt::format("\r{} {:3.0f} %{}", bar, share * 100, text);
  std::fprintf(stderr, "%s\x1b[K", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::Clear() {
  if (!drawn_) return;
  std::fprintf(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace spoor
