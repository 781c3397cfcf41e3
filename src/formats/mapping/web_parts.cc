#include "formats/mapping/web_parts.h"

#include <algorithm>

#include "base/bytes.h"
#include "formats/web/request.h"

namespace spoor {
namespace {

enum Part : uint32_t { kMethod, kVersion, kTarget, kStem, kQuery, kExtension, kHost, kUrl, kParts };

std::string_view TextOf(const std::vector<Value>& values, int field) {
  if (field < 0 || values[static_cast<size_t>(field)].type != ValueType::kUtf8) return {};
  const Value& value = values[static_cast<size_t>(field)];
  return AsText(value.data, value.size);
}

Value ValueOf(std::string_view text) {
  if (text.data() == nullptr) return {};
  return {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
}

}  // namespace

WebParts::WebParts(const WebFields& from, Shape* shape) : from_(from) {
  const uint32_t first = shape->value_count;
  shape->value_count += kParts;
  const auto has = [&](std::string_view name) {
    return std::any_of(shape->fields.begin(), shape->fields.end(), [&](const Field& f) { return f.name == name; });
  };
  const auto add = [&](const char* name, Part part, bool alias) {
    shape->fields.push_back({name, {{FieldPart::kValue, first + part}}, alias});
  };
  const auto add_missing = [&](const char* name, Part part, bool alias) {
    if (!has(name)) add(name, part, alias);
  };
  if (from.request >= 0) {
    add_missing("cs-method", kMethod, false);
    add_missing("cs-version", kVersion, false);
  }
  add_missing("cs-uri", kTarget, from.request < 0);
  add_missing("cs-uri-stem", kStem, true);
  add_missing("cs-uri-query", kQuery, true);
  add_missing("cs-host", kHost, true);
  add_missing("c-uri-stem", kStem, true);
  add_missing("c-uri-query", kQuery, true);
  add_missing("c-uri-extension", kExtension, true);
  add("cs-uri-query", kTarget, true);  // rules put the path there, too
  add("c-uri", kTarget, true);
  add("c-uri", kUrl, true);
  add("cs-uri", kUrl, true);
}

void WebParts::Append(std::vector<Value>* values) {
  web::Request request;
  if (from_.request >= 0) {
    const std::string_view line = TextOf(*values, from_.request);
    if (!web::SplitRequest(line, &request)) request.uri = line;
  }
  if (request.uri.data() == nullptr) request.uri = TextOf(*values, from_.uri);
  web::Uri uri;
  if (request.uri.data() == nullptr && from_.stem >= 0) {
    uri.stem = TextOf(*values, from_.stem);
    uri.query = TextOf(*values, from_.query);
    request.uri = uri.stem;
    if (uri.query.data() != nullptr && uri.stem.data() != nullptr) {
      target_.assign(uri.stem).append(uri.query.starts_with('?') ? 0 : 1, '?').append(uri.query);
      request.uri = target_;
    }
    if (uri.stem.data() != nullptr) uri.extension = web::SplitUri(uri.stem).extension;
  } else if (request.uri.data() != nullptr) {
    uri = web::SplitUri(request.uri);
  }
  std::string_view url;
  if (const std::string_view host = TextOf(*values, from_.host); !host.empty() && request.uri.starts_with('/')) {
    url_.assign("http://").append(host).append(request.uri);
    url = url_;
  }
  for (const std::string_view part : {request.method, request.version, request.uri, uri.stem, uri.query, uri.extension,
                                      uri.host.empty() ? std::string_view() : uri.host, url}) {
    values->push_back(ValueOf(part));
  }
}

}  // namespace spoor
