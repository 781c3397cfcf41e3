// Files and folders -> rules, on several threads, in one order.
//
// Walking comes first and gives every file its number; then threads take blocks of files and parse each block
// into a set of its own; at last the sets are put together in the order of the blocks. So the result does not
// depend on the number of threads.
//
// For many files the texts are read first, whole, since their digest tells whether the cache has the set
// already (rule_cache.h); if not, they are parsed from memory. Nothing is assumed from a file's time or size.
#include "sigma/load.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/cache.h"
#include "base/message.h"
#include "base/text.h"
#include "sigma/document.h"
#include "sigma/limits.h"
#include "sigma/read_file.h"
#include "sigma/resolve.h"
#include "sigma/rule_cache.h"
#include "yaml/yaml_reader.h"

namespace spoor::sigma {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesPerBlock = 64;
// Texts kept in memory for the cache's sake; larger sets are not cached. All of SigmaHQ has 5 MB.
constexpr size_t kMaxKeptBytes = size_t{64} << 20;
constexpr size_t kMaxThreads = 64;

// A file to read, or why a path is none.
struct Found {
  std::string path;
  std::string error;
};

bool IsRuleFile(std::string_view name) {
  const std::string end = AsciiLower(name.size() > 5 ? name.substr(name.size() - 5) : name);
  return end.ends_with(".yml") || end == ".yaml";
}

// A folder itself, not a link to one.
bool IsFolder(const dirent& entry, const std::string& path) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat info;
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Adds the rule files of a folder, folders within it in their place of the byte-wise order. Links to folders
// are not followed, since they may lead in circles.
void WalkFolder(const std::string& folder, int depth, std::vector<Found>* found) {
  if (depth > kMaxFolderDepth) {
    found->push_back({folder, Cat("more than ", kMaxFolderDepth, " folders within one another")});
    return;
  }
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) {
    found->push_back({folder, Cat("cannot read the folder: ", std::strerror(errno))});
    return;
  }
  std::vector<std::pair<std::string, bool>> entries;  // path, is a folder
  const std::string before = folder.ends_with('/') ? folder : folder + "/";
  errno = 0;
  while (const dirent* entry = readdir(dir)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    std::string path = Cat(before, name);
    const bool is_folder = IsFolder(*entry, path);
    if (is_folder || IsRuleFile(name)) entries.emplace_back(std::move(path), is_folder);
    errno = 0;
  }
  if (errno != 0) found->push_back({folder, Cat("cannot read the folder: ", std::strerror(errno))});
  closedir(dir);
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

size_t Told(const RuleSet& set) { return set.errors.size() + set.warnings.size() + set.not_rules.size(); }

// Reads the documents of one file. In collections of Sigma's first version a document may say what is to become of it
// (`action`): global documents are put over all that follow, until a reset; one that repeats is put over the one before
// it.
class FileParser {
 public:
  FileParser(const std::string& path, const LoadOptions& options, RuleSet* set)
      : path_(path), options_(options), set_(*set) {}

  void Parse(std::string_view yaml, YamlTree* tree) {
    const size_t before = Told(set_);
    YamlReader reader(yaml);
    while (reader.Next(tree)) {
      if (const auto& problem = tree->problem()) {
        Report(*problem);
      } else if (tree->root() != nullptr) {
        Document(tree);
      }
      if (Told(set_) - before >= kMaxErrorsPerFile) {
        set_.errors.push_back(
            {path_, 0, 0, "", "too many errors or warnings in this file; the rest of it was not read"});
        return;
      }
    }
  }

 private:
  void Report(const YamlProblem& problem) {
    set_.errors.push_back({path_, problem.line, problem.column, "", problem.message});
  }

  void Document(YamlTree* tree) {
    const YamlNode& root = *tree->root();
    if (root.kind == YamlNode::Kind::kScalar && ResolveScalar(root).type == ScalarType::kNull) return;
    const YamlNode* action = root.kind == YamlNode::Kind::kMap ? tree->Find(root, "action") : nullptr;
    const std::string_view what = action != nullptr ? action->text : "";
    if (what == "global") {
      global_.Merge(empty_map_, *tree, "action");
      has_global_ = true;
      std::swap(previous_, *tree);
      has_previous_ = true;
      return;
    }
    if (what == "reset") {
      has_global_ = false;
      return;
    }
    if (what == "repeat") {
      if (!has_previous_) {
        return Report({action->line, action->column, "action: repeat has no document before it to repeat"});
      }
      YamlTree merged;
      merged.Merge(previous_, *tree, "action");
      return Take(&merged);
    }
    if (has_global_ && root.kind == YamlNode::Kind::kMap) {
      YamlTree merged;
      merged.Merge(*tree, global_, "");
      return Take(&merged);
    }
    Take(tree);
  }

