// The progress bar on standard error.
#pragma once

#include <cstdint>
#include <string>

#include "hunt/hunt.h"

namespace spoor {

// Draws nothing where standard error is no terminal. Not thread-safe.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet);
  ~ProgressBar() { Clear(); }
  void Show(const HuntProgress& progress);
  void Clear();

 private:
  bool on_;
  double start_;
  bool drawn_ = false;
};

// "1.4 GB", "312 kB": powers of ten.
std::string HumanBytes(uint64_t bytes);
// "1,234,567"
std::string Grouped(uint64_t n);

}  // namespace spoor
