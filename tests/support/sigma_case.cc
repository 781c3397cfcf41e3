#include "support/sigma_case.h"

#include <algorithm>

#include "formats/json/text.h"

namespace spoor::test {
namespace {

using json::EndOfObject;
using json::Trimmed;

bool HasLine(const std::string& yaml, std::string_view begins) {
  return yaml.starts_with(begins) || yaml.find("\n" + std::string(begins)) != std::string::npos;
}

// What a case leaves out of its rule is put in: title, log source, the detection around selections, the condition.
std::string Complete(std::string yaml) {
  if (HasLine(yaml, "title:") || HasLine(yaml, "action:")) return yaml;
  if (!HasLine(yaml, "detection:")) {
    std::string inner = "detection:\n";
    for (size_t at = 0; at < yaml.size();) {
      const size_t stop = std::min(yaml.find('\n', at), yaml.size());
      inner += "  " + yaml.substr(at, stop - at) + "\n";
      at = stop + 1;
    }
    if (!HasLine(yaml, "condition:")) inner += "  condition: selection\n";
    yaml = inner;
  }
  std::string head = "title: rule\n";
  if (!HasLine(yaml, "logsource:")) head += "logsource: {category: test}\n";
  return head + yaml;
}

}  // namespace

std::vector<SigmaCase> ParseSigmaCases(std::string_view text, std::string* problem) {
  std::vector<SigmaCase> cases;
  uint32_t number = 0;
  const auto fail = [&](const std::string& what) {
    *problem = "line " + std::to_string(number) + ": " + what;
    return std::vector<SigmaCase>();
  };
  for (size_t at = 0; at < text.size();) {
    const size_t stop = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, stop - at);
    at = stop + 1;
    ++number;
    if (line.starts_with("#")) continue;
    if (line.starts_with("== ")) {
      cases.emplace_back();
      cases.back().name = Trimmed(line.substr(3));
      cases.back().line = number;
      continue;
    }
    if (cases.empty()) {
      if (Trimmed(line).empty()) continue;
      return fail("text before the first case");
    }
    SigmaCase& now = cases.back();
    const std::string_view word = line.substr(0, line.find(' '));
    const std::string_view rest = Trimmed(line.substr(std::min(word.size(), line.size())));
    if (word == "yes" || word == "no" || word == "holds") {
      SigmaCase::Expectation e;
      const size_t brace = rest.find('{');
      if (brace == std::string_view::npos) return fail("no event");
      const std::string_view behind = rest.substr(brace);
      const size_t end = EndOfObject(behind);
      if (end == 0) return fail("the event does not end");
      e.event = behind.substr(0, end);
      e.reason = Trimmed(behind.substr(end));
      e.line = number;
      e.yes = word == "yes";
      const std::string_view titles = Trimmed(rest.substr(0, brace));
      if (word != "holds" && !titles.empty()) return fail("something between the word and the event");
      if (word == "yes") e.holding = {"rule"};
      for (size_t from = 0; word == "holds" && titles != "none" && from < titles.size();) {
        const size_t comma = std::min(titles.find(',', from), titles.size());
        e.holding.emplace_back(Trimmed(titles.substr(from, comma - from)));
        from = comma + 1;
      }
      now.expectations.push_back(std::move(e));
    } else if (word == "error" && !rest.empty()) {
      now.errors.emplace_back(rest);
    } else if (word == "warning" && !rest.empty()) {
      now.warnings.emplace_back(rest);
    } else {
      if (!now.expectations.empty() && !Trimmed(line).empty()) return fail("rule text behind an expectation");
      now.rules.append(line).append("\n");
    }
  }
  for (SigmaCase& c : cases) {
    while (c.rules.ends_with("\n\n")) c.rules.pop_back();
    c.rules = Complete(std::move(c.rules));
  }
  return cases;
}

}  // namespace spoor::test
