// Tells how far long work is while it goes on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace spoor {

// Calls `tick`, if there is one, five times a second until it is destroyed, from a thread of its own.
class Ticker {
 public:
  explicit Ticker(std::function<void()> tick) {
    if (!tick) return;
    thread_ = std::thread([this, tick = std::move(tick)] {
      std::unique_lock<std::mutex> lock(mutex_);
      while (!done_) {
        tick();
        changed_.wait_for(lock, std::chrono::milliseconds(200));
      }
    });
  }
  ~Ticker() {
    if (!thread_.joinable()) return;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace spoor
