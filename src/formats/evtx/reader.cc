#include "formats/evtx/reader.h"

#include <libdeflate.h>

#include <algorithm>
#include <deque>

#include "base/bytes.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/evtx/templates.h"

namespace spoor::evtx {
namespace {

constexpr uint32_t kFragmentHeaderBytes = 0x0001010f;  // token 0f, version 1.1, flags 0

// A field of an event that took the slow path, with its values found.
struct LooseField {
  std::string name;
  Section section;
  uint32_t first_part, parts;  // in Impl::loose_values_
};

int KeyIndex(std::string_view name) {
  if (name == "Channel") return 0;
  if (name == "Provider_Name") return 1;
  if (name == "EventID") return 2;
  if (name == "Computer") return 3;
  if (name == "TimeCreated_SystemTime") return 4;
  if (name == "EventRecordID") return 5;
  return -1;
}

// A shape with what only this reader needs to know of it.
struct OwnShape : Shape {
  int time_field = -1;    // field TimeCreated_SystemTime
  int record_field = -1;  // field EventRecordID
  // The same as indexes into Event::values; -1 where there is none or a constant.
  int time_value = -1, record_value = -1;

  void NoteKey(Section section, size_t parts) {
    if (section != Section::kSystem || parts != 1) return;
    const int i = static_cast<int>(fields.size()) - 1;
    int* const slots[] = {&key.channel, &key.provider, &key.event_id, &key.computer, &time_field, &record_field};
    const int which = KeyIndex(fields.back().name);
    if (which < 0 || *slots[which] >= 0) return;
    *slots[which] = i;
    const FieldPart& part = fields[i].parts[0];
    if (part.kind != FieldPart::kValue) return;
    if (slots[which] == &time_field) time_value = static_cast<int>(part.index);
    if (slots[which] == &record_field) record_value = static_cast<int>(part.index);
  }
};

}  // namespace

bool IsEventLog(const uint8_t* head, size_t size) {
  if (size >= 8 && std::memcmp(head, kFileMagic, 8) == 0) return true;
  return size >= kFileHeaderSize + 8 && std::memcmp(head + kFileHeaderSize, kChunkMagic, 8) == 0;
}

bool IsLegacyEventLog(const uint8_t* head, size_t size) {
  return size >= 8 && Load32(head) == 0x30 && std::memcmp(head + 4, "LfLe", 4) == 0;
}

class Reader::Impl {
 public:
  explicit Impl(const ReaderOptions& options) : options_(options) { values_.resize(256); }

  void ReadChunk(const uint8_t* data, size_t size, uint64_t file_offset, Sink* sink);
  void Forget(Sink* sink);

 private:
  struct Instance {
    Template* made = nullptr;
    uint32_t first = 0;   // of its values in values_
    uint32_t nested = 0;  // how many of them are binary XML
    const uint8_t* end = nullptr;
  };

  uint32_t CheckHeader();
  void WalkRecords(uint32_t limit, bool trusted);
  uint32_t FindRecord(uint32_t from, uint32_t limit) const;
  bool IsRecord(uint32_t at) const;
  Refusal ReadRecord(uint32_t at, uint32_t size);
  Refusal ReadInstance(const uint8_t* at, const uint8_t* end, Section section, Instance* out);
  Refusal ReadLoose(const uint8_t* at, const uint8_t* end);
  Refusal Loosen(const uint8_t* at, const uint8_t* end, Section section, bool dependency_ids, int depth);
  Refusal LoosenFields(const Definition& definition, uint32_t first, uint32_t holes, int depth);
  const Shape* ShapeOf(Template* outer);
  const Shape* MakeShape(const Template& outer);
  void AddFields(const Template& from, uint32_t base, OwnShape* shape, size_t* next_nested);
  const OwnShape* LooseShape();
  void Emit(const Shape* shape, const Value* values);
  void Report(uint64_t at, uint64_t bytes, const char* kind) { sink_->OnDamage({file_offset_ + at, bytes, kind}); }
  void Reserve(size_t n) {
    if (values_.size() < n) values_.resize(std::max(n, values_.size() * 2));
  }

