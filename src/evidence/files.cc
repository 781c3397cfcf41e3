#include "evidence/files.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace spoor {
namespace {

constexpr int kMaxFolders = 10'000'000;  // folders walked; a file system that has more is a trap

// Lists the regular files below a folder. Folders to visit are kept in a list, not on the call stack.
void WalkFolder(const std::string& folder, const std::string& tenant, EvidenceList* list) {
  std::vector<std::string> todo{folder};
  for (int seen = 0; !todo.empty() && seen < kMaxFolders; ++seen) {
    const std::string at = std::move(todo.back());
    todo.pop_back();
    DIR* dir = opendir(at.c_str());
    if (dir == nullptr) {
      list->unread.push_back({at, std::strerror(errno)});
      continue;
    }
    const std::string prefix = at.back() == '/' ? at : at + "/";
    while (const dirent* entry = readdir(dir)) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      const std::string path = prefix + name;
      struct stat info;
      if (lstat(path.c_str(), &info) != 0) {
        list->unread.push_back({path, std::strerror(errno)});
        continue;
      }
      if (S_ISDIR(info.st_mode)) {
        todo.push_back(path);
        continue;
      }
      if (S_ISLNK(info.st_mode) && (stat(path.c_str(), &info) != 0 || S_ISDIR(info.st_mode))) continue;
      if (S_ISREG(info.st_mode)) list->files.push_back({path, tenant});
    }
    closedir(dir);
  }
}

}  // namespace

absl::StatusOr<EvidenceList> ListEvidence(const std::vector<std::string>& paths,
                                          const std::vector<std::pair<std::string, std::string>>& tenants) {
  EvidenceList list;
  std::vector<std::pair<std::string, std::string>> all = tenants;
  for (const std::string& path : paths) all.emplace_back("", path);
  for (const auto& [tenant, path] : all) {
    if (path == "-") {
      list.files.push_back({path, tenant});
      continue;
    }
    struct stat info;
    if (stat(path.c_str(), &info) != 0) {
      return absl::NotFoundError(path + ": " + std::strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
      WalkFolder(path, tenant, &list);
    } else {
      list.files.push_back({path, tenant});
    }
  }
  // Standard input is read last: its length is not known beforehand.
  std::sort(list.files.begin(), list.files.end(), [](const EvidenceFile& a, const EvidenceFile& b) {
    return std::tuple(a.path == "-", std::string_view(a.path), std::string_view(a.tenant)) <
           std::tuple(b.path == "-", std::string_view(b.path), std::string_view(b.tenant));
  });
  const auto same = [](const EvidenceFile& a, const EvidenceFile& b) {
    return a.path == b.path && a.tenant == b.tenant;
  };
  list.files.erase(std::unique(list.files.begin(), list.files.end(), same), list.files.end());
  return list;
}

}  // namespace spoor
