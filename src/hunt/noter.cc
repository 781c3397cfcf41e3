#include "hunt/noter.h"

#include <algorithm>
#include <charconv>

#include "base/number.h"
#include "base/release.h"
#include "base/text.h"
#include "base/time.h"
#include "hunt/host_field.h"

namespace spoor {
namespace {

std::string TextOfField(const Event& event, int field) {
  std::string text;
  if (field < 0) return text;
  AppendFieldText(event, event.shape->fields[static_cast<size_t>(field)], &text);
  if (text.size() > kMaxSeenText) text.resize(kMaxSeenText);
  return text;
}

// The texts of those fields the event has, a space between them.
std::string TextOfFields(const Event& event, const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) {
    const std::string text = TextOfField(event, FindField(*event.shape, name));
    if (!text.empty()) all += (all.empty() ? "" : " ") + text;
  }
  return all;
}

// True if the field has a value that is not empty.
bool IsFilled(const Event& event, const Field& field) {
  for (const FieldPart& part : field.parts) {
    const Value& value = event.Part(part);
    if (value.type == ValueType::kNull || value.size == 0) continue;
    if (value.type == ValueType::kUtf16 && value.size == 2 && value.data[0] == 0 && value.data[1] == 0) continue;
    return true;
  }
  return false;
}

bool Says(const Event& event, int field, const std::string& text, std::string* scratch) {
  if (field < 0) return text.empty();
  scratch->clear();
  AppendFieldText(event, event.shape->fields[static_cast<size_t>(field)], scratch);
  return scratch->size() <= kMaxSeenText ? *scratch == text : scratch->compare(0, kMaxSeenText, text) == 0;
}

void NoteTime(const Event& event, LogNotes* log) {
  ++log->events;
  if (event.time == 0) {
    ++log->undated;
    return;
  }
  log->first = std::min(log->first, event.time);
  log->last = std::max(log->last, event.time);
  const ActiveHour one{event.time, event.time, 1};
  const int64_t number = one.CellAt(0);
  if (log->hour == nullptr || log->hour_number != number) {
    const auto [it, fresh] = log->hours.try_emplace(number, one);
    log->hour = &it->second;
    log->hour_number = number;
    if (fresh) return;
  }
  log->hour->Join(one);
}

std::optional<uint64_t> NumberOf(const Event& event, int number_field) {
  if (number_field < 0) return std::nullopt;
  const Field& field = event.shape->fields[static_cast<size_t>(number_field)];
  uint64_t number = 0;
  if (field.parts.size() == 1 && event.Part(field.parts[0]).type == ValueType::kUInt64 &&
      event.Part(field.parts[0]).size == 8) {
    number = Load64(event.Part(field.parts[0]).data);
  } else {
    const std::string text = TextOfField(event, number_field);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  }
  // The largest numbers are no record's; without them no sum overflows.
  if (number > INT64_MAX) return std::nullopt;
  return number;
}

void NoteNumber(int64_t time, uint64_t number, LogNotes* log) {
  ++log->numbered;
  log->first_record = std::min(log->first_record, number);
  log->last_record = std::max(log->last_record, number);
  if (time == 0) return;
  if (!log->runs.empty() && log->runs.back().TakeNext(number, time)) return;
  log->runs.push_back({number, number, time, time});
}

// Sorts the fields of a kind, one of each; lets them go where they are too many.
void TidyFields(SeenKind* kind) {
  std::sort(kind->fields.begin(), kind->fields.end());
  kind->fields.erase(std::unique(kind->fields.begin(), kind->fields.end()), kind->fields.end());
  if (kind->fields.size() <= kMaxKindFields) return;
  kind->any_field = true;
  Release(&kind->fields);
}

}  // namespace

void DamageByKind::Add(const DamageAt& damage) {
  const auto [it, fresh] = damage_.try_emplace({damage.file, damage.what}, damage);
  if (!fresh && damage.offset < it->second.offset) it->second = damage;
  if (damage_.size() > kMaxDamage) damage_.erase(std::prev(damage_.end()));
}