  ReaderOptions options_;
  TemplateCache templates_;
  std::deque<OwnShape> shapes_;
  size_t shape_bytes_ = 0;
  uint64_t next_shape_ = 1;
  absl::flat_hash_map<std::string, const OwnShape*> loose_shapes_;

  // The chunk being read.
  ChunkView chunk_;
  uint64_t file_offset_ = 0;
  Sink* sink_ = nullptr;
  bool carving_ = false;

  // The record being read.
  uint64_t record_at_ = 0, record_number_ = 0, record_written_ = 0;
  std::vector<Value> values_;
  uint32_t used_ = 0;
  std::vector<const Template*> nested_made_;
  std::vector<uint32_t> nested_first_;
  std::vector<LooseField> loose_;
  std::vector<Value> loose_values_;
  std::deque<Definition> loose_definitions_;
  std::string loose_key_;
  size_t loose_work_ = 0;
};

// --- chunk ---------------------------------------------------------------------------------------------------

// Verifies the chunk's header. Returns where its records end if that can be trusted, else 0.
uint32_t Reader::Impl::CheckHeader() {
  const uint8_t* d = chunk_.data;
  if (chunk_.size < kChunkHeaderSize) {
    Report(0, chunk_.size, "evtx_chunk_truncated");
    return 0;
  }
  if (std::memcmp(d, kChunkMagic, 8) != 0) {
    Report(0, kChunkHeaderSize, "evtx_chunk_magic");
    return 0;
  }
  const uint32_t free_space = Load32(d + kChunkFreeSpace);
  if (!options_.verify_checksums) {
    return free_space >= kChunkHeaderSize && free_space <= chunk_.size ? free_space : 0;
  }
  const uint32_t crc = libdeflate_crc32(libdeflate_crc32(0, d, 120), d + 128, kChunkHeaderSize - 128);
  if (crc != Load32(d + kChunkHeaderCrc)) {
    Report(0, kChunkHeaderSize, "evtx_chunk_header_checksum");
    return 0;
  }
  if (free_space < kChunkHeaderSize || free_space > kChunkSize) {
    Report(0, kChunkHeaderSize, "evtx_chunk_free_space");
    return 0;
  }
  if (free_space > chunk_.size) {
    Report(chunk_.size, free_space - chunk_.size, "evtx_chunk_truncated");
    return 0;
  }
  if (chunk_.size < kChunkSize) Report(chunk_.size, 0, "evtx_chunk_truncated");
  const uint32_t data_crc = libdeflate_crc32(0, d + kChunkHeaderSize, free_space - kChunkHeaderSize);
  if (data_crc != Load32(d + kChunkDataCrc)) Report(0, 0, "evtx_chunk_checksum");
  return free_space;
}

bool Reader::Impl::IsRecord(uint32_t at) const {
  if (chunk_.size - at < kRecordMinSize || Load32(chunk_.data + at) != kRecordMagic) return false;
  const uint32_t size = Load32(chunk_.data + at + 4);
  return size >= kRecordMinSize && size <= chunk_.size - at && Load32(chunk_.data + at + size - 4) == size;
}

// The next offset in [from, limit) at which a whole record lies; limit if there is none.
uint32_t Reader::Impl::FindRecord(uint32_t from, uint32_t limit) const {
  while (from < limit) {
    const void* star = std::memchr(chunk_.data + from, '*', limit - from);
    if (star == nullptr) return limit;
    const auto at = static_cast<uint32_t>(static_cast<const uint8_t*>(star) - chunk_.data);
    if (at < limit && chunk_.size > at && IsRecord(at)) return at;
    from = at + 1;
  }
  return limit;
}

// Reads the records in [512, limit). In a chunk whose header cannot be trusted, limit is the chunk's end and the
// walk simply stops where nothing more looks like a record. Behind a trusted limit, records that go on with the next
// number were written before the header was (a log copied while in use); others are remains of earlier use.
void Reader::Impl::WalkRecords(uint32_t limit, bool trusted) {
  uint32_t at = kChunkHeaderSize;
  uint64_t last_number = 0;
  bool any = false;
  while (at < limit) {
    if (!IsRecord(at)) {
      const uint32_t next = FindRecord(at + 1, limit);
      if (next == limit && !trusted) break;
      Report(at, next - at, "evtx_record_framing");
      at = next;
      continue;
    }
    const uint32_t size = Load32(chunk_.data + at + 4);
    last_number = Load64(chunk_.data + at + 8);
    any = true;
    if (Refusal r = ReadRecord(at, size)) Report(at, size, r);
    at += size;
  }
  if (trusted && any) {
    while (at < chunk_.size && IsRecord(at) && Load64(chunk_.data + at + 8) == last_number + 1) {
      const uint32_t size = Load32(chunk_.data + at + 4);
      if (ReadRecord(at, size)) break;
      ++last_number;
      at += size;
    }
  }
  if (!options_.carve) return;
  carving_ = true;
  for (at = FindRecord(at, chunk_.size); at < chunk_.size;) {
    const uint32_t size = Load32(chunk_.data + at + 4);
    at = FindRecord(ReadRecord(at, size) == nullptr ? at + size : at + 1, chunk_.size);
  }
  carving_ = false;
}

void Reader::Impl::ReadChunk(const uint8_t* data, size_t size, uint64_t file_offset, Sink* sink) {
  if (size >= 8 && Load64(data) == 0) {
    // Logs grow by more than one chunk at a time: chunks never written to are all zeros.
    if (std::all_of(data, data + size, [](uint8_t b) { return b == 0; })) return;
  }
  chunk_ = {data, static_cast<uint32_t>(std::min(size, kChunkSize))};
  file_offset_ = file_offset;
  sink_ = sink;
  templates_.NewChunk();
  const uint32_t free_space = CheckHeader();
  if (chunk_.size > kChunkHeaderSize) {
    WalkRecords(free_space != 0 ? free_space : chunk_.size, free_space != 0);
  }
  if (shapes_.size() > kMaxShapes || shape_bytes_ + templates_.bytes() > kMaxCacheBytes) Forget(sink);
}

void Reader::Impl::Forget(Sink* sink) {
  sink->ShapesDropped();
  templates_.Clear();
  loose_shapes_.clear();
  shapes_.clear();
  shape_bytes_ = 0;
}

// --- record, fast path ---------------------------------------------------------------------------------------

// Reads a template instance (its token at `at`) and appends its values to values_.
Refusal Reader::Impl::ReadInstance(const uint8_t* at, const uint8_t* end, Section section, Instance* out) {
  if (end - at < 10) return "evtx_instance_truncated";
  const uint32_t offset = Load32(at + 6);
  Refusal refusal;
  Template* made = templates_.Find(chunk_, offset, section, &refusal);
  if (made == nullptr) return refusal;
  const uint32_t id = Load32(at + 2);
  at += 10;
  if (chunk_.data + offset == at) {
    at += kDefinitionHeaderSize + Load32(at + 20);  // within the chunk: Find has checked
    if (at > end) return "evtx_instance_truncated";
  } else if (id != Load32(chunk_.data + offset + 4)) {
    return "evtx_template_mismatch";  // the definition was overwritten: its GUID begins with the template's number
  }
  if (end - at < 4) return "evtx_instance_truncated";
  const uint32_t count = Load32(at);
  at += 4;
  if (count > kMaxSubstitutions || static_cast<size_t>(end - at) < size_t{count} * 4) {
    return "evtx_too_many_substitutions";
  }
  const uint32_t holes = made->holes;
  Reserve(used_ + std::max(count, holes));
  Value* v = values_.data() + used_;
  const uint8_t* descriptor = at;
  at += size_t{count} * 4;
  auto left = static_cast<size_t>(end - at);
  uint32_t nested = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t d = Load32(descriptor + size_t{4} * i);
    const uint32_t size = d & 0xffff;
    const auto type = static_cast<ValueType>(d >> 16 & 0xff);
    if (size > left) return "evtx_value_size";
    v[i] = {at, size, type};
    nested += type == ValueType::kBinXml;
    at += size;
    left -= size;
  }
  for (uint32_t i = count; i < holes; ++i) v[i] = {};
  out->made = made;
  out->first = used_;
  out->nested = nested;
  out->end = at;
  used_ += holes;
  return nullptr;
}

