// What a trace does with the people it finds: a roster that says who they are, a list of whom to tell, pseudonyms.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "campaign/roster.h"
#include "campaign/trace.h"
#include "findings/output.h"
#include "story/redact.h"

namespace spoor {

struct PeopleFlags {
  std::string roster, notify, redact_key;
  bool redact = false;

  void AddTo(CLI::App* app);
};

class People {
 public:
  // Reads the roster and the key, and opens the list, as far as they are named. False: what is wrong has been told.
  // `told`: what is odd about the roster is, too.
  bool Begin(const PeopleFlags& flags, bool told);
  // Tells of each victim who it is, and learns the names that are to be replaced. `key`: of the case; "": there is
  // none, and one is drawn, unless the flags name one.
  void Learn(TraceResult* result, const std::string& key, bool told);
  // nullptr: names stay.
  const Redactor* redactor() const { return redactor_ ? &*redactor_ : nullptr; }
  // Writes the list, if one is named.
  absl::Status Notify(const TraceResult& result);

 private:
  bool ReadRoster(const std::string& path, bool told);
  bool ReadKey(const std::string& path);

  std::string path_, key_;
  bool redact_ = false;
  std::optional<Roster> roster_;
  std::optional<Redactor> redactor_;
  std::unique_ptr<Output> list_;
};

}  // namespace spoor
