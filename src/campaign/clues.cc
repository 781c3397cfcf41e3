#include "campaign/clues.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace spoor {
namespace {

constexpr size_t kMaxDetail = 300;  // bytes of what matched

// Numbers and texts one after the other; the reader knows the order.
void Put(uint64_t number, std::string* out) { out->append(reinterpret_cast<const char*>(&number), sizeof number); }
void Put(std::string_view text, std::string* out) {
  Put(uint64_t{text.size()}, out);
  out->append(text);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  uint64_t Number() {
    uint64_t number;
    std::memcpy(&number, text_.data(), sizeof number);
    text_.remove_prefix(sizeof number);
    return number;
  }
  std::string_view Text() {
    const size_t size = Number();
    const std::string_view text = text_.substr(0, size);
    text_.remove_prefix(size);
    return text;
  }

 private:
  std::string_view text_;
};

// No more than `most` bytes, and no half character.
std::string_view Front(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (text[most] & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

// Each finding as its size and its parts.
class Clues::ClueRenderer : public Renderer {
 public:
  size_t Render(const Finding& f, std::string* out) const override {
    const size_t at = out->size();
    Put(uint64_t{0}, out);
    Put(uint64_t{f.rule_number}, out);
    Put(static_cast<uint64_t>(f.rule->level), out);
    Put(f.rule->id, out);
    Put(f.rule->title, out);
    Put(uint64_t{f.rule->tags.size()}, out);
    for (const std::string& tag : f.rule->tags) Put(tag, out);
    Put(static_cast<uint64_t>(f.time), out);
    Put(f.path, out);
    Put(f.tenant, out);
    Put(f.record, out);
    Put(f.offset, out);
    Put(uint64_t{f.event_id.value_or(0)}, out);
    Put(f.host, out);
    Put(f.user, out);
    Put(f.source, out);
    Put(f.matched.empty() ? std::string_view() : Front(f.matched.front().value, kMaxDetail), out);
    const uint64_t size = out->size() - at - sizeof size;
    std::memcpy(out->data() + at, &size, sizeof size);
    return kNoGap;
  }
};

Clues::Clues() : renderer_(std::make_unique<ClueRenderer>()) {}
Clues::~Clues() = default;

const Renderer& Clues::renderer() const { return *renderer_; }

absl::Status Clues::Write(std::string_view bytes) {
  rest_ += bytes;
  std::string_view text = rest_;
  for (uint64_t size; text.size() >= sizeof size; text.remove_prefix(sizeof size + size)) {
    std::memcpy(&size, text.data(), sizeof size);
    if (text.size() - sizeof size < size) break;
    Take(text.substr(sizeof size, size));
  }
  rest_.erase(0, rest_.size() - text.size());
  return absl::OkStatus();
}

void Clues::Take(std::string_view text) {
  Reader in(text);
  Clue clue;
  clue.rule = static_cast<uint32_t>(in.Number());
  clue.level = static_cast<sigma::Level>(in.Number());
  if (clue.rule >= rules.size()) rules.resize(clue.rule + 1);
  ClueRule& rule = rules[clue.rule];
  const std::string_view id = in.Text(), title = in.Text();
  const bool fresh = rule.findings++ == 0;
  if (fresh) rule = {std::string(id), std::string(title), clue.level, {}, 1, {}};
  for (uint64_t tags = in.Number(); tags > 0; --tags) {
    const std::string_view tag = in.Text();
    if (fresh) rule.tags.emplace_back(tag);
  }
  if (rule.findings > kMaxOfRule || clues.size() >= kMaxClues) {
    ++left_out;
    return;
  }
  clue.time = static_cast<int64_t>(in.Number());
  const std::string path(in.Text()), tenant(in.Text());
  const auto [it, fresh_path] = path_numbers_.try_emplace(tenant + '\0' + path, static_cast<uint32_t>(paths.size()));
  if (fresh_path) {
    paths.push_back(path);
    tenants.push_back(tenant);
  }
  clue.path = it->second;
  clue.record = in.Number();
  clue.offset = in.Number();
  clue.event_id = static_cast<uint32_t>(in.Number());
  clue.host = in.Text();
  clue.user = in.Text();
  clue.source = in.Text();
  clue.detail = in.Text();
  if (rule.source.empty()) rule.source = clue.source;
  at_[{clue.path, clue.offset, clue.record}].push_back(static_cast<uint32_t>(clues.size()));
  clues.push_back(std::move(clue));
}

uint32_t Clues::PathNumber(std::string_view path, std::string_view tenant) const {
  std::string key(tenant);
  key += '\0';
  key += path;
  const auto it = path_numbers_.find(key);
  return it == path_numbers_.end() ? ~0u : it->second;
}

const std::vector<uint32_t>* Clues::At(uint32_t path, uint64_t offset, uint64_t record) const {
  const auto it = at_.find(std::make_tuple(path, offset, record));
  return it == at_.end() ? nullptr : &it->second;
}

}  // namespace spoor
