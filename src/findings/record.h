// Findings as they are handed on within the program: rendered and sorted like any other output, and taken apart again.
//
//     RecordOutput taker([](const FindingRecord& record) { … return absl::OkStatus(); });
//     Hunt(…, *MakeRecordRenderer(true), &taker, …);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "findings/finding.h"
#include "findings/output.h"
#include "findings/renderer.h"

namespace spoor {

// A finding and its rule. Views stand until the call they were given to ends.
struct FindingRecord {
  int64_t time = 0;
  uint32_t rule_number = 0;
  sigma::Level level = sigma::Level::kInformational;
  std::string_view rule_id, title;
  std::vector<std::string_view> tags;
  std::string_view path, tenant, host, user, source;
  std::optional<uint32_t> event_id;
  uint64_t record = 0, offset = 0;
  bool carved = false;
  std::vector<Matched> matched;
  std::vector<FieldText> event;  // empty where the renderer leaves it out
};

// `whole`: with the event's fields and all that matched; else with the longest that matched, which
// tells most, cut to 300 bytes.
std::unique_ptr<Renderer> MakeRecordRenderer(bool whole);

// Takes what such a renderer wrote, in whatever portions. Not thread-safe.
class RecordOutput : public Output {
 public:
  using Take = std::function<absl::Status(const FindingRecord&)>;
  explicit RecordOutput(Take take) : take_(std::move(take)) {}
  absl::Status Write(std::string_view bytes) override;
  absl::Status Commit() override { return absl::OkStatus(); }

 private:
  Take take_;
  std::string rest_;  // the beginning of a record
  FindingRecord record_;
};

}  // namespace spoor
