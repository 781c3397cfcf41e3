#include "evidence/file_table.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace spoor {

FileTable::FileTable(const std::vector<EvidenceFile>& files)
    : blocks_(std::make_unique<std::atomic<EvidenceFile*>[]>(kMaxBlocks)) {
  for (const EvidenceFile& file : files) Add(file);
  listed_ = size_;
}

FileTable::~FileTable() {
  for (uint32_t i = 0; i < kMaxBlocks && blocks_[i].load() != nullptr; ++i) delete[] blocks_[i].load();
}

uint32_t FileTable::Add(EvidenceFile file) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const uint32_t number = size_.load();
  if (number / kBlock >= kMaxBlocks) {
    std::fprintf(stderr, "spoor: more than %u files of evidence\n", number);
    std::abort();
  }
  std::atomic<EvidenceFile*>& block = blocks_[number / kBlock];
  if (block.load() == nullptr) block.store(new EvidenceFile[kBlock]);
  block.load()[number % kBlock] = std::move(file);
  size_.store(number + 1);
  return number;
}

bool FileTable::Before(uint32_t a, uint32_t b) const {
  if (a < listed_ && b < listed_) return a < b;
  const EvidenceFile &x = (*this)[a], &y = (*this)[b];
  const auto is_standard_input = [](std::string_view path) { return path == "-" || path.starts_with("-!/"); };
  return std::tuple(is_standard_input(x.path), std::string_view(x.path), std::string_view(x.tenant)) <
         std::tuple(is_standard_input(y.path), std::string_view(y.path), std::string_view(y.tenant));
}

std::vector<uint32_t> SameFiles(const FileTable& of, const FileTable& in) {
  std::vector<uint32_t> same(of.size(), ~0u);
  for (uint32_t file = 0; file < of.listed(); ++file) same[file] = file;
  // A container may have several files of one path: they are in the same order in both.
  struct Files {
    std::vector<uint32_t> numbers;
    size_t next = 0;
  };
  std::map<std::pair<std::string_view, std::string_view>, Files> by_path;
  for (uint32_t file = in.listed(); file < in.size(); ++file) {
    by_path[{in[file].path, in[file].tenant}].numbers.push_back(file);
  }
  for (uint32_t file = of.listed(); file < of.size(); ++file) {
    const auto found = by_path.find({of[file].path, of[file].tenant});
    if (found == by_path.end()) continue;
    Files& files = found->second;
    if (files.next < files.numbers.size()) same[file] = files.numbers[files.next++];
  }
  return same;
}

}  // namespace spoor
