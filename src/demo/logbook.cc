#include "demo/logbook.h"

#include <algorithm>
#include <limits>

#include "demo/file.h"

namespace spoor::demo {
namespace {

constexpr size_t kBuffer = 64 * 1024;  // bytes of a text log kept before they are written

}  // namespace

LogId Logbook::Evtx(const std::string& path, const std::string& computer, uint64_t first_number) {
  Log& log = logs_.emplace_back();
  log.path = path;
  log.evtx.emplace(root_ + "/" + path, computer, first_number);
  return static_cast<LogId>(logs_.size() - 1);
}

LogId Logbook::Text(const std::string& path, const std::string& header, std::string what, bool counts_header) {
  Log& log = logs_.emplace_back();
  log.path = path;
  log.header = header;
  log.what = std::move(what);
  if (counts_header) log.next += static_cast<uint64_t>(std::count(header.begin(), header.end(), '\n'));
  return static_cast<LogId>(logs_.size() - 1);
}

void Logbook::Lose(LogId log, int64_t from, int64_t to, uint32_t gap) { logs_[log].losses.push_back({from, to, gap}); }

void Logbook::Add(LogId log, int64_t time, LogEvent event, StepId step) {
  logs_[log].pending.push_back({time, step, std::move(event), {}});
}

void Logbook::Add(LogId log, int64_t time, std::string line, StepId step) {
  logs_[log].pending.push_back({time, step, {}, std::move(line)});
}

void Logbook::AddMessage(LogId log, int64_t time, std::string text, StepId step) {
  logs_[log].pending.push_back({time, step, {}, std::move(text), true});
}

absl::Status Logbook::AddFile(const std::string& path, const std::string& bytes, const std::string& what, StepId step) {
  if (step != 0) truth_->At(step).records.push_back({truth_->File(path), 1, what});
  truth_->counts[path] = 1;
  bytes_ += bytes.size();
  ++records_;
  return WriteNew(root_ + "/" + path, bytes);
}

bool Logbook::Lost(const Log& log, const Pending& pending) {
  for (const Loss& loss : log.losses) {
    if (pending.time < loss.from || pending.time >= loss.to) continue;
    if (pending.step != 0) ++truth_->At(pending.step).lost[loss.gap];
    return true;
  }
  return false;
}

absl::Status Logbook::WriteBuffer(Log* log) {
  if (log->buffer.empty()) return absl::OkStatus();
  const std::string path = root_ + "/" + log->path;
  absl::Status status = log->begun ? AppendTo(path, log->buffer) : WriteNew(path, log->header + log->buffer);
  bytes_ += log->buffer.size() + (log->begun ? 0 : log->header.size());
  log->begun = true;
  log->buffer.clear();
  return status;
}

absl::Status Logbook::Flush(Log* log, int64_t before) {
  std::vector<Pending>& pending = log->pending;
  std::stable_sort(pending.begin(), pending.end(), [](const Pending& a, const Pending& b) { return a.time < b.time; });
  size_t done = 0;
  for (; done < pending.size() && pending[done].time < before; ++done) {
    Pending& p = pending[done];
    if (Lost(*log, p)) continue;
    uint64_t number = 0;
    std::string what = log->what;
    if (log->evtx) {
      const auto added = log->evtx->Add(p.event, p.time);
      if (!added.ok()) return added.status();
      number = *added;
      if (p.step != 0) what = p.event.type->log + ' ' + std::to_string(p.event.type->id);
    } else {
      number = log->next++;
      log->buffer += p.line;
      if (!p.message) log->buffer += '\n';
    }
    ++log->records;
    ++records_;
    if (p.step != 0) truth_->At(p.step).records.push_back({truth_->File(log->path), number, std::move(what)});
  }
  pending.erase(pending.begin(), pending.begin() + static_cast<ptrdiff_t>(done));
  return log->buffer.size() < kBuffer ? absl::OkStatus() : WriteBuffer(log);
}

absl::Status Logbook::FlushBefore(int64_t time) {
  for (Log& log : logs_) {
    if (absl::Status status = Flush(&log, time); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Logbook::Close() {
  if (absl::Status status = FlushBefore(std::numeric_limits<int64_t>::max()); !status.ok()) return status;
  for (Log& log : logs_) {
    if (absl::Status status = WriteBuffer(&log); !status.ok()) return status;
    if (log.evtx) {
      if (absl::Status status = log.evtx->Close(); !status.ok()) return status;
      bytes_ += log.evtx->bytes();
    }
    if (log.records > 0) truth_->counts[log.path] = log.records;
  }
  return absl::OkStatus();
}

}  // namespace spoor::demo
