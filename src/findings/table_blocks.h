// The findings of a table: drafts put together to blocks, and blocks written. See table_blocks.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "findings/renderer.h"
#include "findings/table_draft.h"

namespace spoor {

DraftShape ShapeOf(const TableOptions& options);

// The text of drafts that stand in order (most severe first). `findings` is how many there were altogether;
// the drafts may be the first of them only. At most options.limit blocks.
std::string TableBlocks(const std::vector<std::string>& drafts, uint64_t findings, const TableOptions& options);

}  // namespace spoor
