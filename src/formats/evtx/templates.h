// Definitions that were studied before, found again by content.
//
// Three levels, each answering for the next: by offset in the current chunk; by GUID, size and bytes, where the
// offsets of names are skipped and the names compared where they lie now; by meaning, so that two definitions that
// differ only in how their names are stored are one Template (and so one Shape).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "event/event.h"
#include "formats/evtx/definition.h"
#include "formats/evtx/layout.h"

namespace spoor::evtx {

struct Template {
  Definition definition;
  uint32_t holes = 0;  // values an instance has: highest substitution index + 1
  // Holes declared to hold binary XML, in order of fields, and where in the event they stand.
  struct NestedHole {
    uint32_t index;
    Section section;
  };
  std::vector<NestedHole> nested;
  // Shapes of events whose outer definition this is, by the definitions nested in it.
  struct Link {
    std::vector<const Template*> nested;
    const Shape* shape;
  };
  std::vector<Link> links;
};

class TemplateCache {
 public:
  // The template whose definition begins at `offset` of the chunk; nullptr with *refusal set if there is none.
  Template* Find(const ChunkView& chunk, uint32_t offset, Section section, Refusal* refusal);
  void NewChunk();
  // Bytes held, about; the owner drops everything when it grows past kMaxCacheBytes.
  size_t bytes() const { return bytes_; }
  void Clear();

 private:
  struct Variant {
    std::string bytes;  // of the definition behind its header
    Section section;
    std::vector<Definition::NameRef> names;
    std::string name_text;
    Template* made = nullptr;
    Refusal refusal = nullptr;
  };
  struct Seen {
    uint32_t epoch = 0, offset = 0;
    Section section = Section::kDocument;
    Template* made = nullptr;
    Refusal refusal = nullptr;
  };
  static bool SameContent(const Variant& v, const ChunkView& chunk, uint32_t begin, uint32_t size);
  Template* Study(const ChunkView& chunk, uint32_t offset, Section section, Refusal* refusal);
  Template* Intern(Definition&& definition, Refusal* refusal);

  static constexpr size_t kSeen = 256;  // power of two
  std::array<Seen, kSeen> seen_;
  uint32_t epoch_ = 1;
  size_t budget_ = kParseBudget;
  size_t bytes_ = 0;
  absl::flat_hash_map<uint64_t, std::vector<Variant>> variants_;
  absl::flat_hash_map<std::string, std::unique_ptr<Template>> by_meaning_;
};

}  // namespace spoor::evtx
