#include "cli/interrupt.h"

#include <csignal>

namespace spoor {
namespace {

std::atomic<bool> g_stop{false};

void OnInterrupt(int signal) {
  g_stop = true;
  std::signal(signal, SIG_DFL);  // asked twice, end at once
}

}  // namespace

const std::atomic<bool>& StopWhenInterrupted() {
  std::signal(SIGINT, OnInterrupt);
  std::signal(SIGTERM, OnInterrupt);
  return g_stop;
}

}  // namespace spoor