void DamageByKind::Add(const DamageByKind& other) {
  for (const auto& [key, damage] : other.damage_) Add(damage);
}

std::vector<DamageAt> DamageByKind::InOrder() const {
  std::vector<DamageAt> all;
  for (const auto& [key, damage] : damage_) all.push_back(damage);
  return all;
}

void Noter::Read(const Piece& piece) {
  file_ = piece.file;
  notes_ = {};
  readers_.Read(piece, this);
  for (auto& [key, kind] : notes_.kinds) TidyFields(&kind);
  shapes_.clear();  // what they point to goes with the notes
  events.fetch_add(notes_.events, std::memory_order_relaxed);
}

void Noter::OnEvent(const Event& event) {
  ++notes_.events;
  Place& place = PlaceOf(event);
  ++place.kind->events;
  if (place.kind->any_field) place.unfilled.clear();
  for (size_t i = 0; i < place.unfilled.size();) {
    const Field& field = event.shape->fields[place.unfilled[i]];
    if (!IsFilled(event, field)) {
      ++i;
      continue;
    }
    place.kind->fields.push_back(FieldHash(field.name));
    place.unfilled[i] = place.unfilled.back();
    place.unfilled.pop_back();
  }
  // A shape whose events differ in host or id is met as a new place again and again.
  if (place.kind->fields.size() > 8 * kMaxKindFields) TidyFields(place.kind);
  NoteTime(event, place.log);
  const std::optional<uint64_t> number = NumberOf(event, place.shape->number);
  if (number) NoteNumber(event.time, *number, place.log);
  if (place.log_event >= 0) NoteLogEvent(event, place, number.value_or(event.record));
}

void Noter::OnDamage(const Damage& d) {
  ++damage;
  damaged.Add(DamageAt{file_, d.offset, d.bytes, d.kind});
}

Noter::Place& Noter::PlaceOf(const Event& event) {
  const Shape& shape = *event.shape;
  const auto [it, fresh] = shapes_.try_emplace(event.shape);
  ShapeNotes& notes = it->second;
  if (fresh) {
    notes.host = FindHost(shape);
    if (shape.source.is_windows_log()) notes.number = FindField(shape, "EventRecordID");
  }
  for (size_t i = 0; i < notes.places.size(); ++i) {
    Place& place = *notes.places[i];
    if (!Says(event, shape.key.event_id, place.event_id, &scratch_) ||
        !Says(event, shape.key.channel, place.channel, &scratch_) ||
        !Says(event, shape.key.provider, place.provider, &scratch_) ||
        !Says(event, notes.host, place.host, &scratch_)) {
      continue;
    }
    if (i > 0) std::rotate(notes.places.begin(), notes.places.begin() + i, notes.places.begin() + i + 1);
    return *notes.places[0];
  }
  constexpr size_t kMostPlaces = 16;  // of a shape; further ones are looked up anew
  if (notes.places.size() == kMostPlaces) notes.places.pop_back();
  notes.places.insert(notes.places.begin(), MakePlace(event, notes));
  return *notes.places[0];
}

std::unique_ptr<Noter::Place> Noter::MakePlace(const Event& event, const ShapeNotes& notes) {
  const Shape& shape = *event.shape;
  auto place = std::make_unique<Place>();
  place->shape = &notes;
  place->host = TextOfField(event, notes.host);
  place->channel = TextOfField(event, shape.key.channel);
  place->provider = TextOfField(event, shape.key.provider);
  place->event_id = TextOfField(event, shape.key.event_id);
  KindKey key;
  key.log.host = place->host;
  key.log.source = shape.source;
  if (shape.source.is_windows_log()) {
    key.log.channel = known_.ChannelName(place->channel);
    key.provider = place->provider;
  }
  if (const auto id = ParseNumber(place->event_id); id && *id >= 0 && *id <= 0xffffffff) {
    key.has_event_id = shape.source.is_windows_log();
    key.event_id = key.has_event_id ? static_cast<uint32_t>(*id) : 0;
  }
  const auto log = notes_.logs.try_emplace(key.log).first;
  place->key = &log->first;
  place->log = &log->second;
  place->kind = &notes_.kinds[key];
  const auto twice = [&](std::string_view name) {
    return std::count_if(shape.fields.begin(), shape.fields.end(), [&](const Field& f) { return f.name == name; }) > 1;
  };
  place->kind->more_channels |= twice("Channel");
  place->kind->more_providers |= twice("Provider_Name");
  place->kind->more_event_ids |= twice("EventID");
  if (key.has_event_id) place->log_event = FindLogEvent(key);
  for (uint32_t i = 0; i < shape.fields.size(); ++i) place->unfilled.push_back(i);
  return place;
}

