// Profiles of actors and tables of ATT&CK: any bytes give one or an error, no more; what was read can be weighed.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "attribution/model.h"
#include "attribution/observations.h"

using namespace spoor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(Attack::Parse(text).ok());
  const Attack& attack = Attack::BuiltIn();
  auto profile = ParseProfile(text, "fuzz.yml", attack);
  if (!profile.ok()) {
    if (profile.status().message().empty()) std::abort();
    return 0;
  }
  const Knowledge knowledge(attack, {*profile});
  ObservationReader reader(knowledge);
  reader.AddFile("T1665\nS0153\nsector=legislature\n", "list");
  reader.AddFile(text, "fuzz");
  double sum = 0;
  for (const Hypothesis& h : Model(knowledge).Weigh(reader.evidence())) sum += h.probability;
  if (!(std::fabs(sum - 1) < 1e-6)) std::abort();
  return 0;
}
