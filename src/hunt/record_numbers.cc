#include "hunt/record_numbers.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace spoor {
namespace {

constexpr int64_t kDay = int64_t{24} * 3600 * 1'000'000;

int BlockBits(int level) { return std::min(63, 2 + 2 * level); }

// The span of time, numbered, that a time lies in.
int64_t SpanOf(int64_t time, int level) {
  const int64_t span = level > 16 ? std::numeric_limits<int64_t>::max() : kDay << level;
  return time / span - (time % span < 0 ? 1 : 0);
}

// How well a run goes on with a sequence, the best first; then the time in between, the shorter the better.
enum Fit : int { kSameRecords, kNext, kNextButEarlier, kAfterHole };
using Price = std::pair<Fit, int64_t>;

// The best of what comes, of a bounded number. `Before` is a total order.
template <typename T, bool (*Before)(const T&, const T&)>
class Best {
 public:
  void Add(const T& one) {
    all_.push_back(one);
    if (all_.size() >= 2 * kMaxJumps) Trim();
  }
  // In order, the best first.
  std::vector<T> Take() {
    Trim();
    return std::move(all_);
  }

 private:
  void Trim() {
    std::sort(all_.begin(), all_.end(), Before);
    if (all_.size() > kMaxJumps) all_.resize(kMaxJumps);
  }

  std::vector<T> all_;
};

bool MissesMore(const RecordJump& a, const RecordJump& b) {
  if (a.missing() != b.missing()) return a.missing() > b.missing();
  return std::tie(a.after, a.after_time, a.before_time) < std::tie(b.after, b.after_time, b.before_time);
}

bool GoesBackFurther(const RecordBreak& a, const RecordBreak& b) {
  const int64_t x = a.last_time - a.first_time, y = b.last_time - b.first_time;
  if (x != y) return x > y;
  return std::tie(a.last_time, a.last) < std::tie(b.last_time, b.last);
}

// Jumps and times that go back, as they are found.
struct Found {
  uint64_t missing = 0, jumps_counted = 0, clock_back_counted = 0;
  Best<RecordJump, MissesMore> jumps;
  Best<RecordBreak, GoesBackFurther> clock_back;

  void Jump(const RecordJump& jump) {
    ++jumps_counted;
    missing += std::min(jump.missing(), std::numeric_limits<uint64_t>::max() - missing);
    jumps.Add(jump);
  }
  void ClockBack(const RecordBreak& back) {
    ++clock_back_counted;
    clock_back.Add(back);
  }
};

// A sequence that is being put together, of which its first run is kept and its end.
struct Sequence {
  RecordRun first, end;
  uint64_t tail_first = 0;  // of the run that was added last
  int64_t tail_first_time = 0;

  explicit Sequence(const RecordRun& run)
      : first(run), end(run), tail_first(run.first), tail_first_time(run.first_time) {}

  // Nothing: the run cannot be of this sequence.
  std::optional<Price> PriceOf(const RecordRun& run) const {
    if (run.first > end.last) {
      const int64_t step = run.first_time - end.last_time;
      const bool next = run.first == end.last + 1;
      if (step < -kTimeSlack) return next ? std::optional(Price(kNextButEarlier, -step)) : std::nullopt;
      return Price(next ? kNext : kAfterHole, std::max<int64_t>(0, step));
    }
    // Records that are there already, from another file: they must be the same ones.
    if (run.first == tail_first && run.first_time != tail_first_time) return std::nullopt;
    if (run.first == end.last && run.first_time != end.last_time) return std::nullopt;
    if (run.first_time < tail_first_time - kTimeSlack || run.first_time > end.last_time + kTimeSlack) {
      return std::nullopt;
    }
    return Price(kSameRecords, 0);
  }

  void Add(const RecordRun& run, Found* found) {
    tail_first = run.first;
    tail_first_time = run.first_time;
    if (run.first > end.last + 1) {
      found->Jump({end.last, run.first, end.last_time, run.first_time});
      end = run;
    } else if (run.first == end.last + 1 && run.first_time < end.last_time - kTimeSlack) {
      found->ClockBack({end.last, run.first, end.last_time, run.first_time});
      end = run;
    } else if (run.last > end.last) {
      end.last = run.last;
      end.last_time = run.last_time;
    }
  }
};

class Sequencer {
 public:
  explicit Sequencer(Found* found) : found_(*found) {}

