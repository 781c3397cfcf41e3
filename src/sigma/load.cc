// Files and folders -> rules, on several threads, in one order.
//
// Walking comes first and gives every file its number; then threads take blocks of files and parse each block
// into a set of its own; at last the sets are put together in the order of the blocks. So the result does not
// depend on the number of threads. Costs on one core: about 20 us a rule, most of it libyaml's scanner and
// opening the file.
#include "sigma/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <unordered_map>

#include "base/text.h"
#include "sigma/document.h"
#include "sigma/limits.h"
#include "sigma/message.h"
#include "sigma/yaml_node.h"

namespace spoor::sigma {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesPerBlock = 64;

// A file to read, or why a path is none.
struct Found {
  std::string path;
  std::string error;
};

bool IsRuleFile(const std::string& path) {
  const std::string end = AsciiLower(path.size() > 5 ? std::string_view(path).substr(path.size() - 5) : path);
  return end.ends_with(".yml") || end == ".yaml";
}

// Adds the rule files of a folder, folders within it in their place of the byte-wise order. Links to folders
// are not followed, since they may lead in circles.
void WalkFolder(const std::string& folder, int depth, std::vector<Found>* found) {
  if (depth > kMaxFolderDepth) {
    found->push_back({folder, Cat("more than ", kMaxFolderDepth, " folders within one another")});
    return;
  }
  std::error_code error;
  std::vector<std::pair<std::string, bool>> entries;  // path, is a folder
  fs::directory_iterator it(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    const bool is_folder = it->is_directory(ignored) && !it->is_symlink(ignored);
    if (is_folder || IsRuleFile(it->path().native())) entries.emplace_back(it->path().native(), is_folder);
  }
  if (error) found->push_back({folder, Cat("cannot read the folder: ", error.message())});
  std::sort(entries.begin(), entries.end());
  for (auto& [path, is_folder] : entries) {
    if (is_folder) {
      WalkFolder(path, depth + 1, found);
    } else {
      found->push_back({std::move(path), ""});
    }
  }
}

std::vector<Found> Walk(const std::vector<std::string>& paths) {
  std::vector<Found> found;
  for (const std::string& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
      found.push_back(
          {path, error && error != std::errc::no_such_file_or_directory ? error.message() : "no such file"});
    } else if (fs::is_directory(status)) {
      WalkFolder(path, 0, &found);
    } else {
      found.push_back({path, ""});
    }
  }
  return found;
}

// Reads a regular file whole; the reason where that fails, else "". *text keeps its memory from file to file.
std::string ReadFile(const std::string& path, std::string* text) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Cat("cannot open: ", std::strerror(errno));
  struct stat info;
  std::string reason;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    reason = "not a file";
  } else if (static_cast<uint64_t>(info.st_size) > kMaxRuleFileBytes) {
    reason = Cat("larger than ", kMaxRuleFileBytes >> 20, " MiB");
  } else {
    text->resize(static_cast<size_t>(info.st_size));
    size_t have = 0;
    while (have < text->size()) {
      const ssize_t got = read(fd, text->data() + have, text->size() - have);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) reason = Cat("cannot read: ", std::strerror(errno));
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    text->resize(have);
  }
  close(fd);
  return reason;
}

void ParseInto(std::string_view yaml, const std::string& path, const LoadOptions& options, YamlTree* tree,
               RuleSet* set) {
  const size_t errors_before = set->errors.size(), warnings_before = set->warnings.size();
  YamlReader reader(yaml);
  while (reader.Next(tree)) {
    if (const auto& problem = tree->problem()) {
      set->errors.push_back({path, problem->line, problem->column, "", problem->message});
    } else if (tree->root() != nullptr) {
      const YamlNode& root = *tree->root();
      const bool nothing =
          root.kind == YamlNode::Kind::kScalar && ResolveScalar(root).type == ScalarType::kNull;
      if (!nothing) AddDocument(*tree, path, options, set);
    }
    if (set->errors.size() - errors_before >= kMaxErrorsPerFile ||
        set->warnings.size() - warnings_before >= kMaxErrorsPerFile) {
      set->errors.push_back(
          {path, 0, 0, "", "too many errors or warnings in this file; the rest of it was not read"});
      return;
    }
  }
}

void ParseBlock(const std::vector<Found>& files, size_t begin, size_t end, const LoadOptions& options,
                YamlTree* tree, std::string* text, RuleSet* set) {
  for (size_t i = begin; i < end; ++i) {
    std::string reason = files[i].error.empty() ? ReadFile(files[i].path, text) : files[i].error;
    if (!reason.empty()) {
      set->errors.push_back({files[i].path, 0, 0, "", std::move(reason)});
      continue;
    }
    ++set->files;
    ParseInto(*text, files[i].path, options, tree, set);
  }
}

template <typename T>
void MoveAll(std::vector<T>* from, std::vector<T>* to) {
  std::move(from->begin(), from->end(), std::back_inserter(*to));
}

// Two rules with one id: both stay, but findings and exclusions by id cannot tell them apart.
void WarnOfSharedIds(RuleSet* set) {
  std::unordered_map<std::string_view, const Rule*> first;
  for (const Rule& rule : set->rules) {
    if (rule.id.empty()) continue;
    const auto [at, fresh] = first.try_emplace(rule.id, &rule);
    if (fresh) continue;
    set->warnings.push_back({rule.path, rule.line, 0, rule.title,
                             Cat("the id ", rule.id, " is also that of '", at->second->title, "' in ",
                                 at->second->path, " line ", at->second->line)});
  }
}

}  // namespace

void ParseRules(std::string_view yaml, const std::string& path, const LoadOptions& options, RuleSet* set) {
  YamlTree tree;
  ParseInto(yaml, path, options, &tree, set);
}

RuleSet LoadRules(const std::vector<std::string>& paths, const LoadOptions& options) {
  const std::vector<Found> files = Walk(paths);
  const size_t blocks = (files.size() + kFilesPerBlock - 1) / kFilesPerBlock;
  std::vector<RuleSet> sets(blocks);
  std::atomic<size_t> next{0};
  const auto work = [&] {
    YamlTree tree;
    std::string text;
    for (size_t block; (block = next.fetch_add(1)) < blocks;) {
      const size_t begin = block * kFilesPerBlock;
      ParseBlock(files, begin, std::min(begin + kFilesPerBlock, files.size()), options, &tree, &text,
                 &sets[block]);
    }
  };
  std::vector<std::thread> helpers;
  const size_t jobs = std::min<size_t>({options.jobs, blocks, 64});
  for (size_t i = 1; i < jobs; ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();

  RuleSet all;
  for (RuleSet& set : sets) {
    MoveAll(&set.rules, &all.rules);
    MoveAll(&set.errors, &all.errors);
    MoveAll(&set.warnings, &all.warnings);
    all.files += set.files;
    all.left_out += set.left_out;
  }
  WarnOfSharedIds(&all);
  return all;
}

}  // namespace spoor::sigma
