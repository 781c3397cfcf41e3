// The table: what a person reads on a terminal. First the overview (table_head.cc), then the findings, worst
// first, as blocks (table_blocks.cc). Findings become drafts (table_draft.cc) as they come, and blocks when
// all are known.
//
// Every text that comes from evidence or rules goes through Fit, Wrap or Excerpt, which make control
// characters visible.
#include <algorithm>

#include "findings/renderer.h"
#include "findings/table_blocks.h"
#include "findings/table_draft.h"
#include "findings/table_head.h"

namespace spoor {
namespace {

constexpr int kNarrowest = 60, kWidest = 300;
// Findings kept for each block that may be shown, so that repeated ones do not take the place of others. With
// the 200 blocks of TableOptions this is 5,000 drafts, a few MB.
constexpr size_t kDraftsPerBlock = 25;

class Table final : public Renderer {
 public:
  explicit Table(const TableOptions& options) : options_(options) {
    options_.width = std::clamp(options_.width, kNarrowest, kWidest);
  }

  size_t Render(const Finding& f, std::string* out) const override {
    Pack(MakeDraft(f, ShapeOf(options_)), out);
    return kNoGap;
  }
  std::string Head(const Summary& summary, const HuntFacts& facts) const override {
    return summary.findings() == 0 ? TableNoFindings(facts, options_) : TableOverview(summary, facts, options_);
  }
  bool composes() const override { return true; }
  std::string Compose(const std::vector<std::string>& drafts, const Summary& summary) const override {
    return TableBlocks(drafts, summary.findings(), options_);
  }
  bool severe_first() const override { return true; }
  bool needs_summary() const override { return true; }
  size_t limit() const override {
    return options_.limit > kNoLimit / kDraftsPerBlock ? kNoLimit : options_.limit * kDraftsPerBlock;
  }

 private:
  static constexpr size_t kNoLimit = static_cast<size_t>(-1);
  TableOptions options_;
};

}  // namespace

std::unique_ptr<Renderer> MakeTableRenderer(const TableOptions& options) { return std::make_unique<Table>(options); }

}  // namespace spoor
