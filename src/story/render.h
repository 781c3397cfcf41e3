// A trace's result as text: for people, and as JSON (docs/trace.md).
#pragma once

#include <string>

#include "campaign/trace.h"
#include "story/redact.h"

namespace spoor {

std::string TraceJson(const TraceResult& result);

struct StoryOptions {
  int width = 160;     // columns, at least 80; of what is no terminal: as much as an editor shows
  bool color = false;  // ANSI colours
  size_t acts = 60;    // visits to machines of a campaign that are shown, and processes; the rest is counted
  const Redactor* redact = nullptr;  // replaces names before texts are cut to fit; nullptr: they stay
};
std::string TraceStory(const TraceResult& result, const StoryOptions& options);

}  // namespace spoor
