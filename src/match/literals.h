// Which of many literals occur anywhere in a text: a Vectorscan database with a cache on disk; from kManyLiterals on, a
// GramIndex.
//
// Building a database of hundreds of literals takes far longer than loading a finished one; finished ones are kept in
// the cache (base/cache.h) under what they were made from: literals, Vectorscan version, processor features. For
// thousands a GramIndex scans faster and is built in milliseconds.
//
// Immutable after Make; Scan may be called from any number of threads, each with its own scratch.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "base/cache.h"
#include "match/gram_index.h"
#include "match/short_literals.h"

struct hs_database;
struct hs_scratch;

namespace spoor {

// Scratch memory for scans, one per thread, grown by whatever database needs most.
class LiteralScratch {
 public:
  LiteralScratch() = default;
  LiteralScratch(const LiteralScratch&) = delete;
  LiteralScratch& operator=(const LiteralScratch&) = delete;
  ~LiteralScratch();

 private:
  friend class LiteralDatabase;
  hs_scratch* scratch_ = nullptr;
};

class LiteralDatabase {
 public:
  static constexpr size_t kManyLiterals = 1000;

  // Literals are matched byte for byte; ids are their places in the list. REQUIRES: none is empty, all differ.
  static absl::StatusOr<std::unique_ptr<LiteralDatabase>> Make(const std::vector<std::string_view>& literals);
  ~LiteralDatabase();

  // Must be called once per scratch before Scan.
  absl::Status Prepare(LiteralScratch* scratch) const;
  // Calls fn(id) for literals that occur, perhaps more than once each.
  template <typename Fn>
  void Scan(std::string_view text, LiteralScratch* scratch, Fn&& fn) const {
    if (index_ != nullptr) {
      index_->Find(text, [&](uint32_t id, size_t) { fn(id); });
    } else {
      ScanAutomaton(text, scratch, fn);
    }
  }

 private:
  LiteralDatabase() = default;
  void ScanAutomaton(std::string_view text, LiteralScratch* scratch, absl::FunctionRef<void(uint32_t)> fn) const;

  std::unique_ptr<GramIndex> index_;  // of many literals; null: few, which the others have
  hs_database* database_ = nullptr;   // null: nothing but the following
  ShortLiterals short_;
  // Vectorscan takes a literal that begins with NUL for an empty one: such are searched for one after the other.
  std::vector<std::pair<std::string, uint32_t>> with_nul_;
};

}  // namespace spoor
