// What logs of web servers show together with those of the machine they run on.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "campaign/shown.h"

namespace spoor {

struct WebShown {
  std::vector<Shown> shown;
  MarkedAddresses marked;  // addresses that used what is held for a web shell
};

// A page that few ask was sent data and answered, and on the server a file of its name had been written (5), or the web
// server's worker started a shell within seconds (4); or of those who sent data two and at least half came from
// `theirs`, addresses from which somebody else is in accounts or in routers (4). Pages of applications are asked by
// many; a deployment writes many files at once; a vulnerability scanner gets no answer.
WebShown ShownByWeb(const World& world, const std::set<std::string>& theirs);

}  // namespace spoor
