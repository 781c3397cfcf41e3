// case_runner: runs the text cases of tests/cases (their form is described in tests/cases/README.md).
//
//   case_runner --spoor PATH --make-evtx PATH [--update] CASEDIR…
//
// A case runs in a temporary copy of its folder, where descriptions have become the files they describe.
// `spoor` and `make_evtx` are first in the PATH. Exit code: 0 all cases as expected, 1 some not, 2 bad usage
// or no case.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path spoor, make_evtx;
  bool update = false;
  std::vector<fs::path> cases;
};

struct Result {
  std::string out, err;
  int exit_code = 0;
};

constexpr size_t kMostDifferencesShown = 12;

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

bool Spill(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  return static_cast<bool>(out);
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  if (!text.empty() && text.back() != '\n') lines.back() += "\\ (no newline at the end)";
  return lines;
}

bool EndsWith(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && std::string_view(text).substr(text.size() - end.size()) == end;
}

// --- placeholders
// ------------------------------------------------------------------------------------------------

constexpr std::string_view kAny = "{ANY}", kVersion = "{VERSION}", kSeconds = "{SECONDS}";

bool HasPlaceholder(std::string_view line) {
  return line.find(kAny) != line.npos || line.find(kVersion) != line.npos || line.find(kSeconds) != line.npos;
}

// Does `actual` have the form of `expected`? A placeholder takes as much as it can.
bool Matches(std::string_view expected, std::string_view actual) {
  size_t a = 0;
  for (size_t e = 0; e < expected.size();) {
    const std::string_view rest = expected.substr(e);
    if (rest.substr(0, kAny.size()) == kAny) return true;
    const bool version = rest.substr(0, kVersion.size()) == kVersion;
    const bool seconds = rest.substr(0, kSeconds.size()) == kSeconds;
    if (version || seconds) {
      const size_t start = a;
      while (a < actual.size() && (std::isdigit(static_cast<unsigned char>(actual[a])) || actual[a] == '.' ||
                                   (version && (std::isalnum(static_cast<unsigned char>(actual[a])) ||
                                                actual[a] == '-' || actual[a] == '+')))) {
        ++a;
      }
      if (a > start && actual[a - 1] == '.') --a;  // the full stop of a sentence
      if (a == start) return false;
      e += version ? kVersion.size() : kSeconds.size();
      continue;
    }
    if (a >= actual.size() || actual[a] != expected[e]) return false;
    ++a, ++e;
  }
  return a == actual.size();
}

// Prints how they differ; true when they do not.
bool Compare(const std::string& what, const std::string& expected, const std::string& actual) {
  const std::vector<std::string> e = Lines(expected), a = Lines(actual);
  size_t differences = 0;
  for (size_t i = 0; i < std::max(e.size(), a.size()); ++i) {
    if (i < e.size() && i < a.size() && Matches(e[i], a[i])) continue;
    if (++differences > kMostDifferencesShown) continue;
    if (differences == 1) std::cout << "  " << what << " differs:\n";
    if (i < e.size()) std::cout << "    " << i + 1 << " - " << e[i] << "\n";
    if (i < a.size()) std::cout << "    " << i + 1 << " + " << a[i] << "\n";
  }
  if (differences > kMostDifferencesShown) {
    std::cout << "    … and " << differences - kMostDifferencesShown << " lines more\n";
  }
  return differences == 0;
}

// The actual text, in which lines that an old line with placeholders matches keep those.
std::string KeepPlaceholders(const std::string& expected, const std::string& actual) {
  const std::vector<std::string> old = Lines(expected);
  std::string out;
  for (size_t start = 0; start < actual.size();) {
    const size_t end = std::min(actual.find('\n', start), actual.size());
    const std::string line = actual.substr(start, end - start);
    auto kept = std::find_if(old.begin(), old.end(),
                             [&](const std::string& o) { return HasPlaceholder(o) && Matches(o, line); });
    out += kept == old.end() ? line : *kept;
    if (end < actual.size()) out.push_back('\n');
    start = end + 1;
  }
  return out;
}

// --- running
// -----------------------------------------------------------------------------------------------------

