#include "hunt/collect_names.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "entities/same_fields.h"
#include "hunt/feed.h"
#include "hunt/host_field.h"
#include "hunt/workers.h"

namespace spoor {
namespace {

constexpr size_t kMaxRemembered = 1 << 18;  // sets of values known by their hash, of a worker

// One worker's part.
class NameNoter : public Sink {
 public:
  NameNoter(const FileTable& files, const sigma::SourceMap& sources, const FormatOptions& options)
      : names(files), files_(files), sources_(sources), readers_(options) {}

  Names names;
  std::atomic<uint64_t> events{0};  // may be read at any time
  uint64_t damage = 0;

  void Read(const Piece& piece) {
    file_ = piece.file;
    host_ = piece.facts != nullptr ? std::string_view(piece.facts->host) : std::string_view();
    host_known_.reset();
    const std::string& tenant = files_[file_].tenant;
    tenant_hash_ = HashBytes128(reinterpret_cast<const uint8_t*>(tenant.data()), tenant.size(), 0).low;
    count_ = 0;
    readers_.Read(piece, this);
    events.fetch_add(count_, std::memory_order_relaxed);
  }

  void OnEvent(const Event& event) override {
    ++count_;
    names.NextEvent();
    const Plan& plan = PlanOf(*event.shape);
    for (const Asked& asked : plan.asked) Note(event, asked);
    if (plan.host < 0 && !host_.empty()) NoteHost(event);
  }
  void OnDamage(const Damage&) override { ++damage; }
  void ShapesDropped() override { plans_.clear(); }

 private:
  // Fields of a shape that together name one thing, by role; -1: the shape has none.
  struct Asked {
    EntityKind kind;
    std::array<int, SameFields::kRoles> fields;
  };
  struct Plan {
    int host = -1;
    std::vector<Asked> asked;
  };

  const Plan& PlanOf(const Shape& shape) {
    const auto [it, fresh] = plans_.try_emplace(&shape);
    Plan& plan = it->second;
    if (!fresh) return plan;
    plan.host = FindHost(shape);
    if (plan.host >= 0) plan.asked.push_back({EntityKind::kHost, {-1, -1, -1, plan.host, -1}});
    for (const SameFields& set : UserFieldSets()) {
      Asked asked{EntityKind::kUser, {}};
      int names_there = 0;
      for (size_t role = 0; role < SameFields::kRoles; ++role) {
        asked.fields[role] = set.fields[role].empty() ? -1 : FindField(shape, set.fields[role]);
        names_there += asked.fields[role] >= 0 && role != SameFields::kDomain;
      }
      if (names_there > 1) plan.asked.push_back(asked);
    }
    // Who did it, though nothing else says who that is.
    if (shape.user >= 0) plan.asked.push_back({EntityKind::kUser, {-1, -1, -1, shape.user, -1}});
    for (const sigma::UserField& user : sources_.user_fields()) {
      const int name = FindField(shape, user.user);
      if (name < 0) continue;
      const int domain = user.domain.empty() ? -1 : FindField(shape, user.domain);
      const auto same = [&](const Asked& a) {
        return a.kind == EntityKind::kUser && a.fields[SameFields::kName] == name &&
               a.fields[SameFields::kDomain] == domain;
      };
      if (std::none_of(plan.asked.begin(), plan.asked.end(), same)) {
        plan.asked.push_back({EntityKind::kUser, {-1, -1, -1, name, domain}});
      }
    }
    return plan;
  }

  void Note(const Event& event, const Asked& asked) {
    // The same values again, as they nearly always are, mean the same names.
    uint64_t hash = tenant_hash_ + static_cast<uint64_t>(asked.kind);
    for (const int field : asked.fields) {
      hash *= 0x9e3779b97f4a7c15u;
      if (field < 0) continue;
      for (const FieldPart& part : event.shape->fields[static_cast<size_t>(field)].parts) {
        const Value& value = event.Part(part);
        if (value.type != ValueType::kNull) {
          hash += HashBytes128(value.data, value.size, static_cast<uint8_t>(value.type)).low;
        }
      }
    }
    const RecordPlace place{event.time, file_, event.record, event.offset};
    const auto it = known_.find(hash);
    if (it != known_.end()) return names.Count(it->second, place);
    if (known_.size() >= kMaxRemembered) known_.clear();
    known_.emplace(hash, asked.kind == EntityKind::kHost ? AddHost(event, asked, place) : AddUser(event, asked, place));
  }

  std::string TextOf(const Event& event, int field) const {
    std::string text;
    if (field < 0) return text;
    AppendFieldText(event, event.shape->fields[static_cast<size_t>(field)], &text);
    if (text == "-" || text == "N/A") text.clear();
    return text;
  }

