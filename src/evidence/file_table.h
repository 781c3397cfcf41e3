// All files of a run: those that the user's paths came to, and those found in archives while they are read.
//
// Numbers are given in order of Add, which depends on who finds what first; Before says the order that does not.
// Thread-safe; reading takes no lock. Nothing moves: a reference stays valid as long as the table.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "evidence/files.h"

namespace spoor {

class FileTable {
 public:
  // The files of the list have the numbers 0 … listed() - 1, in the list's order.
  explicit FileTable(const std::vector<EvidenceFile>& files);
  ~FileTable();
  FileTable(const FileTable&) = delete;
  FileTable& operator=(const FileTable&) = delete;

  uint32_t Add(EvidenceFile file);
  // REQUIRES: a number that Add gave, to this thread or to who told it.
  const EvidenceFile& operator[](uint32_t number) const { return blocks_[number / kBlock].load()[number % kBlock]; }
  uint32_t listed() const { return listed_; }
  uint32_t size() const { return size_.load(); }

  // The order of findings of one time: by path, then tenant; standard input comes last.
  bool Before(uint32_t a, uint32_t b) const;

 private:
  static constexpr uint32_t kBlock = 1024;
  static constexpr uint32_t kMaxBlocks = 64 << 10;  // 67 million files
  std::unique_ptr<std::atomic<EvidenceFile*>[]> blocks_;
  std::mutex mutex_;
  std::atomic<uint32_t> size_{0};
  uint32_t listed_ = 0;
};

// By number in one table: the number that another table of the same evidence has for the file; ~0u: none. Those of the
// list have the same, those in containers come as their containers were read.
std::vector<uint32_t> SameFiles(const FileTable& of, const FileTable& in);

}  // namespace spoor
