// What logs of web servers show together with those of the machine they run on.
#pragma once

#include <vector>

#include "campaign/shown.h"

namespace spoor {

struct WebShown {
  std::vector<Shown> shown;
  MarkedAddresses marked;  // addresses that used what is held for a web shell
};

// A page that few ask was sent data and answered, and on the server a file of its name had been written (5), or the web
// server's worker started a shell within seconds (4). Pages of applications are asked by many; a deployment writes many
// files at once; a vulnerability scanner gets no answer.
WebShown ShownByWeb(const World& world);

}  // namespace spoor