  void Take(YamlTree* tree) {
    if (const auto& problem = tree->problem()) return Report(*problem);
    AddDocument(*tree, path_, options_, &set_);
    std::swap(previous_, *tree);
    has_previous_ = previous_.root()->kind == YamlNode::Kind::kMap;
  }

  static YamlTree MakeEmptyMap() {
    YamlTree tree;
    YamlReader("{}").Next(&tree);
    return tree;
  }

  const std::string& path_;
  const LoadOptions& options_;
  RuleSet& set_;
  YamlTree previous_, global_;
  const YamlTree empty_map_ = MakeEmptyMap();
  bool has_previous_ = false, has_global_ = false;
};

void ParseInto(std::string_view yaml, const std::string& path, const LoadOptions& options, YamlTree* tree,
               RuleSet* set) {
  FileParser(path, options, set).Parse(yaml, tree);
}

// Calls work(block) for each block of files, on several threads.
template <typename Work>
void ForBlocks(size_t files, unsigned jobs, Work make_work) {
  const size_t blocks = (files + kFilesPerBlock - 1) / kFilesPerBlock;
  std::atomic<size_t> next{0};
  const auto run = [&] {
    auto work = make_work();  // what a thread keeps from block to block
    for (size_t block; (block = next.fetch_add(1)) < blocks;) {
      const size_t begin = block * kFilesPerBlock;
      work(block, begin, std::min(begin + kFilesPerBlock, files));
    }
  };
  std::vector<std::thread> helpers;
  const size_t threads = std::min<size_t>({jobs, blocks, kMaxThreads});
  for (size_t i = 1; i < threads; ++i) helpers.emplace_back(run);
  run();
  for (std::thread& helper : helpers) helper.join();
}

// The files of a block, read.
struct Texts {
  struct File {
    size_t end;          // in bytes; it begins where the one before ends
    std::string reason;  // why it could not be read, else empty
  };
  std::string bytes;
  std::vector<File> files;
  std::string key;  // paths, sizes and digest
};

// `scratch` keeps its memory from block to block.
void ReadBlock(const std::vector<Found>& files, size_t begin, size_t end, std::atomic<size_t>* total,
               std::string* scratch, Texts* texts) {
  texts->files.reserve(end - begin);
  scratch->clear();
  for (size_t i = begin; i < end && *total <= kMaxKeptBytes; ++i) {
    const size_t before = scratch->size();
    std::string reason = files[i].error.empty() ? ReadFile(files[i].path, scratch) : files[i].error;
    const size_t size = scratch->size() - before;
    *total += size;
    texts->key += Cat(files[i].path.size(), ":", files[i].path, size, " ", reason.size(), ":", reason);
    texts->files.push_back({scratch->size(), std::move(reason)});
  }
  texts->bytes = *scratch;
  texts->key += Sha256Of(texts->bytes);
}

// Reads all files; nothing where they are too large to keep.
std::vector<Texts> ReadAll(const std::vector<Found>& files, unsigned jobs) {
  std::vector<Texts> all((files.size() + kFilesPerBlock - 1) / kFilesPerBlock);
  std::atomic<size_t> total{0};
  ForBlocks(files.size(), jobs, [&] {
    return [&, scratch = std::string()](size_t block, size_t begin, size_t end) mutable {
      ReadBlock(files, begin, end, &total, &scratch, &all[block]);
    };
  });
  if (total > kMaxKeptBytes) all.clear();
  return all;
}

// Parses files begin to end, from `texts` where that is given.
class BlockParser {
 public:
  BlockParser(const std::vector<Found>& files, const LoadOptions& options) : files_(files), options_(options) {}

  void Parse(size_t begin, size_t end, const Texts* texts, RuleSet* set) {
    for (size_t i = begin; i < end; ++i) {
      std::string_view text;
      std::string reason = Text(i, i - begin, texts, &text);
      if (!reason.empty()) {
        set->errors.push_back({files_[i].path, 0, 0, "", std::move(reason)});
        continue;
      }
      ++set->files;
      ParseInto(text, files_[i].path, options_, &tree_, set);
    }
  }

