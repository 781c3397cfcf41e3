// The progress bar on standard error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hunt/hunt.h"

namespace spoor {

// Draws nothing where standard error is no terminal. Not thread-safe.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet);
  ~ProgressBar() { Clear(); }
  void Show(const HuntProgress& progress) { Show("", progress); }
  // Of several things one after another, "1/2 finding": time left is that of this alone.
  void Show(std::string_view what, const HuntProgress& progress);
  // Something that has no measure has begun: "joining …".
  void Wait(std::string_view what);
  void Clear();

 private:
  bool on_;
  double program_start_, start_;
  std::string what_;
  bool drawn_ = false;
};

// "1.4 GB", "312 kB": powers of ten.
std::string HumanBytes(uint64_t bytes);
// "1,234,567"
std::string Grouped(uint64_t n);

}  // namespace spoor