  static bool IsAddress(std::string_view text) {
    return text.find(':') != std::string_view::npos || text.find_first_not_of("0123456789.") == std::string_view::npos;
  }

  Names::Known Host(std::string_view text, const RecordPlace& place) {
    while (text.ends_with('.')) text.remove_suffix(1);
    while (text.starts_with('\\')) text.remove_prefix(1);
    if (text.empty() || IsAddress(text)) return {};
    const bool full = text.find('.') != std::string_view::npos;
    return names.Add(EntityKind::kHost, files_[file_].tenant,
                     {{full ? NameForm::kFullName : NameForm::kShortName, text}}, place);
  }
  Names::Known AddHost(const Event& event, const Asked& asked, const RecordPlace& place) {
    return Host(TextOf(event, asked.fields[SameFields::kName]), place);
  }
  // Of the collection the file lies in.
  void NoteHost(const Event& event) {
    const RecordPlace place{event.time, file_, event.record, event.offset};
    if (host_known_) return names.Count(*host_known_, place);
    host_known_ = Host(host_, place);
  }

  Names::Known AddUser(const Event& event, const Asked& asked, const RecordPlace& place) {
    std::array<std::string, SameFields::kRoles> text;
    for (size_t role = 0; role < SameFields::kRoles; ++role) text[role] = TextOf(event, asked.fields[role]);
    std::string& sid = text[SameFields::kSid];
    // Identifiers that every machine has, of its own services, name nobody; S-1-0-0 says that there is none.
    if (!sid.empty() && !sid.starts_with("S-1-5-21-") && !sid.starts_with("S-1-12-1-")) {
      if (sid != "S-1-0-0") return {};
      sid.clear();
    }
    std::string& upn = text[SameFields::kUpn];
    std::string& name = text[SameFields::kName];
    if (name.find('@') != std::string::npos && upn.empty()) std::swap(name, upn);
    if (upn.find('@') == std::string::npos) {
      if (name.empty()) name = upn;
      upn.clear();
    }
    if (text[SameFields::kId] == upn || text[SameFields::kId] == name) text[SameFields::kId].clear();
    if (!name.empty() && !text[SameFields::kDomain].empty() && name.find('\\') == std::string::npos) {
      name = text[SameFields::kDomain] + "\\" + name;
    }
    std::vector<NameGiven> given;
    if (!sid.empty()) given.push_back({NameForm::kSid, sid});
    if (!text[SameFields::kId].empty()) given.push_back({NameForm::kId, text[SameFields::kId]});
    if (!upn.empty()) given.push_back({NameForm::kUpn, upn});
    if (!name.empty()) given.push_back({NameForm::kAccount, name});
    if (given.empty()) return {};
    return names.Add(EntityKind::kUser, files_[file_].tenant, given, place);
  }

  const FileTable& files_;
  const sigma::SourceMap& sources_;
  PieceReaders readers_;
  std::unordered_map<const Shape*, Plan> plans_;
  absl::flat_hash_map<uint64_t, Names::Known> known_;
  // Of the piece being read.
  std::string_view host_;
  std::optional<Names::Known> host_known_;
  uint64_t tenant_hash_ = 0;
  uint32_t file_ = 0;
  uint64_t count_ = 0;
};

}  // namespace

NamesFound CollectNames(const EvidenceList& evidence, const sigma::SourceMap& sources, const HuntOptions& options,
                        const std::atomic<bool>& stop, const std::function<void(const HuntProgress&)>& progress) {
  const unsigned jobs = std::max(1u, options.jobs);
  const auto files = std::make_shared<FileTable>(evidence.files);
  Feed feed(files.get(), {jobs, false, options.container}, nullptr, nullptr);
  std::vector<std::unique_ptr<NameNoter>> noters;
  for (unsigned i = 0; i < jobs; ++i) noters.push_back(std::make_unique<NameNoter>(*files, sources, options.format));
  const auto read = [&](unsigned i, const Piece& piece) { noters[i]->Read(piece); };
  const auto events = [&] {
    uint64_t sum = 0;
    for (const auto& n : noters) sum += n->events.load(std::memory_order_relaxed);
    return sum;
  };
  ReadAll(&feed, jobs, stop, read, events, progress);

  NamesFound found;
  Names all(*files);
  for (const auto& n : noters) {
    all.Take(n->names);
    found.events += n->events.load();
    found.damage += n->damage;
  }
  found.entities = all.Finish();
  found.left_out = all.left_out();
  found.files = files;
  found.files_read = feed.files_read();
  found.bytes = feed.bytes_read();
  found.partial = stop.load();
  found.unread = AllUnread(evidence, feed);
  return found;
}

}  // namespace spoor
