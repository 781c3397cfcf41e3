// read_evtx FILE...: reads event logs as hunt does, piece by piece with checksums, visits every value of every record
// (its size and first byte), and matches nothing. Prints bytes, records, values, a sum that depends on all of them,
// and the seconds the reading took.
#include <time.h>

#include <cstdio>
#include <memory>
#include <new>

#include "evidence/source.h"
#include "formats/format.h"

namespace {

struct Visit : spoor::Sink {
  uint64_t records = 0, values = 0, sum = 0, damage = 0;
  void OnEvent(const spoor::Event& event) override {
    ++records;
    const uint32_t n = event.shape->value_count;
    values += n;
    for (uint32_t i = 0; i < n; ++i) {
      const spoor::Value& v = event.values[i];
      sum += v.size + (v.size != 0 ? v.data[0] : 0);
    }
  }
  void OnDamage(const spoor::Damage&) override { ++damage; }
  void ShapesDropped() override {}
};

double Now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  // As hunt's buffers (hunt/feed.h): where the kernel copies to fast.
  const auto free = [](uint8_t* p) { ::operator delete[](p, std::align_val_t(64)); };
  const std::unique_ptr<uint8_t[], decltype(free)> buffer(
      new (std::align_val_t(64)) uint8_t[spoor::kPieceHead + spoor::kPieceSize], free);
  std::unique_ptr<spoor::PieceReader> reader;
  Visit visit;
  uint64_t bytes = 0;
  const double start = Now();
  for (int i = 1; i < argc; ++i) {
    auto source = spoor::EvidenceSource::Open(argv[i]);
    if (!source.ok()) return 1;
    for (uint64_t at = 0;;) {
      const size_t want = spoor::kPieceSize + (at == 0 ? spoor::kPieceHead : 0);
      const auto got = (*source)->ReadAt(at, buffer.get(), want);
      if (!got.ok()) return 1;
      if (*got == 0) break;
      if (reader == nullptr) {
        const spoor::Format* format = spoor::Recognise(buffer.get(), *got);
        if (format == nullptr) return 1;
        reader = format->make_reader({});
      }
      reader->Read({buffer.get(), *got, at}, &visit);
      bytes += *got;
      at += *got;
    }
  }
  std::printf("%llu bytes %llu records %llu values sum %llu damage %llu %.6f seconds\n",
              static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(visit.records),
              static_cast<unsigned long long>(visit.values), static_cast<unsigned long long>(visit.sum),
              static_cast<unsigned long long>(visit.damage), Now() - start);
}
