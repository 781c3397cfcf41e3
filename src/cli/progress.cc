#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/time.h"
#include "cli/terminal.h"

namespace spoor {
namespace {

constexpr double kAtOnce = 0.3;  // seconds: what is over so soon needs no bar

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

ProgressBar::ProgressBar(bool quiet)
    : on_(!quiet && isatty(STDERR_FILENO)), program_start_(MonotonicSeconds()), start_(program_start_) {}

void ProgressBar::Wait(std::string_view what) {
  if (!on_ || MonotonicSeconds() - program_start_ < kAtOnce) return;
  std::fprintf(stderr, "\r%.*s …\x1b[K", static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::Show(std::string_view what, const HuntProgress& p) {
  if (!on_) return;
  if (what != what_) {
    what_ = what;
    start_ = MonotonicSeconds();
  }
  const double seconds = MonotonicSeconds() - start_;
  if (seconds < kAtOnce) return;
  const double share =
      p.bytes_total == 0 ? 0 : std::min(1.0, static_cast<double>(p.bytes) / static_cast<double>(p.bytes_total));
  std::string text = fmt::format("{:3.0f} %", share * 100);
  size_t room = static_cast<size_t>(ColumnsOf(STDERR_FILENO, 80) - 1) - text.size();
  // What matters most first; what has no room is left out.
  const auto add = [&](const std::string& more) {
    if (more.size() > room) return;
    text += more;
    room -= more.size();
  };
  if (!what_.empty()) add("  " + what_);
  if (share > 0.01 && p.bytes > 0) add("  " + TimeLeft(seconds * (1 - share) / share));
  add(fmt::format("  {} of {}", HumanBytes(p.bytes), HumanBytes(p.bytes_total)));
  if (p.findings) add(fmt::format("  {} findings", Grouped(*p.findings)));
  add(fmt::format("  {} events/s", Grouped(static_cast<uint64_t>(static_cast<double>(p.events) / seconds))));
  std::string bar;
  if (room >= 11) {
    const size_t width = std::min<size_t>(room - 1, 30);
    const auto full = static_cast<size_t>(share * static_cast<double>(width));
    for (size_t i = 0; i < width; ++i) bar += i < full ? "█" : "░";
    bar += ' ';
  }
  std::fprintf(stderr, "\r%s%s\x1b[K", bar.c_str(), text.c_str());
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
