#include "hunt/finder.h"

#include <algorithm>

#include "base/message.h"
#include "base/text.h"
#include "hunt/host_field.h"
#include "match/compare.h"
#include "match/indicators.h"
#include "match/worker.h"

namespace spoor {

Finder::Finder(const FileTable& files, const HuntOptions& options, const sigma::SourceMap& sources, Engine* engine,
               Collector* collector, const Renderer* renderer)
    : files_(files),
      options_(options),
      sources_(sources),
      engine_(engine),
      collector_(collector),
      renderer_(renderer),
      readers_(options.format) {
  if (engine_ != nullptr) worker_ = std::make_unique<Worker>(engine_, this);
}

void Finder::Read(const Piece& piece) {
  file_ = piece.file;
  rendered_ = {};
  rendered_.file = piece.file;
  facts_ = piece.facts.get();
  if (observer_ != nullptr) observer_->Begin(piece, files_[file_].tenant);
  readers_.Read(piece, this);
  events.store(count_, std::memory_order_relaxed);
  findings.store(found_, std::memory_order_relaxed);
}

void Finder::OnEvent(const Event& event) {
  ++count_;
  carved += event.carved;
  if (event.time != 0) {
    if (event.time < first_event) first_event = event.time;
    if (event.time > last_event) last_event = event.time;
  }
  if (!options_.Spans(event.time)) return;
  if (observer_ != nullptr) observer_->OnEvent(event);
  texts_made_ = false;
  notes_for_ = nullptr;
  if (worker_ != nullptr) worker_->OnEvent(event);
}

void Finder::OnDamage(const Damage& d) {
  ++damaged;
  if (damage.size() < kMaxDamage) damage.push_back({file_, d.offset, d.bytes, d.kind});
}

void Finder::ShapesDropped() {
  if (worker_ != nullptr) worker_->ShapesDropped();
  if (observer_ != nullptr) observer_->ShapesDropped();
  fields_for_notes_.clear();
  host_fields_.clear();
}

// Which fields of a shape notes are made of: those that correlations ask for, and what says host, user and log.
const std::vector<uint32_t>& Finder::FieldsForNotes(const Event& event, const sigma::Target& target) {
  const auto [it, fresh] = fields_for_notes_.try_emplace({event.shape, &target});
  if (!fresh) return it->second;
  std::vector<std::string_view> names = {"Channel", "EventID", "user"};
  for (const int named : {FindHost(*event.shape), event.shape->user}) {
    if (named >= 0) names.push_back(event.shape->fields[static_cast<size_t>(named)].name);
  }
  for (const sigma::UserField& field : sources_.user_fields()) {
    names.push_back(field.user);
    if (!field.domain.empty()) names.push_back(field.domain);
  }
  for (const std::string& name : notes_->plan().fields()) {
    names.push_back(name);
    for (const sigma::FieldName& renamed : target.fields) {
      if (renamed.sigma == name) names.push_back(renamed.evidence);
    }
  }
  const auto& fields = event.shape->fields;
  for (uint32_t f = 0; f < fields.size(); ++f) {
    if (std::any_of(names.begin(), names.end(), [&](auto name) { return SameFieldName(name, fields[f].name); })) {
      it->second.push_back(f);
    }
  }
  return it->second;
}

void Finder::MakeTexts(const Event& event, const sigma::Target* notes_for) {
  texts_made_ = notes_for == nullptr;
  notes_for_ = notes_for;
  texts_.clear();
  fields_.clear();
  const std::vector<uint32_t>* const some = notes_for == nullptr ? nullptr : &FieldsForNotes(event, *notes_for);
  const size_t count = some == nullptr ? event.shape->fields.size() : some->size();
  for (size_t f = 0; f < count; ++f) {
    const Field& field = event.shape->fields[some == nullptr ? f : (*some)[f]];
    if (!HasField(event, field)) continue;
    const auto add = [&](size_t at) { fields_.push_back({&field.name, at, texts_.size() - at, field.alias}); };
    if (field.parts.size() == 1 && event.Part(field.parts[0]).is_array()) {
      // A list keeps its elements apart: each is a value of the field.
      ForEachElement(event.Part(field.parts[0]), [&](const Value& element) {
        const size_t at = texts_.size();
        AppendText(element, &texts_);
        add(at);
      });
      continue;
    }
    const size_t at = texts_.size();
    AppendFieldText(event, field, &texts_);
    add(at);
  }
  user_.clear();
  for (const sigma::UserField& names : sources_.user_fields()) {
    const std::string_view user = TextOf(names.user);
    if (user.empty() || user == "-") continue;
    const std::string_view domain = names.domain.empty() ? std::string_view() : TextOf(names.domain);
    // A user principal name (jane@acme.example) and DOMAIN\\name say their domain themselves.
    const bool qualified = user.find_first_of("@\\") != std::string_view::npos;
    if (!qualified && !domain.empty() && domain != "-") {
      user_ = domain;
      user_ += '\\';
    }
    user_ += user;
    break;
  }
}

std::string_view Finder::TextOf(std::string_view field) const {
  for (const Text& t : fields_) {
    if (*t.name == field) return std::string_view(texts_).substr(t.at, t.size);
  }
  return {};
}

// The machine an event tells of.
std::string_view Finder::HostOf(const Event& event) {
  const auto [it, fresh] = host_fields_.try_emplace(event.shape, -1);
  if (fresh) it->second = FindHost(*event.shape);
  if (it->second >= 0) {
    if (const std::string_view host = TextOf(event.shape->fields[static_cast<size_t>(it->second)].name);
        !host.empty()) {
      return host;
    }
  }
  return facts_ != nullptr ? std::string_view(facts_->host) : std::string_view();
}

std::string_view Finder::UserOf(const Event& event) const {
  if (event.shape->user >= 0) return TextOf(event.shape->fields[static_cast<size_t>(event.shape->user)].name);
  return user_.empty() && !event.shape->source.is_windows_log() ? TextOf("user") : std::string_view(user_);
}

std::optional<uint32_t> Finder::EventIdOf() const {
  const auto id = ParseNumber(TextOf("EventID"));
  if (!id || !(*id >= 0) || *id > 0xffffffff) return std::nullopt;
  return static_cast<uint32_t>(*id);
}

// Says in source_name_ what log the event is from.
void Finder::SetSource(const Event& event) {
  const SourceTag& tag = event.shape->source;
  if (!tag.is_windows_log()) {
    channel_.clear();
    source_name_ = tag.Name();
  } else if (const std::string_view channel = TextOf("Channel"); channel != channel_ || channel_.empty()) {
    channel_ = channel;
    source_name_ = channel.empty() ? std::string() : sources_.SourceName(channel);
  }
}

void Finder::NoteMatch(const Event& event, uint32_t rule, const sigma::Target& target) {
  SetSource(event);
  match_.event = {event.time, file_, event.offset, event.record, rule};
  match_.host = HostOf(event);
  match_.user = UserOf(event);
  match_.source = source_name_;
  match_.event_id = EventIdOf();
  const std::vector<std::string>& wanted = notes_->plan().FieldsOf(rule);
  match_.fields.resize(wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    std::string_view name = wanted[i];
    for (const sigma::FieldName& renamed : target.fields) {
      if (renamed.sigma == name) name = renamed.evidence;
    }
    match_.fields[i].clear();
    for (const Text& t : fields_) {
      if (SameFieldName(name, *t.name)) match_.fields[i].push_back(std::string_view(texts_).substr(t.at, t.size));
    }
  }
  status = notes_->Note(notes_worker_, match_);
}

// All indicators in a value, each as what it is.
void Finder::AddIndicators(const Reason& reason) {
  const Indicators& indicators = *reason.pattern->indicators;
  std::vector<uint32_t> found;
  indicators.Find(Folded(reason.value), [&](uint32_t number) {
    if (std::find(found.begin(), found.end(), number) == found.end()) found.push_back(number);
    return true;
  });
  for (const uint32_t number : found) {
    std::string& described = indicators_[{&indicators, number}];
    if (described.empty()) {
      described = Cat(Indicators::KindName(indicators.kind(number)), ": ", indicators.text(number));
      if (const std::string_view note = indicators.note(number); !note.empty()) described += Cat(" (", note, ")");
    }
    finding_.matched.push_back({reason.field, reason.value, described});
  }
}

void Finder::OnMatch(const Event& event, uint32_t rule, const sigma::Target& target, Worker* worker) {
  if (!status.ok()) return;
  const bool silent = engine_->rules()[rule].silent;
  if (!texts_made_ && (!silent || notes_for_ != &target)) MakeTexts(event, silent ? &target : nullptr);
  if (notes_ != nullptr && notes_->plan().Wants(rule)) NoteMatch(event, rule, target);
  if (silent) return;
  ++found_;
  Finding& f = finding_;
  f.matched.clear();
  f.event.clear();
  f.event_id.reset();
  f.time = event.time;
  f.rule = &engine_->rules()[rule];
  f.rule_number = rule;
  f.file = file_;
  f.path = files_[file_].path;
  f.tenant = files_[file_].tenant;
  f.record = event.record;
  f.offset = event.offset;
  f.carved = event.carved;
  f.host = HostOf(event);
  f.user = UserOf(event);
  SetSource(event);
  f.source = source_name_;
  f.event_id = EventIdOf();
  for (const Text& t : fields_) {
    if (t.alias) continue;
    std::string_view name = *t.name;
    for (const sigma::FieldName& renamed : target.fields) {
      if (renamed.evidence == name) name = renamed.sigma;
    }
    f.event.push_back({name, std::string_view(texts_).substr(t.at, t.size)});
  }
  worker->Explain(&reasons_);
  // What kind of event it is comes last: it is true of every event the rule could mean.
  std::stable_partition(reasons_.begin(), reasons_.end(), [](const Reason& r) {
    return r.field != "EventID" && r.field != "Channel" && r.field != "Provider_Name";
  });
  for (const Reason& reason : reasons_) {
    if (reason.pattern->op == sigma::Operator::kIndicator) {
      AddIndicators(reason);
      continue;
    }
    std::string& described = described_[reason.pattern];
    if (described.empty()) described = sigma::Describe(*reason.pattern);
    f.matched.push_back({reason.field, reason.value, described});
  }
  if (also_ != nullptr) status = also_->Add(f);
  if (!status.ok()) return;
  if (collector_ != nullptr) {
    status = collector_->Add(f);
  } else {
    summary.Count(f);
    rendered_.Add(*renderer_, f);
  }
}

}  // namespace spoor
