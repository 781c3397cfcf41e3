#include "match/literals.h"

#include <hs.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/cache.h"
#include "base/text.h"

namespace spoor {
namespace {

constexpr size_t kWorthCaching = 200;  // literals; smaller databases are built faster than a file is opened
constexpr char kCacheKind[] = "literals3";

// What a database is made from; empty where it is not to be cached.
std::string CacheKey(const std::vector<std::string_view>& literals) {
  if (literals.size() < kWorthCaching || CacheFolder().empty()) return "";
  hs_platform_info platform;
  if (hs_populate_platform(&platform) != HS_SUCCESS) return "";
  std::string key = absl::StrCat(hs_version(), "\n", platform.tune, " ", platform.cpu_features, "\n");
  for (const std::string_view literal : literals) {
    absl::StrAppend(&key, literal.size(), ":");
    key += literal;
  }
  return key;
}

hs_database* Load(const std::string& key) {
  const std::optional<CacheEntry> entry = ReadCache(kCacheKind, key);
  hs_database_t* database = nullptr;
  if (!entry || hs_deserialize_database(entry->body().data(), entry->body().size(), &database) != HS_SUCCESS) {
    return nullptr;
  }
  return database;
}

void Store(const std::string& key, const hs_database* database) {
  char* bytes = nullptr;
  size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return;
  WriteCache(kCacheKind, key, {bytes, size});
  std::free(bytes);
}

}  // namespace

LiteralScratch::~LiteralScratch() {
  if (scratch_ != nullptr) hs_free_scratch(scratch_);
}

LiteralDatabase::~LiteralDatabase() {
  if (database_ != nullptr) hs_free_database(database_);
}

absl::StatusOr<std::unique_ptr<LiteralDatabase>> LiteralDatabase::Make(const std::vector<std::string_view>& literals) {
  std::unique_ptr<LiteralDatabase> made(new LiteralDatabase());
  if (literals.size() >= kManyLiterals) {
    made->index_ = std::make_unique<GramIndex>();
    made->index_->Build(literals);
    return made;
  }
  const auto is_short = [](std::string_view literal) { return literal.size() <= ShortLiterals::kMaxSize; };
  const bool few_short =
      std::count_if(literals.begin(), literals.end(), is_short) <= static_cast<ptrdiff_t>(ShortLiterals::kMaxCount);
  std::vector<std::string_view> rest;
  std::vector<unsigned> ids;
  for (uint32_t id = 0; id < literals.size(); ++id) {
    if (few_short && is_short(literals[id])) {
      made->short_.Add(literals[id], id);
    } else if (literals[id][0] == '\0') {
      made->with_nul_.emplace_back(literals[id], id);
    } else {
      rest.push_back(literals[id]);
      ids.push_back(id);
    }
  }
  if (rest.empty()) return made;
  const std::string key = CacheKey(literals);
  if (!key.empty()) made->database_ = Load(key);
  if (made->database_ != nullptr) return made;
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string_view literal : rest) {
    texts.push_back(literal.data());
    sizes.push_back(literal.size());
  }
  const std::vector<unsigned> flags(ids.size(), HS_FLAG_SINGLEMATCH);
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(), static_cast<unsigned>(texts.size()),
                           HS_MODE_BLOCK, nullptr, &made->database_, &error) != HS_SUCCESS) {
    const std::string message = error != nullptr ? error->message : "unknown error";
    hs_free_compile_error(error);
    return absl::InternalError(absl::StrCat("cannot build the literal matcher: ", message));
  }
  if (!key.empty()) Store(key, made->database_);
  return made;
}

absl::Status LiteralDatabase::Prepare(LiteralScratch* scratch) const {
  if (database_ == nullptr) return absl::OkStatus();
  if (hs_alloc_scratch(database_, &scratch->scratch_) != HS_SUCCESS) {
    return absl::ResourceExhaustedError("no memory for the literal matcher's scratch space");
  }
  return absl::OkStatus();
}

void LiteralDatabase::ScanAutomaton(std::string_view text, LiteralScratch* scratch,
                                    absl::FunctionRef<void(uint32_t)> fn) const {
  if (!short_.empty()) short_.Find(text, fn);
  for (const auto& [literal, id] : with_nul_) {
    if (FindText(text, literal) != std::string_view::npos) fn(id);
  }
  if (database_ == nullptr) return;
  const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
    (*static_cast<absl::FunctionRef<void(uint32_t)>*>(context))(id);
    return 0;
  };
  hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch->scratch_, on_match, &fn);
}

}  // namespace spoor
