// hunt reads like the arrow diagram of the architecture: what is said once is done once, in this order.
//
//   newest event, if a time is counted back from it     (a pass without rules or digests)
//   engine and sink                                     after this no rule is added
//   workers: take a piece, digest it, read it           parallel; nothing they share decides what is found
//   matches through the correlations                     in order of time, when all of them are known
//   findings merged in order, or streamed in order      the same bytes whatever the number of workers
#include "hunt/hunt.h"

#include <algorithm>

#include "base/time.h"
#include "findings/sink.h"
#include "findings/stream.h"
#include "hunt/feed.h"
#include "hunt/finder.h"
#include "hunt/ticker.h"
#include "hunt/workers.h"

namespace spoor {
namespace {

constexpr size_t kStreamMemory = 32 << 20;  // bytes of findings that may wait for their turn with --no-sort
constexpr size_t kMaxSourcesShown = 10;     // kinds of events named when nothing was found

// The time of the newest event of all.
std::optional<int64_t> NewestEvent(const EvidenceList& evidence, const HuntOptions& options,
                                   const sigma::SourceMap& sources, const std::atomic<bool>& stop) {
  FileTable files(evidence.files);
  Feed feed(&files, {options.jobs, false, options.container}, nullptr, nullptr);
  HuntOptions plain;
  plain.format = options.format;
  std::vector<std::unique_ptr<Finder>> finders;
  for (unsigned i = 0; i < options.jobs; ++i) {
    finders.push_back(std::make_unique<Finder>(files, plain, sources, nullptr, nullptr, nullptr));
  }
  ReadAll(&feed, options.jobs, stop, [&](unsigned i, const Piece& piece) { finders[i]->Read(piece); });
  int64_t last = INT64_MIN;
  for (const auto& finder : finders) last = std::max(last, finder->last_event);
  return last == INT64_MIN ? std::nullopt : std::optional(last);
}

// Puts together what the workers counted.
void AddUp(const std::vector<std::unique_ptr<Finder>>& finders, const FileTable& files, HuntResult* r) {
  int64_t first = INT64_MAX, last = INT64_MIN;
  std::map<std::pair<std::string, uint32_t>, uint64_t> kinds;
  for (const auto& f : finders) {
    r->facts.events += f->events;
    r->facts.damage += f->damaged;
    r->carved += f->carved;
    first = std::min(first, f->first_event);
    last = std::max(last, f->last_event);
    r->damage.insert(r->damage.end(), f->damage.begin(), f->damage.end());
    r->summary.Add(f->summary);
    const EngineStats s = f->worker()->stats();
    r->engine.lookups += s.lookups;
    r->engine.found += s.found;
    r->engine.scans += s.scans;
    r->engine.rules_tried += s.rules_tried;
    r->engine.rules_held += s.rules_held;
    r->engine.programs = std::max(r->engine.programs, s.programs);
    const std::vector<RuleCost> costs = f->worker()->Profile();
    r->rule_costs.resize(std::max(r->rule_costs.size(), costs.size()));
    for (size_t i = 0; i < costs.size(); ++i) r->rule_costs[i] += costs[i];
    for (const SourceCount& c : f->worker()->SourceCounts()) kinds[{c.channel, c.event_id}] += c.events;
    if (r->status.ok()) r->status = f->worker()->status();
    if (r->status.ok()) r->status = f->status;
  }
  if (first <= last) {
    r->facts.first_event = first;
    r->facts.last_event = last;
  }
  std::sort(r->damage.begin(), r->damage.end(), [&files](const DamageAt& a, const DamageAt& b) {
    if (a.file != b.file) return files.Before(a.file, b.file);
    return std::tie(a.offset, a.what) < std::tie(b.offset, b.what);
  });
  if (r->damage.size() > kMaxDamage) r->damage.resize(kMaxDamage);
  for (const auto& [kind, events] : kinds) {
    if (kind.first.empty()) r->facts.unknown_source += events;
    std::string name = kind.first.empty() ? "(of no source known)" : kind.first;
    if (kind.second != 0) name += " " + std::to_string(kind.second);
    r->facts.sources.emplace_back(std::move(name), events);
  }
  std::stable_sort(r->facts.sources.begin(), r->facts.sources.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (r->facts.sources.size() > kMaxSourcesShown) r->facts.sources.resize(kMaxSourcesShown);
}

// The table's order, as the findings ask for it.
class PathOrder : public FileOrder {
 public:
  explicit PathOrder(const FileTable& files) : files_(files) {}
  bool Before(uint32_t a, uint32_t b) const override { return files_.Before(a, b); }

 private:
  const FileTable& files_;
};

}  // namespace

HuntResult Hunt(const EvidenceList& evidence, const sigma::RuleSet& rules, const sigma::SourceMap& sources,
                const HuntOptions& given, const Renderer& renderer, Output* output, const std::atomic<bool>& stop,
                const std::function<void(const HuntProgress&)>& progress) {
  const double start = MonotonicSeconds();
  HuntResult r;
  const auto files = std::make_shared<FileTable>(evidence.files);
  r.files = files;
  HuntOptions options = given;
  options.jobs = std::max(1u, options.jobs);

  if (options.since_before_newest || options.until_before_newest) {
    const auto newest = NewestEvent(evidence, options, sources, stop);
    if (newest && options.since_before_newest) options.since = *newest - *options.since_before_newest;
    if (newest && options.until_before_newest) options.until = *newest - *options.until_before_newest;
  }
  r.since = options.since;
  r.until = options.until;

  EngineOptions engine_options;
  engine_options.memo = options.memo;
  engine_options.profile = options.profile;
  engine_options.jobs = options.jobs;
  Engine engine(rules.rules, sources, engine_options);

  const PathOrder order(*files);
  const CorrelationPlan plan(rules);
  std::unique_ptr<CorrelationNotes> notes;
  if (!plan.empty()) notes = std::make_unique<CorrelationNotes>(&plan, options.jobs, options.sort_memory / 2, &order);

  std::unique_ptr<FindingSink> sink;
  std::unique_ptr<OrderedStream> stream;
  if (options.sort) {
    sink = std::make_unique<FindingSink>(&renderer, options.jobs + 1, options.sort_memory,
                                         &order);  // one for correlations
  } else {
    stream = std::make_unique<OrderedStream>(&renderer, output, kStreamMemory, options.digest);
  }
  std::unique_ptr<FindingSink> also;
  if (options.also_renderer != nullptr) {
    also = std::make_unique<FindingSink>(options.also_renderer, options.jobs + 1, options.sort_memory, &order);
  }
  std::atomic<bool> broken{false};  // the output is gone: nothing more needs to be found
  const auto note = [&](const absl::Status& s) {
    if (!s.ok()) broken = true;
  };
  Feed feed(
      files.get(), {options.jobs, options.digest, options.container},
      [&](uint32_t file, std::string_view digest) {
        if (stream != nullptr) note(stream->DigestKnown(file, digest));
      },
      [&](uint32_t slot, uint64_t pieces) {
        if (stream != nullptr) note(stream->EndSlot(slot, pieces));
      });

  std::vector<std::unique_ptr<Finder>> finders;
  for (unsigned i = 0; i < options.jobs; ++i) {
    finders.push_back(std::make_unique<Finder>(*files, options, sources, &engine,
                                               sink != nullptr ? sink->collector(i) : nullptr, &renderer));
    if (notes != nullptr) finders.back()->NoteMatches(notes.get(), i);
    if (also != nullptr) finders.back()->AlsoTo(also->collector(i));
    if (!options.observers.empty()) finders.back()->ObservedBy(options.observers[i]);
  }
  std::vector<double> match_seconds(options.jobs);
  {
    std::function<void()> tick;
    if (progress) {
      tick = [&] {
        HuntProgress p;
        uint64_t findings = 0;
        p.bytes_total = feed.bytes_total();
        p.bytes = feed.bytes_passed();
        for (const auto& f : finders) {
          p.events += f->events.load(std::memory_order_relaxed);
          findings += f->findings.load(std::memory_order_relaxed);
        }
        p.findings = findings;
        progress(p);
      };
    }
    const Ticker ticker(std::move(tick));
    RunWorkers(options.jobs, [&](unsigned i) {
      Finder& finder = *finders[i];
      while (!broken) {
        if (stop.load(std::memory_order_relaxed)) feed.Stop();
        std::shared_ptr<Piece> piece = feed.Take(i);
        if (piece == nullptr) break;
        feed.Digest(piece);
        const double before = MonotonicSeconds();
        finder.Read(*piece);
        match_seconds[i] += MonotonicSeconds() - before;
        if (!finder.status.ok()) broken = true;
        const uint32_t slot = piece->slot;
        const uint64_t number = piece->number;
        feed.Done(piece);
        if (stream != nullptr) note(stream->Finish(slot, number, finder.TakeRendered()));
      }
      if (broken) feed.Stop();
      if (sink != nullptr) sink->collector(i)->Seal();
      if (also != nullptr) also->collector(i)->Seal();
      if (notes != nullptr) notes->Seal(i);
    });
  }

  r.facts.partial = stop.load();
  r.facts.files = feed.files_read();
  r.facts.bytes = feed.bytes_read();
  r.facts.min_level = options.min_level;
  r.facts.rules_loaded = std::max(options.rules_loaded, rules.rules.size());
  r.facts.rules_failed = rules.errors.size();
  const std::vector<bool> applicable = engine.ApplicableRules();
  std::vector<bool> correlation_applies;  // some rule it is made of does
  for (const sigma::Correlation& c : rules.correlations) {
    correlation_applies.push_back(std::any_of(c.references.begin(), c.references.end(), [&](const auto& reference) {
      return reference.to_correlation ? correlation_applies[reference.index] : applicable[reference.index];
    }));
  }
  r.facts.rules_applicable =
      static_cast<size_t>(std::count(applicable.begin(), applicable.end(), true) +
                          std::count(correlation_applies.begin(), correlation_applies.end(), true));
  for (Unread& u : AllUnread(evidence, feed)) r.facts.unread.emplace_back(std::move(u.path), std::move(u.reason));
  AddUp(finders, *files, &r);
  if (notes != nullptr && r.status.ok()) {
    const double before = MonotonicSeconds();
    uint64_t number = 0;  // in a slot behind all others
    const auto take = [&](const Finding& f) -> absl::Status {
      if (also != nullptr) {
        if (const absl::Status s = also->collector(options.jobs)->Add(f); !s.ok()) return s;
      }
      if (sink != nullptr) return sink->collector(options.jobs)->Add(f);
      r.summary.Count(f);
      RenderedPiece piece;
      piece.file = f.file;
      piece.Add(renderer, f);
      return stream->Finish(files->listed(), number++, std::move(piece));
    };
    r.status = notes->Correlate(*files, r.facts.last_event, take, &r.correlation);
    r.correlate_seconds = MonotonicSeconds() - before;
  }
  if (sink != nullptr) r.summary = sink->summary();
  for (const double s : match_seconds) r.match_seconds += s;
  r.read_seconds = feed.read_seconds();
  r.digest_seconds = feed.digest_seconds();
  r.facts.seconds = MonotonicSeconds() - start;

  const double before_write = MonotonicSeconds();
  if (r.status.ok() || r.status.code() == absl::StatusCode::kInternal) {
    const absl::Status written = sink != nullptr
                                     ? sink->Finish(
                                           r.facts, [&](uint32_t file) { return feed.DigestOf(file); }, output)
                                     : stream->Close(r.summary, r.facts);
    if (!written.ok()) r.status = written;
    if (also != nullptr && r.status.ok()) {
      r.status = also->Finish(
          r.facts, [](uint32_t) { return std::string_view(); }, options.also_output);
    }
  }
  for (uint32_t file = 0; options.digest && file < files->size(); ++file) r.digests.emplace_back(feed.DigestOf(file));
  r.write_seconds = MonotonicSeconds() - before_write;
  r.facts.seconds = MonotonicSeconds() - start;
  return r;
}

}  // namespace spoor
