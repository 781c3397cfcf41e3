// Running the program itself in a test, and what it took: for what only a process of its own can show (how it ends,
// how much memory it had).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace spoor::test {

// What the program may have resident, whatever it reads.
inline constexpr uint64_t kMaxMemory = uint64_t{300} << 20;  // bytes
#if defined(__SANITIZE_ADDRESS__)                            // of GCC
#define SPOOR_TEST_ASAN
#elif defined(__has_feature)  // of Clang
#if __has_feature(address_sanitizer)
#define SPOOR_TEST_ASAN
#endif
#endif
#ifdef SPOOR_TEST_ASAN
inline constexpr bool kMemoryCounts = false;  // what ASan keeps is none of the program's
#else
inline constexpr bool kMemoryCounts = true;
#endif

struct Ran {
  int code = -1;          // exit code; -1: it did not end by itself
  int signal = 0;         // that ended it; 0: none
  bool too_slow = false;  // it was killed when its time was up
  uint64_t peak = 0;      // bytes resident at most, looked at every 3 milliseconds
  double seconds = 0;
  std::string out, err;

  std::string Text() const;  // one line for messages
};

// Runs a program to its end. `feed`, if given, writes its standard input to a file descriptor, in a thread; writing
// may fail when the program ends early. Without, standard input is empty. `max_seconds`: of processor time, and a
// twentieth of the time it may take at all.
Ran RunProgram(const std::string& program, const std::vector<std::string>& arguments, int max_seconds = 60,
               const std::function<void(int fd)>& feed = nullptr);

}  // namespace spoor::test