int Noter::FindLogEvent(const KindKey& key) const {
  const auto& events = known_.log_events();
  for (size_t i = 0; i < events.size(); ++i) {
    const sigma::LogEvent& e = events[i];
    if (std::find(e.event_ids.begin(), e.event_ids.end(), key.event_id) == e.event_ids.end()) continue;
    if (!EqualsIgnoreAsciiCase(e.channel, key.log.channel)) continue;
    if (e.provider.empty() || EqualsIgnoreAsciiCase(e.provider, key.provider)) return static_cast<int>(i);
  }
  return -1;
}

void Noter::NoteLogEvent(const Event& event, const Place& place, uint64_t record) {
  const auto what = static_cast<uint32_t>(place.log_event);
  const sigma::LogEvent& about = known_.log_events()[what];
  SeenLogEvent seen;
  seen.time = event.time;
  seen.log = *place.key;
  const auto id = ParseNumber(place.event_id);
  seen.event_id = static_cast<uint32_t>(*id);
  seen.record = record;
  seen.what = what;
  seen.file = file_;
  if (!about.old_time.empty()) {
    const std::string from = TextOfFields(event, about.old_time), to = TextOfFields(event, about.new_time);
    const auto from_time = ParseTime(from), to_time = ParseTime(to);
    if (from_time && to_time) {
      seen.shift = *to_time - *from_time;
    } else if (!from.empty() && from == to) {
      seen.shift = 0;                           // to the second
    } else if (!from.empty() && !to.empty()) {  // as the machine's language has it
      seen.detail = "from " + from + " to " + to;
    }
  }
  if (const std::string detail = DetailOf(event, about); !detail.empty()) {
    if (!seen.detail.empty()) seen.detail += ", ";
    seen.detail += detail;
  }
  notes_.log_events.push_back(std::move(seen));
}

// What of the event is shown.
std::string Noter::DetailOf(const Event& event, const sigma::LogEvent& about) const {
  std::string detail;
  std::string domain;
  for (const auto& [name, shown] : about.fields) {
    // A field may stand twice (UserData of a log cleared has a Channel of its own): the last is the event's own.
    for (size_t i = event.shape->fields.size(); i-- > 0;) {
      if (event.shape->fields[i].name != name) continue;
      if (static_cast<int>(i) == event.shape->key.channel) continue;
      const std::string text = InWords(TextOfField(event, static_cast<int>(i)));
      if (text.empty() || text == "-") continue;
      if (shown == "domain") {
        domain = text + "\\";
        break;
      }
      if (!detail.empty()) detail += ", ";
      detail += shown;
      detail += ' ';
      detail += std::exchange(domain, "");
      detail += text;
      break;
    }
  }
  return detail;
}

// "%%8448, %%8450" as words.
std::string Noter::InWords(const std::string& text) const {
  if (!text.starts_with("%%")) return std::string(known_.InWords(text));
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t stop = std::min(text.find_first_of(", \t\r\n", at), text.size());
    if (stop > at) {
      if (!out.empty()) out += ", ";
      out += known_.InWords(std::string_view(text).substr(at, stop - at));
    }
    at = stop + 1;
  }
  return out;
}

}  // namespace spoor
