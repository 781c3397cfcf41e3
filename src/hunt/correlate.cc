#include "hunt/correlate.h"

#include <cstring>

#include "base/bytes.h"
#include "base/time.h"

namespace spoor {
namespace {

// A match as bytes: numbers as they are in memory, texts behind their sizes. Read by nobody but this process.
void PutNumber(uint64_t value, std::string* out) { out->append(reinterpret_cast<const char*>(&value), sizeof value); }
void PutText(std::string_view text, std::string* out) {
  const auto size = static_cast<uint32_t>(text.size());
  out->append(reinterpret_cast<const char*>(&size), sizeof size);
  out->append(text);
}

constexpr uint64_t kNoEventId = ~uint64_t{0};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : cursor_(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) {}
  uint64_t Number() { return cursor_.U64(); }
  uint32_t Count() { return cursor_.U32(); }
  std::string_view Text() {
    const uint32_t size = cursor_.U32();
    const uint8_t* bytes = cursor_.Bytes(size);
    return bytes == nullptr ? std::string_view() : AsText(bytes, size);
  }
  bool ok() const { return cursor_.ok(); }

 private:
  Cursor cursor_;
};

// Makes findings of what fires.
class Findings : public CorrelationSink {
 public:
  Findings(const CorrelationPlan& plan, const FileTable& files, const std::function<absl::Status(const Finding&)>& take)
      : set_(plan.set()), files_(files), take_(take) {}

  void OnCorrelation(const CorrelationMatch& match) override {
    if (!status.ok()) return;
    const sigma::Correlation& c = set_.correlations[match.correlation];
    const RuleMatch& last = *match.event;
    Finding f;
    f.time = last.event.time;
    f.rule = &c.rule;
    f.rule_number = static_cast<uint32_t>(set_.rules.size()) + match.correlation;
    f.file = last.event.file;
    f.path = files_[f.file].path;
    f.tenant = files_[f.file].tenant;
    f.host = last.host;
    f.user = last.user;
    f.source = last.source;
    f.event_id = last.event_id;
    f.record = last.event.record;
    f.offset = last.event.offset;
    for (size_t i = 0; i < match.group.size(); ++i) {
      f.matched.push_back({c.group_by[i].name, match.group[i], "group-by"});
      f.event.push_back({c.group_by[i].name, match.group[i]});
    }
    const std::string condition = sigma::DescribeCondition(c);
    f.matched.push_back({sigma::CorrelationTypeName(c.type), match.measured, condition});
    f.events.reserve(match.events.size());
    for (const MatchedEvent& event : match.events) {
      const sigma::Rule& rule = event.rule < set_.rules.size() ? set_.rules[event.rule]
                                                               : set_.correlations[event.rule - set_.rules.size()].rule;
      f.events.push_back({event.time, &rule, files_[event.file].path, event.record, event.offset});
    }
    status = take_(f);
  }

  absl::Status status;

 private:
  const sigma::RuleSet& set_;
  const FileTable& files_;
  const std::function<absl::Status(const Finding&)>& take_;
};

}  // namespace

CorrelationNotes::CorrelationNotes(const CorrelationPlan* plan, unsigned workers, size_t memory, const FileOrder* files)
    : plan_(*plan), files_(files) {
  for (unsigned i = 0; i < workers; ++i) baskets_.push_back(std::make_unique<SpillingBasket>(files, memory / workers));
}

absl::Status CorrelationNotes::Note(unsigned worker, const RuleMatch& match) {
  SpillingBasket& basket = *baskets_[worker];
  Finding key;
  key.time = match.event.time;
  key.file = match.event.file;
  key.offset = match.event.offset;
  key.rule_number = match.event.rule;
  RecordHeader header = MakeHeader(key, false);
  std::string* const out = basket.basket().Room();
  const size_t before = out->size();
  PutNumber(match.event.record, out);
  PutNumber(match.event_id ? *match.event_id : kNoEventId, out);
  PutText(match.host, out);
  PutText(match.user, out);
  PutText(match.source, out);
  for (const auto& values : match.fields) {
    const auto count = static_cast<uint32_t>(values.size());
    out->append(reinterpret_cast<const char*>(&count), sizeof count);
    for (const std::string_view value : values) PutText(value, out);
  }
  basket.basket().Add(header, out->size() - before);
  return basket.Bound();
}

absl::Status CorrelationNotes::Correlate(const FileTable& files, int64_t end,
                                         const std::function<absl::Status(const Finding&)>& take,
                                         CorrelationStats* stats) {
  Findings findings(plan_, files, take);
  Correlator correlator(&plan_, &findings);
  std::vector<SpillingBasket*> baskets;
  for (const auto& basket : baskets_) baskets.push_back(basket.get());
  RuleMatch match;
  absl::Status merged =
      MergeBaskets(files_, baskets, ~uint64_t{0}, [&](const RecordHeader& header, std::string_view text) {
        Reader reader(text);
        match.event = {header.time, header.file, header.offset, reader.Number(), header.rule};
        match.tenant = files[header.file].tenant;
        const uint64_t event_id = reader.Number();
        match.event_id.reset();
        if (event_id != kNoEventId) match.event_id = static_cast<uint32_t>(event_id);
        match.host = reader.Text();
        match.user = reader.Text();
        match.source = reader.Text();
        match.fields.resize(plan_.FieldsOf(header.rule).size());
        for (auto& values : match.fields) {
          values.clear();
          for (uint32_t n = reader.Count(); n > 0 && reader.ok(); --n) values.push_back(reader.Text());
        }
        if (!reader.ok()) return absl::DataLossError("a match in a temporary file ends too early");
        correlator.Add(match);
        return findings.status;
      });
  correlator.Finish(end);
  *stats = correlator.stats();
  return merged.ok() ? findings.status : merged;
}

}  // namespace spoor
