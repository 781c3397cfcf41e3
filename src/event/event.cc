#include "event/event.h"

namespace spoor {

void AppendFieldText(const Event& event, const Field& field, std::string* out) {
  for (const FieldPart& part : field.parts) AppendText(event.Part(part), out);
}

bool HasField(const Event& event, const Field& field) {
  if (field.parts.size() != 1) return true;
  return event.Part(field.parts[0]).type != ValueType::kNull;
}

}  // namespace spoor
