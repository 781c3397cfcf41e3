#include "formats/mapping/mapped_shape.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace spoor {
namespace {

constexpr size_t kMaxVariants = 256;  // of a shape, by the value that says which log it is

}  // namespace

MappedShape::MappedShape(Mapped mapped, const SourceTag& given, uint64_t number) : mapped_(std::move(mapped)) {
  base_.number = number;
  const auto count = static_cast<uint32_t>(mapped_.names.size());
  const auto objects = static_cast<uint32_t>(mapped_.objects.size());
  const auto derived = static_cast<uint32_t>(mapped_.derived.size());
  const auto joined = static_cast<uint32_t>(mapped_.joined.size());
  base_.value_count = count + objects + derived + joined + 2 * static_cast<uint32_t>(mapped_.split.size());
  const auto add = [&](const std::string& name, std::vector<FieldPart> parts, bool alias) {
    memory_ += sizeof(Field) + parts.size() * sizeof(FieldPart) + name.size();
    base_.fields.push_back({name, std::move(parts), alias});
  };
  for (uint32_t i = 0; i < count; ++i) add(mapped_.names[i], {{FieldPart::kValue, i}}, i >= mapped_.hidden_from);
  // What was unfolded is shown as what was found in it.
  for (const Mapped::Unfold& u : mapped_.unfold) base_.fields[u.field].alias = u.done;
  std::vector<std::pair<size_t, size_t>> texts;  // constants, in constant_bytes
  for (const auto& [name, parts] : mapped_.made) {
    std::vector<FieldPart> made;
    for (const Mapped::Part& part : parts) {
      if (part.field >= 0) {
        made.push_back({FieldPart::kValue, static_cast<uint32_t>(part.field)});
        continue;
      }
      made.push_back({FieldPart::kConstant, static_cast<uint32_t>(texts.size())});
      texts.emplace_back(base_.constant_bytes.size(), part.text.size());
      base_.constant_bytes += part.text;
    }
    add(name, std::move(made), false);
  }
  for (const auto& [at, size] : texts) {
    base_.constants.push_back({reinterpret_cast<const uint8_t*>(base_.constant_bytes.data()) + at,
                               static_cast<uint32_t>(size), ValueType::kUtf8});
  }
  for (const auto& [name, field] : mapped_.aliases) add(name, {{FieldPart::kValue, field}}, true);
  for (uint32_t i = 0; i < objects; ++i) add(mapped_.objects[i].first, {{FieldPart::kValue, count + i}}, true);
  for (uint32_t i = 0; i < derived; ++i) {
    add(mapped_.derived[i].name, {{FieldPart::kValue, count + objects + i}}, true);
  }
  for (uint32_t i = 0; i < mapped_.joined.size(); ++i) {
    add(mapped_.joined[i].first, {{FieldPart::kValue, count + objects + derived + i}}, false);
  }
  for (uint32_t i = 0; i < mapped_.split.size(); ++i) {
    const uint32_t at = count + objects + derived + joined + 2 * i;
    add(mapped_.split[i].second->address, {{FieldPart::kValue, at}}, true);
    add(mapped_.split[i].second->port, {{FieldPart::kValue, at + 1}}, true);
  }
  own_values_ = base_.value_count;
  if (mapped_.web.any()) web_ = std::make_unique<WebParts>(mapped_.web, &base_);
  const auto find = [&](std::string_view name) {
    for (size_t i = 0; i < base_.fields.size(); ++i) {
      if (base_.fields[i].name == name) return static_cast<int>(i);
    }
    return -1;
  };
  if (!mapped_.host.empty()) base_.host = find(mapped_.host);
  if (!mapped_.user.empty()) base_.user = find(mapped_.user);
  const int channel = find("Channel"), event_id = find("EventID");
  const Mapping* const m = mapped_.mapping;
  // An event of a Windows log says so by its channel and event id; then these say what it is.
  if ((m == nullptr || m->windows) && channel >= 0 && event_id >= 0) {
    base_.key = {channel, find("Provider_Name"), event_id, find("Computer")};
  } else if (m != nullptr && !m->windows && !m->source.is_windows_log()) {
    base_.source = m->source;
  } else {
    base_.source = given;
  }
  replaced_.resize(mapped_.values.size() + mapped_.derived.size() + mapped_.joined.size());
  memory_ += sizeof(*this) + base_.constant_bytes.size();
}

