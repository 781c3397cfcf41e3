#include "hunt/host_field.h"

namespace spoor {
namespace {

// The best first. `asked`: in logs of traffic it is the machine that was asked for.
struct HostField {
  const char* name;
  bool asked;
};
constexpr HostField kHostFields[] = {
    {"Computer", false}, {"host", true}, {"hostname", true}, {"Hostname", true}, {"host.name", false}};

bool IsOfTraffic(const Shape& shape) {
  return shape.source.product == "zeek" || SourceTag::Fits("webserver", shape.source.category) ||
         SourceTag::Fits("proxy", shape.source.category) || FindField(shape, "id.orig_h") >= 0 ||
         FindField(shape, "id_orig_h") >= 0;  // Zeek, as it is and flattened
}

}  // namespace

int FindField(const Shape& shape, std::string_view name) {
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    if (shape.fields[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

int FindHost(const Shape& shape) {
  if (shape.host >= 0) return shape.host;
  if (shape.key.computer >= 0) return shape.key.computer;
  const bool traffic = IsOfTraffic(shape);
  for (const HostField& field : kHostFields) {
    if (traffic && field.asked) continue;
    if (const int found = FindField(shape, field.name); found >= 0) return found;
  }
  return -1;
}

}  // namespace spoor