  // Takes runs that begin with the same number. Each goes to the sequence it fits best, the best pair first, so that a
  // run of one sequence does not take the place of another's.
  void Take(std::vector<RecordRun> runs) {
    if (runs.size() > kMaxSequences) {
      left_out_ += runs.size() - kMaxSequences;
      runs.resize(kMaxSequences);
    }
    while (!runs.empty()) {
      size_t run = 0;
      Sequence* sequence = nullptr;
      Price best;
      for (size_t i = 0; i < runs.size(); ++i) {
        for (Sequence& s : sequences_) {
          const std::optional<Price> price = s.PriceOf(runs[i]);
          if (!price || (sequence != nullptr && *price >= best)) continue;
          run = i;
          sequence = &s;
          best = *price;
        }
      }
      if (sequence != nullptr) {
        sequence->Add(runs[run], &found_);
      } else if (sequences_.size() < kMaxSequences) {
        sequences_.emplace_back(runs[run]);
      } else {
        ++left_out_;
      }
      runs.erase(runs.begin() + static_cast<ptrdiff_t>(run));
    }
  }

  std::vector<Sequence>& sequences() { return sequences_; }
  size_t left_out() const { return left_out_; }

 private:
  Found& found_;
  std::vector<Sequence> sequences_;
  size_t left_out_ = 0;
};

std::vector<Sequence> PutTogether(const std::vector<RecordRun>& runs, Found* found, size_t* left_out) {
  std::vector<RecordRun> sorted = runs;
  std::sort(sorted.begin(), sorted.end(), [](const RecordRun& a, const RecordRun& b) {
    return std::tie(a.first, a.first_time, a.last, a.last_time) < std::tie(b.first, b.first_time, b.last, b.last_time);
  });
  Sequencer sequencer(found);
  for (size_t i = 0; i < sorted.size();) {
    size_t stop = i + 1;
    while (stop < sorted.size() && sorted[stop].first == sorted[i].first) ++stop;
    sequencer.Take({sorted.begin() + static_cast<ptrdiff_t>(i), sorted.begin() + static_cast<ptrdiff_t>(stop)});
    i = stop;
  }
  *left_out = sequencer.left_out();
  return std::move(sequencer.sequences());
}

}  // namespace

bool RecordRun::TakeNext(uint64_t number, int64_t time) {
  if (number != last + 1 || time < last_time - kTimeSlack || time - last_time > kRunStep) return false;
  last = number;
  last_time = time;
  return true;
}

std::tuple<uint64_t, uint64_t, int64_t, int64_t> RecordRun::CellAt(int level) const {
  if (level == 0) return {first, last, first_time, last_time};
  const int bits = BlockBits(level);
  return {first >> bits, last >> bits, SpanOf(first_time, level), 0};
}

void RecordRun::Join(const RecordRun& other) {
  if (std::tie(other.first, other.first_time) < std::tie(first, first_time)) {
    first = other.first;
    first_time = other.first_time;
  }
  if (std::tie(other.last, other.last_time) > std::tie(last, last_time)) {
    last = other.last;
    last_time = other.last_time;
  }
}

uint64_t HiddenHole(int level) { return level == 0 ? 0 : uint64_t{1} << BlockBits(level); }

RecordNumbers JudgeRecordNumbers(const std::vector<RecordRun>& runs) {
  RecordNumbers result;
  Found found;
  std::vector<Sequence> sequences = PutTogether(runs, &found, &result.left_out);
  result.missing = found.missing;
  result.jumps_counted = found.jumps_counted;
  result.jumps = found.jumps.Take();
  result.clock_back_counted = found.clock_back_counted;
  result.clock_back = found.clock_back.Take();

  std::sort(sequences.begin(), sequences.end(), [](const Sequence& a, const Sequence& b) {
    const RecordRun &x = a.first, &y = b.first;
    return std::tie(x.first_time, x.first, x.last) < std::tie(y.first_time, y.first, y.last);
  });
  for (size_t i = 1; i < sequences.size(); ++i) {
    const RecordRun& before = sequences[i - 1].end;
    const RecordRun& after = sequences[i].first;
    result.anew.push_back({before.last, after.first, before.last_time, after.first_time});
  }
  const auto by_time = [](const RecordBreak& a, const RecordBreak& b) {
    return std::tie(a.last_time, a.first_time, a.last) < std::tie(b.last_time, b.first_time, b.last);
  };
  std::sort(result.clock_back.begin(), result.clock_back.end(), by_time);
  return result;
}

}  // namespace spoor