 private:
  std::string Text(size_t file, size_t in_block, const Texts* texts, std::string_view* text) {
    if (texts != nullptr) {
      const size_t from = in_block == 0 ? 0 : texts->files[in_block - 1].end;
      *text = std::string_view(texts->bytes).substr(from, texts->files[in_block].end - from);
      return texts->files[in_block].reason;
    }
    if (!files_[file].error.empty()) return files_[file].error;
    text_.clear();
    std::string reason = ReadFile(files_[file].path, &text_);
    *text = text_;
    return reason;
  }

  const std::vector<Found>& files_;
  const LoadOptions& options_;
  YamlTree tree_;
  std::string text_;
};

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
                             Cat("the id ", rule.id, " is also that of '", at->second->title, "' in ", at->second->path,
                                 " line ", at->second->line)});
  }
}

// Leaves out the rules with which there would be too many fields.
void BoundFields(RuleSet* set) {
  std::unordered_set<std::string> fields;
  std::vector<Rule> kept;
  for (Rule& rule : set->rules) {
    std::vector<std::string> fresh;
    const auto note = [&](const std::string& field) {
      if (fields.insert(field).second) fresh.push_back(field);
    };
    for (const Item& item : rule.detection.items) {
      note(item.field);
      for (const Pattern& p : item.any_of) {
        if (p.op >= Operator::kFieldEquals) note(p.text);  // the field it is compared with
      }
    }
    if (fields.size() <= kMaxFields) {
      kept.push_back(std::move(rule));
      continue;
    }
    for (const std::string& field : fresh) fields.erase(field);
    set->errors.push_back(
        {rule.path, rule.line, 0, rule.title,
         Cat("with this rule, all rules together ask about more than ", kMaxFields, " different fields")});
  }
  set->rules = std::move(kept);
}

// `texts`: by block, or empty.
RuleSet ParseAll(const std::vector<Found>& files, const std::vector<Texts>& texts, const LoadOptions& options) {
  std::vector<RuleSet> sets((files.size() + kFilesPerBlock - 1) / kFilesPerBlock);
  ForBlocks(files.size(), options.jobs, [&] {
    return [&, parser = std::make_unique<BlockParser>(files, options)](size_t block, size_t begin, size_t end) {
      parser->Parse(begin, end, texts.empty() ? nullptr : &texts[block], &sets[block]);
    };
  });
  RuleSet all;
  for (RuleSet& set : sets) {
    MoveAll(&set.rules, &all.rules);
    MoveAll(&set.correlations, &all.correlations);
    MoveAll(&set.filters, &all.filters);
    MoveAll(&set.left_out_names, &all.left_out_names);
    MoveAll(&set.errors, &all.errors);
    MoveAll(&set.warnings, &all.warnings);
    MoveAll(&set.not_rules, &all.not_rules);
    all.files += set.files;
    all.left_out += set.left_out;
  }
  BoundFields(&all);
  WarnOfSharedIds(&all);
  ResolveReferences(&all);
  all.left_out_names.clear();
  return all;
}

}  // namespace

void ParseRules(std::string_view yaml, const std::string& path, const LoadOptions& options, RuleSet* set) {
  YamlTree tree;
  ParseInto(yaml, path, options, &tree, set);
}

std::vector<std::string> RuleFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (Found& found : Walk(paths)) {
    if (found.error.empty()) files.push_back(std::move(found.path));
  }
  return files;
}

RuleSet LoadRules(const std::vector<std::string>& paths, const LoadOptions& options) {
  const std::vector<Found> files = Walk(paths);
  std::string key = files.size() >= kFilesWorthCaching ? RuleCacheKey(options) : "";
  std::vector<Texts> texts;
  if (!key.empty()) texts = ReadAll(files, options.jobs);
  if (!texts.empty()) {
    for (const Texts& block : texts) key += block.key;
    if (std::optional<RuleSet> cached = ReadRuleCache(key)) return *std::move(cached);
  }
  RuleSet all = ParseAll(files, texts, options);
  if (!texts.empty()) WriteRuleCache(key, all);
  return all;
}

}  // namespace spoor::sigma
