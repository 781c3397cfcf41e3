#include "formats/evtx/templates.h"

#include <algorithm>

#include "base/bytes.h"

namespace spoor::evtx {

void TemplateCache::NewChunk() {
  if (++epoch_ == 0) {  // after 2^32 chunks the old marks would look new
    seen_.fill({});
    epoch_ = 1;
  }
  budget_ = kParseBudget;
}

void TemplateCache::Clear() {
  variants_.clear();
  by_meaning_.clear();
  seen_.fill({});
  bytes_ = 0;
}

Template* TemplateCache::Find(const ChunkView& chunk, uint32_t offset, Section section, Refusal* refusal) {
  Seen& seen = seen_[(offset * 2654435761u >> 24) & (kSeen - 1)];
  if (seen.epoch == epoch_ && seen.offset == offset && seen.section == section) [[likely]] {
    *refusal = seen.refusal;
    return seen.made;
  }
  Template* made = Study(chunk, offset, section, refusal);
  seen = {epoch_, offset, section, made, *refusal};
  return made;
}

// True if the definition's `size` bytes at `begin` say the same as the variant's.
bool TemplateCache::SameContent(const Variant& v, const ChunkView& chunk, uint32_t begin, uint32_t size) {
  if (v.bytes.size() != size) return false;
  const auto* mine = reinterpret_cast<const uint8_t*>(v.bytes.data());
  const uint8_t* theirs = chunk.data + begin;
  uint32_t from = 0;
  for (const Definition::NameRef& name : v.names) {
    if (!SameBytes(mine + from, theirs + from, name.at - from)) return false;
    const uint32_t offset = Load32(theirs + name.at);
    const bool is_inline = offset == begin + name.at + 4;
    if (is_inline != name.is_inline) return false;
    // An inline name starts with the offset of the next name in its hash chain: no part of the meaning either.
    from = name.at + (is_inline ? 8 : 4);
    if (!is_inline) {
      const std::string_view text = NameAt(chunk, offset);
      if (text.data() == nullptr || text.size() != name.text_size ||
          !SameBytes(reinterpret_cast<const uint8_t*>(text.data()),
                     reinterpret_cast<const uint8_t*>(v.name_text.data()) + name.text_at, text.size())) {
        return false;
      }
    }
  }
  return SameBytes(mine + from, theirs + from, size - from);
}

Template* TemplateCache::Study(const ChunkView& chunk, uint32_t offset, Section section, Refusal* refusal) {
  *refusal = nullptr;
  if (offset > chunk.size || chunk.size - offset < kDefinitionHeaderSize) {
    *refusal = "evtx_template_outside_chunk";
    return nullptr;
  }
  const uint8_t* header = chunk.data + offset;
  const uint32_t size = Load32(header + 20);
  const uint32_t begin = offset + kDefinitionHeaderSize;
  if (size > chunk.size - begin) {
    *refusal = "evtx_template_size";
    return nullptr;
  }
  if (budget_ < size + 64) {
    *refusal = "evtx_template_budget";
    return nullptr;
  }
  budget_ -= size + 64;
  const uint64_t key = Load64(header + 4) * 0x9e3779b97f4a7c15u ^ Load64(header + 12) ^ size;
  std::vector<Variant>& variants = variants_[key];
  for (size_t i = 0; i < variants.size(); ++i) {
    if (variants[i].section == section && SameContent(variants[i], chunk, begin, size)) {
      if (i > 0) std::swap(variants[i], variants[i - 1]);  // what is asked for often moves to the front
      Variant& v = variants[i > 0 ? i - 1 : 0];
      *refusal = v.refusal;
      return v.made;
    }
    budget_ -= std::min(budget_, size_t{size});
  }
  Definition definition;
  *refusal = ParseDefinition(chunk, begin, begin + size, section, true, &definition);
  Variant v;
  v.bytes.assign(reinterpret_cast<const char*>(chunk.data + begin), size);
  v.section = section;
  v.names = definition.names;
  v.name_text = definition.name_text;
  v.made = *refusal == nullptr ? Intern(std::move(definition), refusal) : nullptr;
  v.refusal = *refusal;
  bytes_ += size + v.name_text.size() + v.names.size() * sizeof(v.names[0]) + sizeof v + 64;
  Template* made = v.made;
  if (*refusal == nullptr) {  // a refused definition may have names that lie outside: it is not worth keeping
    if (variants.size() >= kMaxVariants) variants.pop_back();
    variants.push_back(std::move(v));
  }
  return made;
}

Template* TemplateCache::Intern(Definition&& definition, Refusal* refusal) {
  std::string meaning;
  const auto add_number = [&](uint32_t n) { meaning.append(reinterpret_cast<const char*>(&n), 4); };
  const auto add_parts = [&](const std::vector<TextPart>& parts) {
    add_number(static_cast<uint32_t>(parts.size()));
    for (const TextPart& p : parts) {
      add_number(p.constant);
      add_number(p.index);
      add_number(p.size);
      add_number(static_cast<uint32_t>(p.type));
    }
  };
  uint32_t holes = 0;
  for (const DefinitionField& f : definition.fields) {
    add_number(static_cast<uint32_t>(f.name.size()));
    meaning += f.name;
    add_number(static_cast<uint32_t>(f.section) | f.nested << 8 | f.attribute << 9);
    add_parts(f.name_parts);
    add_parts(f.parts);
    for (const auto* parts : {&f.name_parts, &f.parts}) {
      for (const TextPart& p : *parts) {
        if (!p.constant) holes = std::max(holes, p.index + 1);
      }
    }
  }
  meaning += definition.text;
  if (holes > kMaxSubstitutions) {
    *refusal = "evtx_too_many_substitutions";
    return nullptr;
  }
  auto [it, fresh] = by_meaning_.try_emplace(meaning);
  if (fresh) {
    bytes_ += 4 * meaning.size() + 512;
    auto made = std::make_unique<Template>();
    made->holes = holes;
    for (const DefinitionField& f : definition.fields) {
      if (f.nested) made->nested.push_back({f.parts[0].index, f.section});
    }
    definition.names.clear();
    definition.name_text.clear();
    made->definition = std::move(definition);
    it->second = std::move(made);
  }
  return it->second.get();
}

}  // namespace spoor::evtx
