// Rules and events at random, made to meet: few field names, few words, values of every type.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "event/event.h"
#include "sigma/rule.h"

namespace spoor::test {

// The same seed gives the same rules and events on every machine.
class RandomEvents {
 public:
  // Log sources for the rules: two services, one of which speaks of some fields by other names.
  static const char kSources[];

  explicit RandomEvents(uint32_t seed) : random_(seed) {}

  std::vector<sigma::Rule> Rules(size_t count);
  sigma::Item RandomItem();
  sigma::Pattern RandomPattern();
  // A value; it points into `bytes`.
  Value RandomValue(std::string* bytes);
  // Makes an event of one of a few shapes; it stands during the call.
  void Make(const std::function<void(const Event&)>& fn);
  // New shapes from here on; the old ones are freed.
  void DropShapes() { shapes_.clear(); }

  std::string RandomText();
  // A whole number that doubles round, or nearly: near 2^53, near 2^64, or longer than any machine's.
  std::string BigNumber();
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool OneIn(uint32_t n) { return Below(n) == 0; }

 private:
  std::string FieldName();
  uint32_t RandomNode(sigma::Expression* e, int depth);
  std::unique_ptr<Shape> RandomShape();

  std::mt19937 random_;
  std::vector<std::unique_ptr<Shape>> shapes_;
};

}  // namespace spoor::test
