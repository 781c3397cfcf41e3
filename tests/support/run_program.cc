#include "support/run_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "support/read_events.h"

extern char** environ;

namespace spoor::test {
namespace {

double Now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

[[noreturn]] void Give(const char* what) {
  std::perror(what);
  std::abort();
}

// Seconds of processor time a process has used so far, all threads together. Behind the last bracket of its name stand
// numbers; the 12th and 13th are its time in the program and in the kernel.
double ProcessorTime(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(in, line);
  std::istringstream words(line.substr(std::min(line.rfind(')') + 1, line.size())));
  std::string word;
  double ticks = 0;
  for (int i = 1; i <= 13 && words >> word; ++i) ticks += i >= 12 ? std::strtod(word.c_str(), nullptr) : 0;
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Bytes that a process had resident at most, so far. What wait4 says counts what the parent had at the start, too.
uint64_t PeakOf(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) << 10;
  }
  return 0;
}

}  // namespace

std::string Ran::Text() const {
  std::string text = too_slow      ? "too slow"
                     : signal != 0 ? "ended by signal " + std::to_string(signal)
                                   : "exit code " + std::to_string(code);
  return text + ", " + std::to_string(peak >> 20) + " MiB, " + std::to_string(seconds) + " s: " + err.substr(0, 2000);
}

Ran RunProgram(const std::string& program, const std::vector<std::string>& arguments, int max_seconds,
               const std::function<void(int fd)>& feed) {
  const TemporaryFolder folder;
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int input[2] = {-1, -1};
  if (feed && pipe2(input, O_CLOEXEC) != 0) Give("pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (feed) {
    posix_spawn_file_actions_adddup2(&actions, input[0], 0);
  } else {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  }
  posix_spawn_file_actions_addopen(&actions, 1, (folder / "out").c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, (folder / "err").c_str(), O_WRONLY | O_CREAT, 0600);
  const double start = Now();
  pid_t child = 0;
  if (posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ) != 0) Give(program.c_str());
  posix_spawn_file_actions_destroy(&actions);

  std::thread writer;
  if (feed) {
    close(input[0]);
    signal(SIGPIPE, SIG_IGN);
    writer = std::thread([&] {
      feed(input[1]);
      close(input[1]);
    });
  }
  Ran ran;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    // A machine that is busy with other things makes nothing too slow; what waits for something that never comes is.
    if (!ran.too_slow && (ProcessorTime(child) > max_seconds || Now() - start > 20 * max_seconds)) {
      ran.too_slow = true;
      kill(child, SIGKILL);
    }
    ran.peak = std::max(ran.peak, PeakOf(child));
    usleep(3000);
  }
  if (writer.joinable()) writer.join();
  ran.seconds = Now() - start;
  if (WIFEXITED(status)) ran.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ran.signal = WTERMSIG(status);
  ran.out = ReadAll(folder / "out");
  ran.err = ReadAll(folder / "err");
  return ran;
}

}  // namespace spoor::test