Refusal Reader::Impl::ReadRecord(uint32_t at, uint32_t size) {
  const uint8_t* p = chunk_.data + at;
  record_at_ = at;
  record_number_ = Load64(p + 8);
  record_written_ = Load64(p + 16);
  const uint8_t* end = p + size - 4;
  p += kRecordHeaderSize;
  const uint8_t* body = p;
  used_ = 0;
  if (end - p >= 4 && Load32(p) == kFragmentHeaderBytes) p += 4;
  if (p >= end || *p != kTemplateInstance) return ReadLoose(body, end);
  Instance outer;
  if (Refusal r = ReadInstance(p, end, Section::kDocument, &outer)) return r;
  if (outer.made->definition.dynamic) return ReadLoose(body, end);
  nested_made_.clear();
  nested_first_.clear();
  uint32_t found = 0;
  for (const Template::NestedHole& where : outer.made->nested) {
    const Value hole = values_[outer.first + where.index];
    if (hole.type != ValueType::kBinXml) {
      if (hole.type == ValueType::kNull || hole.size == 0) {
        nested_made_.push_back(nullptr);
        nested_first_.push_back(0);
        continue;
      }
      return ReadLoose(body, end);
    }
    ++found;
    if (hole.size == 0) {
      nested_made_.push_back(nullptr);
      nested_first_.push_back(0);
      continue;
    }
    const uint8_t* q = hole.data;
    const uint8_t* q_end = q + hole.size;
    if (q_end - q >= 4 && Load32(q) == kFragmentHeaderBytes) q += 4;
    if (q >= q_end || *q != kTemplateInstance) return ReadLoose(body, end);
    Instance inner;
    if (Refusal r = ReadInstance(q, q_end, where.section, &inner)) return r;
    if (inner.nested != 0 || inner.made->definition.dynamic) return ReadLoose(body, end);
    nested_made_.push_back(inner.made);
    nested_first_.push_back(inner.first);
  }
  if (found != outer.nested) return ReadLoose(body, end);  // binary XML in a hole not declared to hold any
  Emit(ShapeOf(outer.made), values_.data());
  return nullptr;
}

