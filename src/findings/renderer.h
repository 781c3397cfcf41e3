// Giving a finding its form: JSON Lines, CSV, or a table for people.
//
// The SHA-256 of a file is known only when all of it has been read, that is after its findings were rendered.
// So a renderer leaves a gap: it reports at which byte of its text the digest belongs, and whoever writes the
// text fills it in (64 hex digits between DigestPrefix and DigestSuffix).
//
// All methods are const and may be called by any number of threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "findings/finding.h"
#include "findings/summary.h"

namespace spoor {

class Renderer {
 public:
  static constexpr size_t kNoGap = static_cast<size_t>(-1);
  virtual ~Renderer() = default;
  // Appends the finding's text (with its line end) to *out. Returns the offset, from where that text begins,
  // at which the digest goes, or kNoGap.
  virtual size_t Render(const Finding& finding, std::string* out) const = 0;
  // Written around a digest where a file has one: e.g. ",\"sha256\":\"" and "\"". Without a digest nothing is
  // written at the gap.
  virtual std::string_view DigestPrefix() const { return ""; }
  virtual std::string_view DigestSuffix() const { return ""; }
  // Written before the first and after the last finding.
  virtual std::string Head(const Summary&, const HuntFacts&) const { return ""; }
  virtual std::string Tail(const Summary&, const HuntFacts&) const { return ""; }
  // False: order of time. True: most severe first, then time.
  virtual bool severe_first() const { return false; }
  // True if Head needs the complete summary, so that nothing can be written before the end.
  virtual bool needs_summary() const { return false; }
  // Only the first so many findings, in the renderer's order, are wanted.
  virtual size_t limit() const { return static_cast<size_t>(-1); }
  // True: what Render appends are drafts, and Compose makes the text of all of them (the first limit() in
  // order), so that findings that belong together can be shown together. Drafts have no gap for a digest.
  virtual bool composes() const { return false; }
  virtual std::string Compose(const std::vector<std::string>& /*drafts*/, const Summary&) const { return ""; }
};

// One JSON object a line, as docs/findings.md has it.
std::unique_ptr<Renderer> MakeJsonLinesRenderer();

// RFC 4180 with LF line ends and a header line.
std::unique_ptr<Renderer> MakeCsvRenderer();

struct TableOptions {
  int width = 100;     // columns; less than 60 counts as 60
  bool color = false;  // ANSI colours
  size_t limit = 200;  // records shown (repeated ones once), the most severe ones; the rest is counted
};
std::unique_ptr<Renderer> MakeTableRenderer(const TableOptions& options);

}  // namespace spoor