// Runs argv in `folder` with output to files. Returns the exit code, 128 + signal, or -1.
int Run(const std::vector<std::string>& argv, const fs::path& folder, const fs::path& out, const fs::path& err) {
  const pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    const int in_fd = open("/dev/null", O_RDONLY);
    const int out_fd = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int err_fd = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (in_fd < 0 || out_fd < 0 || err_fd < 0 || chdir(folder.c_str()) != 0) _exit(127);
    dup2(in_fd, 0), dup2(out_fd, 1), dup2(err_fd, 2);
    std::vector<char*> args;
    for (const std::string& arg : argv) args.push_back(const_cast<char*>(arg.c_str()));
    args.push_back(nullptr);
    execv(args[0], args.data());
    _exit(127);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Hexadecimal digits, white space and comments from '#' to the end of the line.
std::optional<std::string> FromHex(const std::string& text) {
  std::string out, digits;
  bool comment = false;
  for (char c : text) {
    if (c == '#') comment = true;
    if (c == '\n') comment = false;
    if (comment || std::isspace(static_cast<unsigned char>(c))) continue;
    if (!std::isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
    digits.push_back(c);
    if (digits.size() == 2) {
      out.push_back(static_cast<char>(std::stoi(digits, nullptr, 16)));
      digits.clear();
    }
  }
  if (!digits.empty()) return std::nullopt;
  return out;
}

// Turns the descriptions in `work` into what they describe. Returns what went wrong, or nothing.
std::string MakeInputs(const Options& options, const fs::path& work, const fs::path& scratch) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(work)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  for (const fs::path& path : files) {
    const std::string name = path.string();
    if (EndsWith(name, ".evtx.txt")) {
      const fs::path err = scratch / "make_evtx.err";
      const int code = Run({options.make_evtx.string(), name, name.substr(0, name.size() - 4)}, work,
                           scratch / "make_evtx.out", err);
      if (code != 0) return path.filename().string() + ": " + Slurp(err);
      fs::remove(path);
    } else if (EndsWith(name, ".hex")) {
      const auto bytes = FromHex(Slurp(path));
      if (!bytes) return path.filename().string() + ": not hexadecimal";
      Spill(name.substr(0, name.size() - 4), *bytes);
      fs::remove(path);
    }
  }
  return "";
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "spoor_case_XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

bool Expectation(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "cmd" || name.rfind("expected.", 0) == 0;
}

// Copies the case, makes its inputs and runs its commands. Returns what hindered it, or nothing.
std::string Execute(const Options& options, const fs::path& folder, Result* result) {
  const TemporaryFolder temporary;
  if (temporary.path().empty()) return "no temporary folder";
  const fs::path work = temporary.path() / "case", bin = temporary.path() / "bin", tmp = temporary.path() / "tmp";
  fs::create_directories(work), fs::create_directories(bin), fs::create_directories(tmp);
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!Expectation(entry.path())) {
      fs::copy(entry.path(), work / entry.path().filename(), fs::copy_options::recursive);
    }
  }
  if (std::string why = MakeInputs(options, work, tmp); !why.empty()) return why;
  fs::create_symlink(options.spoor, bin / "spoor");
  fs::create_symlink(options.make_evtx, bin / "make_evtx");
  const std::string path = bin.string() + ":/usr/local/bin:/usr/bin:/bin";
  const std::vector<std::string> argv = {"/usr/bin/env",
                                         "-u",
                                         "COLUMNS",
                                         "-u",
                                         "NO_COLOR",
                                         "PATH=" + path,
                                         "HOME=" + tmp.string(),
                                         "TMPDIR=" + tmp.string(),
                                         "XDG_CACHE_HOME=" + (tmp / "cache").string(),
                                         "TZ=UTC",
                                         "LC_ALL=C.UTF-8",
                                         "/bin/sh",
                                         (folder / "cmd").string()};
  result->exit_code = Run(argv, work, temporary.path() / "out", temporary.path() / "err");
  result->out = Slurp(temporary.path() / "out");
  result->err = Slurp(temporary.path() / "err");
  return "";
}

int ExpectedExit(const fs::path& folder) {
  const std::string text = Slurp(folder / "expected.exit");
  return text.empty() ? 0 : std::atoi(text.c_str());
}

bool Check(const fs::path& folder, const Result& result) {
  bool good = Compare("standard output", Slurp(folder / "expected.out"), result.out);
  const bool with_err = fs::exists(folder / "expected.err");
  if (with_err) good &= Compare("standard error", Slurp(folder / "expected.err"), result.err);
  if (result.exit_code != ExpectedExit(folder)) {
    std::cout << "  exit code " << result.exit_code << ", expected " << ExpectedExit(folder) << "\n";
    good = false;
  }
  if (!good && !with_err && !result.err.empty()) std::cout << "  standard error was:\n" << result.err << "\n";
  return good;
}

void Update(const fs::path& folder, const Result& result) {
  auto update = [&folder](const char* name, const std::string& actual) {
    const std::string old = Slurp(folder / name);
    Spill(folder / name, KeepPlaceholders(old, actual));
  };
  update("expected.out", result.out);
  if (fs::exists(folder / "expected.err")) update("expected.err", result.err);
  if (result.exit_code != 0) {
    Spill(folder / "expected.exit", std::to_string(result.exit_code) + "\n");
  } else {
    fs::remove(folder / "expected.exit");
  }
}

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if ((arg == "--spoor" || arg == "--make-evtx") && i + 1 < argc) {
      (arg == "--spoor" ? options->spoor : options->make_evtx) = fs::absolute(argv[++i]);
    } else if (arg == "--update") {
      options->update = true;
    } else if (arg.rfind("--", 0) == 0) {
      return false;
    } else {
      options->cases.push_back(fs::absolute(arg).lexically_normal());
    }
  }
  return !options->spoor.empty() && !options->make_evtx.empty() && !options->cases.empty();
}

// A case folder itself, or every case folder below.
std::vector<fs::path> FindCases(const std::vector<fs::path>& given) {
  std::vector<fs::path> found;
  for (const fs::path& path : given) {
    if (fs::exists(path / "cmd")) {
      found.push_back(path);
      continue;
    }
    if (!fs::is_directory(path)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && entry.path().filename() == "cmd") found.push_back(entry.path().parent_path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!ParseOptions(argc, argv, &options)) {
    std::cerr << "usage: case_runner --spoor PATH --make-evtx PATH [--update] CASEDIR…\n";
    return 2;
  }
  const std::vector<fs::path> cases = FindCases(options.cases);
  if (cases.empty()) {
    std::cerr << "case_runner: no case (a folder with a file named cmd) there\n";
    return 2;
  }
  size_t failed = 0;
  for (const fs::path& folder : cases) {
    const std::string name = (folder.parent_path().filename() / folder.filename()).string();
    Result result;
    const std::string why = Execute(options, folder, &result);
    bool good = why.empty();
    if (!good) std::cout << "  " << why << "\n";
    if (good && options.update) {
      Update(folder, result);
    } else if (good) {
      good = Check(folder, result);
    }
    std::cout << (good ? options.update ? "updated " : "ok      " : "FAILED  ") << name << "\n";
    failed += good ? 0 : 1;
  }
  return failed == 0 ? 0 : 1;
}
