// The programs all workers share.
#include "match/engine.h"

#include <mutex>

namespace spoor {
namespace {

constexpr size_t kMaxPrograms = 16384;  // kinds of events kept; a hostile log can name any number of channels

}  // namespace

struct Engine::Impl {
  Impl(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources, unsigned jobs)
      : builder(rules, sources, jobs) {}

  struct Entry {
    std::once_flag once;
    absl::StatusOr<std::shared_ptr<const Program>> program;
  };
  ProgramBuilder builder;
  std::mutex mutex;
  absl::flat_hash_map<SourceKey, std::shared_ptr<Entry>> programs;
};

Engine::Engine(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources, const EngineOptions& options)
    : rules_(rules), options_(options), impl_(std::make_unique<Impl>(rules, sources, options.jobs)) {}
Engine::~Engine() = default;

absl::StatusOr<std::shared_ptr<const Program>> Engine::ProgramFor(const SourceKey& key) {
  std::shared_ptr<Impl::Entry> entry;
  {
    std::lock_guard<std::mutex> lock(impl_->mutex);
    if (impl_->programs.size() >= kMaxPrograms && !impl_->programs.contains(key)) return impl_->builder.Build(key);
    std::shared_ptr<Impl::Entry>& known = impl_->programs[key];
    if (known == nullptr) known = std::make_shared<Impl::Entry>();
    entry = known;
  }
  std::call_once(entry->once, [&] { entry->program = impl_->builder.Build(key); });
  return entry->program;
}

std::vector<bool> Engine::ApplicableRules() const {
  std::vector<bool> applicable(rules_.size());
  std::lock_guard<std::mutex> lock(impl_->mutex);
  for (const auto& [key, entry] : impl_->programs) {
    if (!entry->program.ok() || *entry->program == nullptr) continue;
    for (const Program::CompiledRule& r : (*entry->program)->rules) applicable[r.rule] = true;
  }
  return applicable;
}

}  // namespace spoor
