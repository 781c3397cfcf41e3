// What logs of routers at home show by themselves.
#pragma once

#include <vector>

#include "campaign/shown.h"

namespace spoor {

struct RoutersShown {
  std::vector<Shown> shown;
  MarkedAddresses marked;  // addresses from which somebody entered one, and those of routers that were entered
};

// A login to a router from outside, by an address that never came before (2), after logins from there that failed
// (1.5), and with settings changed right after (1): from 3 on it was taken. Who looks after a router from work comes
// again and again, and does not guess. Guesses that no login follows are the noise of the world.
RoutersShown ShownByRouters(const World& world);

}  // namespace spoor