const Shape* Reader::Impl::ShapeOf(Template* outer) {
  std::vector<Template::Link>& links = outer->links;
  const auto same = [&](const Template::Link& link) {
    if (link.nested.size() != nested_made_.size()) return false;
    for (size_t k = 0; k < nested_made_.size(); ++k) {  // usually one: a call of memcmp would cost more
      if (link.nested[k] != nested_made_[k]) return false;
    }
    return true;
  };
  for (size_t i = 0; i < links.size(); ++i) {
    if (!same(links[i])) continue;
    if (i == 0) return links[0].shape;
    std::swap(links[i], links[i - 1]);
    return links[i - 1].shape;
  }
  const Shape* shape = MakeShape(*outer);
  if (links.size() >= kMaxShapeVariants) links.pop_back();
  links.push_back({nested_made_, shape});
  return shape;
}

void Reader::Impl::AddFields(const Template& from, uint32_t base, OwnShape* shape, size_t* next_nested) {
  for (const DefinitionField& f : from.definition.fields) {
    if (f.nested && next_nested != nullptr) {
      const size_t i = (*next_nested)++;
      if (nested_made_[i] != nullptr) AddFields(*nested_made_[i], nested_first_[i], shape, nullptr);
      continue;
    }
    Field field;
    field.name = f.name;
    for (const TextPart& part : f.parts) {
      if (!part.constant) {
        field.parts.push_back({FieldPart::kValue, base + part.index});
        continue;
      }
      field.parts.push_back({FieldPart::kConstant, static_cast<uint32_t>(shape->constants.size())});
      const size_t at = shape->constant_bytes.size();
      shape->constant_bytes.append(from.definition.text, part.index, part.size);
      shape->constants.push_back({reinterpret_cast<const uint8_t*>(at), part.size, part.type});
    }
    shape->fields.push_back(std::move(field));
    shape->NoteKey(f.section, f.parts.size());
  }
}