namespace {

std::string_view TextOf(const Value& value) { return {reinterpret_cast<const char*>(value.data), value.size}; }
Value ValueOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
}

// What a text stands for; nothing: for itself. May be made in *made.
std::optional<std::string_view> MeaningOf(const Mapping::Names& texts, std::string_view text, std::string* made) {
  for (const auto& [from, to] : texts) {
    if (from == "*") return to;
    const bool beginning = from.ends_with('*') && to.ends_with('*');
    const size_t size = from.size() - beginning;
    if (beginning ? text.size() < size : text.size() != size) continue;
    if (!EqualsIgnoreAsciiCase(text.substr(0, size), std::string_view(from).substr(0, size))) continue;
    if (!beginning) return to;
    made->assign(to, 0, to.size() - 1).append(text.substr(size));
    return *made;
  }
  return std::nullopt;
}

// "192.0.2.1:443", "[2001:db8::1]:443", "name:443", or no port. An address with several colons and no brackets has
// none.
std::pair<std::string_view, std::string_view> SplitEndpoint(std::string_view text) {
  const size_t colon = text.rfind(':');
  const bool brackets = text.starts_with('[');
  if (brackets) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return {text, {}};
    return {text.substr(1, close - 1), colon == close + 1 ? text.substr(colon + 1) : std::string_view()};
  }
  if (colon == std::string_view::npos || text.find(':') != colon) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

const Shape& MappedShape::For(std::vector<Value>* all) {
  const size_t before = all->size();
  all->resize(own_values_);
  Value* values = all->data();
  for (size_t i = 0; i < mapped_.derived.size(); ++i) {
    const Mapped::Derived& derived = mapped_.derived[i];
    if (values[derived.from].type != ValueType::kUtf8) continue;
    std::string& made = replaced_[mapped_.values.size() + i];
    if (const auto meaning = MeaningOf(*derived.texts, TextOf(values[derived.from]), &made)) {
      values[before + i] = ValueOf(*meaning);
    }
  }
  for (size_t i = 0; i < mapped_.joined.size(); ++i) {
    std::string& made = replaced_[mapped_.values.size() + mapped_.derived.size() + i];
    made.clear();
    ForEachElement(values[mapped_.joined[i].second], [&](const Value& element) {
      if (!made.empty()) made += ' ';
      AppendText(element, &made);
    });
    values[before + mapped_.derived.size() + i] = ValueOf(made);
  }
  for (size_t i = 0; i < mapped_.split.size(); ++i) {
    const Value& value = values[mapped_.split[i].first];
    if (value.type != ValueType::kUtf8) continue;
    Value* const made = values + before + mapped_.derived.size() + mapped_.joined.size() + 2 * i;
    const auto [address, port] = SplitEndpoint(TextOf(value));
    made[0] = ValueOf(address);
    if (!port.empty()) made[1] = ValueOf(port);
  }
  for (size_t i = 0; i < mapped_.values.size(); ++i) {
    const auto& [field, texts] = mapped_.values[i];
    if (values[field].type != ValueType::kUtf8) continue;
    if (const auto meaning = MeaningOf(*texts, TextOf(values[field]), &replaced_[i])) {
      values[field] = ValueOf(*meaning);
    }
  }
  if (web_ != nullptr) {
    web_->Append(all);
    values = all->data();
  }
  if (mapped_.by.empty()) return base_;
  std::string_view text;
  for (size_t i = 0; i < mapped_.by.size(); ++i) {
    const uint32_t field = mapped_.by[i];
    if (values[field].type != ValueType::kUtf8) return base_;
    if (mapped_.by.size() == 1) {
      text = TextOf(values[field]);
      break;
    }
    if (i == 0) by_text_.clear();
    if (i > 0) by_text_ += ' ';
    by_text_ += TextOf(values[field]);
    text = by_text_;
  }
  for (size_t i = 0; i < variants_.size(); ++i) {
    if (variants_[i].text != text) continue;
    if (i > 0) std::swap(variants_[i], variants_[i - 1]);
    return *variants_[i > 0 ? i - 1 : 0].shape;
  }
  if (variants_.size() >= kMaxVariants) return base_;
  auto shape = std::make_unique<Shape>(base_);
  shape->plan = nullptr;
  shape->source = SourceBy(*mapped_.mapping, text);
  memory_ += memory_ / (variants_.size() + 1) + text.size();
  variants_.push_back({std::string(text), std::move(shape)});
  return *variants_.back().shape;
}

}  // namespace spoor
