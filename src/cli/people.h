// What a trace does with the people it finds: flags about a roster.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "campaign/roster.h"
#include "campaign/trace.h"

namespace spoor {

struct PeopleFlags {
  std::string roster;

  void AddTo(CLI::App* app);
};

class People {
 public:
  // Reads the roster, if one is named. False: what is wrong has been told. `told`: what is odd about it is, too.
  bool Read(const PeopleFlags& flags, bool told);
  // Tells of each victim who it is, by the roster.
  void Name(TraceResult* result, bool told) const;

 private:
  std::string path_;
  std::optional<Roster> roster_;
};

}  // namespace spoor