const Shape* Reader::Impl::MakeShape(const Template& outer) {
  OwnShape& shape = shapes_.emplace_back();
  shape.number = next_shape_++;
  size_t next_nested = 0;
  AddFields(outer, 0, &shape, &next_nested);
  // While constant_bytes grew, constants held offsets; now that it stands, they point into it.
  const auto* bytes = reinterpret_cast<const uint8_t*>(shape.constant_bytes.data());
  for (Value& v : shape.constants) v.data = bytes + reinterpret_cast<uintptr_t>(v.data);
  shape.value_count = used_;
  shape_bytes_ += sizeof shape + shape.constant_bytes.size() + shape.fields.size() * 96;
  return &shape;
}

void Reader::Impl::Emit(const Shape* shape, const Value* values) {
  Event event;
  event.shape = shape;
  event.values = values;
  event.record = record_number_;
  event.offset = file_offset_ + record_at_;
  event.carved = carving_;
  // EventRecordID is the number the log gave the event. The record's header has another one where the event was
  // exported or forwarded into this file.
  const auto* own = static_cast<const OwnShape*>(shape);
  if (own->record_value >= 0) {
    const Value& v = values[own->record_value];
    if (v.type == ValueType::kUInt64 && v.size == 8) event.record = Load64(v.data);
  }
  event.time = FromFileTime(record_written_);
  if (own->time_value >= 0 && values[own->time_value].type == ValueType::kFileTime && values[own->time_value].size == 8)
      [[likely]] {
    event.time = FromFileTime(Load64(values[own->time_value].data));
  } else if (own->time_field >= 0) {
    const Value& v = event.Part(shape->fields[own->time_field].parts[0]);
    if (v.type == ValueType::kSystemTime && v.size == 16) {
      event.time = FromSystemTime(v.data).value_or(event.time);
    } else if (v.type != ValueType::kNull) {
      std::string text;
      AppendText(v, &text);
      event.time = ParseTime(text).value_or(event.time);
    }
  }
  sink_->OnEvent(event);
}

// --- record, any form ----------------------------------------------------------------------------------------

// Flattens the fields of one definition whose holes are values_[first, first + holes).
Refusal Reader::Impl::LoosenFields(const Definition& definition, uint32_t first, uint32_t holes, int depth) {
  const auto* text = reinterpret_cast<const uint8_t*>(definition.text.data());
  const auto value_of = [&](const TextPart& part) {
    if (part.constant) return Value{text + part.index, part.size, part.type};
    return part.index < holes ? values_[first + part.index] : Value{};
  };
  for (const DefinitionField& f : definition.fields) {
    if (loose_values_.size() >= kMaxParts || loose_.size() >= kMaxParts) return "evtx_too_many_fields";
    const Value only = f.parts.size() == 1 ? value_of(f.parts[0]) : Value{};
    if (only.type == ValueType::kBinXml) {
      if (only.size == 0) continue;
      if (Refusal r = Loosen(only.data, only.data + only.size, f.section, false, depth + 1)) return r;
      continue;
    }
    if (f.nested && only.type == ValueType::kNull) continue;
    LooseField field{f.name, f.section, static_cast<uint32_t>(loose_values_.size()), 0};
    for (const TextPart& part : f.name_parts) AppendText(value_of(part), &field.name);
    if (field.name.size() > kMaxNameBytes) return "evtx_name_too_long";
    for (const TextPart& part : f.parts) loose_values_.push_back(value_of(part));
    field.parts = static_cast<uint32_t>(loose_values_.size()) - field.first_part;
    loose_.push_back(std::move(field));
  }
  return nullptr;
}

