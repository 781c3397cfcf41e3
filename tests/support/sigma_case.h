// The conformance suite's cases: a rule, events, and what it says of each. The form is described in
// tests/cases/sigma/README.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spoor::test {

struct SigmaCase {
  // What is expected of one event.
  struct Expectation {
    std::vector<std::string> holding;  // titles of the rules that hold, in their order; "yes": the one rule
    bool yes = false;                  // of a case with one rule
    std::string event;                 // one line of JSON
    std::string reason;
    uint32_t line = 0;
  };
  std::string name;
  uint32_t line = 0;  // of the name
  std::string rules;  // YAML, completed
  std::vector<Expectation> expectations;
  std::vector<std::string> errors, warnings;  // what must be part of one each
};

// Reads the cases of a file. Fails (with the line) on what it does not understand.
std::vector<SigmaCase> ParseSigmaCases(std::string_view text, std::string* problem);

}  // namespace spoor::test