// Flattens the fragment at [at, end): a template instance, or elements written out.
Refusal Reader::Impl::Loosen(const uint8_t* at, const uint8_t* end, Section section, bool dependency_ids, int depth) {
  if (depth > kMaxNesting) return "evtx_nested_too_deep";
  // Each level lies within the one above, but many holes may hold fragments: the work is bounded as a whole.
  loose_work_ += static_cast<size_t>(end - at);
  if (loose_work_ > kChunkSize * kMaxNesting) return "evtx_nested_too_much";
  const uint8_t* body = at;
  if (end - at >= 4 && Load32(at) == kFragmentHeaderBytes) at += 4;
  if (at < end && *at == kTemplateInstance) {
    Instance instance;
    if (Refusal r = ReadInstance(at, end, section, &instance)) return r;
    return LoosenFields(instance.made->definition, instance.first, instance.made->holes, depth);
  }
  // Elements written directly into a value lack the dependency number, those of a record have it. Producers differ,
  // so the other reading is tried before the fragment is given up.
  const auto begin = static_cast<uint32_t>(body - chunk_.data);
  const auto stop = static_cast<uint32_t>(end - chunk_.data);
  Definition& definition = loose_definitions_.emplace_back();
  Refusal refusal = ParseDefinition(chunk_, begin, stop, section, dependency_ids, &definition);
  if (refusal != nullptr) {
    definition = Definition();
    if (ParseDefinition(chunk_, begin, stop, section, !dependency_ids, &definition) != nullptr) return refusal;
  }
  return LoosenFields(definition, 0, 0, depth);
}

Refusal Reader::Impl::ReadLoose(const uint8_t* at, const uint8_t* end) {
  used_ = 0;
  loose_work_ = 0;
  loose_.clear();
  loose_values_.clear();
  loose_definitions_.clear();
  if (Refusal r = Loosen(at, end, Section::kDocument, true, 0)) return r;
  if (loose_.empty()) return "evtx_record_empty";
  Emit(LooseShape(), loose_values_.data());
  return nullptr;
}

const OwnShape* Reader::Impl::LooseShape() {
  loose_key_.clear();
  for (const LooseField& f : loose_) {
    // The name's size goes first: a name may hold any byte, and must not be able to pass for several fields.
    const auto name_size = static_cast<uint32_t>(f.name.size());
    loose_key_.append(reinterpret_cast<const char*>(&name_size), 4).append(f.name);
    loose_key_.push_back(static_cast<char>(f.section));
    loose_key_.append(reinterpret_cast<const char*>(&f.parts), 4);
  }
  const OwnShape*& known = loose_shapes_[loose_key_];
  if (known != nullptr) return known;
  OwnShape& shape = shapes_.emplace_back();
  shape.number = next_shape_++;
  for (const LooseField& f : loose_) {
    Field& field = shape.fields.emplace_back();
    field.name = f.name;
    for (uint32_t i = 0; i < f.parts; ++i) field.parts.push_back({FieldPart::kValue, f.first_part + i});
    shape.NoteKey(f.section, f.parts);
  }
  shape.value_count = static_cast<uint32_t>(loose_values_.size());
  shape_bytes_ += sizeof shape + 2 * loose_key_.size() + shape.fields.size() * 96;
  known = &shape;
  return known;
}

Reader::Reader(const ReaderOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Reader::~Reader() = default;
void Reader::ReadChunk(const uint8_t* chunk, size_t size, uint64_t file_offset, Sink* sink) {
  impl_->ReadChunk(chunk, size, file_offset, sink);
}
void Reader::Forget(Sink* sink) { impl_->Forget(sink); }

}  // namespace spoor::evtx
