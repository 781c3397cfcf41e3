#include "formats/shell_history/format.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "formats/lines.h"

namespace spoor::shell_history {
namespace {

enum FieldNumber { kCommand, kUser, kElapsed, kFields };
constexpr const char* kNames[kFields] = {"CommandLine", "User", "elapsed"};

// The digits at the front, taken off. Seconds since 1970 have nine digits from 1973 on, eleven from 5138 on.
std::string_view TakeDigits(std::string_view* text) {
  const size_t stop = std::min(text->find_first_not_of("0123456789"), text->size());
  const std::string_view digits = text->substr(0, stop);
  text->remove_prefix(stop);
  return digits;
}
bool IsTime(std::string_view digits) { return digits.size() >= 9 && digits.size() <= 11; }

int64_t Microseconds(std::string_view digits) {
  int64_t seconds = 0;
  for (const char c : digits) seconds = seconds * 10 + (c - '0');
  return seconds * 1'000'000;
}

// What a line begins, if it begins a command.
struct Start {
  bool bash = false;  // the command is in the next lines; else it is in the rest of this
  std::string_view time, elapsed, rest;
};
bool ReadStart(std::string_view line, Start* start) {
  *start = {};
  if (line.starts_with('#')) {
    line.remove_prefix(1);
    start->bash = true;
    start->time = TakeDigits(&line);
    return IsTime(start->time) && line.empty();
  }
  if (!line.starts_with(": ")) return false;
  line.remove_prefix(2);
  start->time = TakeDigits(&line);
  if (!IsTime(start->time) || !line.starts_with(':')) return false;
  line.remove_prefix(1);
  start->elapsed = TakeDigits(&line);
  if (start->elapsed.empty() || !line.starts_with(';')) return false;
  start->rest = line.substr(1);
  return true;
}

// Commands have several lines: cuts before the last line that begins one.
class HistoryCutter : public Cutter {
 public:
  Cut Next(const uint8_t* data, size_t size, bool last) override {
    if (last && size <= kMaxRecord) return lines_->Next(data, size, last);
    const std::string_view text = AsText(data, size);
    for (size_t end = text.rfind('\n'); end != std::string_view::npos && end > 0;) {
      const size_t before = text.rfind('\n', end - 1);
      if (before == std::string_view::npos) break;
      std::string_view line = text.substr(before + 1, end - before - 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      Start ignored;
      if (ReadStart(line, &ignored)) return lines_->Next(data, before + 1, false);
      end = before;
    }
    if (size <= kMaxRecord) return {};
    return lines_->Next(data, size, last);  // no command is so long
  }

 private:
  std::unique_ptr<Cutter> lines_ = CutLines();
};

// Whose home folder a file lies in; "": nobody's.
std::string_view OwnerOf(std::string_view path) {
  const auto take = [&] {
    const size_t slash = path.find_last_of("/\\");
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    return name;
  };
  take();
  const std::string_view folder = take(), above = take();
  if (folder == "root") return folder;
  return above == "home" || above == "Users" ? folder : std::string_view();
}

class HistoryReader : public PieceReader {
 public:
  HistoryReader() {
    for (Shape* shape : {&linux_, &macos_}) {
      shape->source = {shape == &linux_ ? "linux" : "macos", "shell", ""};
      shape->number = shape == &linux_ ? 1 : 2;
      shape->value_count = kFields;
      shape->user = kUser;
      for (uint32_t i = 0; i < kFields; ++i) shape->fields.push_back({kNames[i], {{FieldPart::kValue, i}}});
    }
  }

  void Read(const PieceBytes& piece, Sink* sink) override {
    const std::string_view path = piece.file != nullptr ? std::string_view(piece.file->path) : std::string_view();
    user_ = OwnerOf(path);
    shape_ = path.find("/Users/") != std::string_view::npos ? &macos_ : &linux_;
    sink_ = sink;
    open_ = false;
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      Start start;
      if (ReadStart(line, &start)) {
        Finish();
        open_ = true;
        bash_ = start.bash;
        time_ = Microseconds(start.time);
        elapsed_ = start.elapsed;
        command_ = start.rest;
        offset_ = offset;
        number_ = number;
        return;
      }
      if (!open_ || (!bash_ && !command_.ends_with('\\'))) {  // before the first time, or typed while there were none
        Finish();
        open_ = bash_ = true;
        time_ = 0;
        elapsed_ = {};
        command_ = line;
        offset_ = offset;
        number_ = number;
        if (!line.empty()) Finish();
        open_ = false;
        return;
      }
      // The lines of a command lie behind each other.
      command_ = command_.empty() ? line
                                  : std::string_view(command_.data(),
                                                     static_cast<size_t>(line.data() + line.size() - command_.data()));
    });
    Finish();
  }

 private:
  static Value TextValue(std::string_view text) {
    if (text.empty()) return {};
    return {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
  }

  // "\x83" and a byte as the byte they stand for.
  std::string_view Plain(std::string_view text) {
    if (bash_ || text.find('\x83') == std::string_view::npos) return text;
    plain_.clear();
    for (size_t i = 0; i < text.size(); ++i) {
      plain_ += text[i] == '\x83' && i + 1 < text.size() ? static_cast<char>(text[++i] ^ 0x20) : text[i];
    }
    return plain_;
  }

  void Finish() {
    if (!open_) return;
    open_ = false;
    if (command_.empty()) return;
    const Value values[kFields] = {TextValue(Plain(command_)), TextValue(user_), TextValue(elapsed_)};
    Event event;
    event.shape = shape_;
    event.values = values;
    event.time = time_;
    event.record = number_;
    event.offset = offset_;
    sink_->OnEvent(event);
  }

  Shape linux_, macos_;
  std::string plain_;
  // The command being read.
  Sink* sink_ = nullptr;
  const Shape* shape_ = nullptr;
  bool open_ = false, bash_ = false;
  int64_t time_ = 0;
  std::string_view user_, elapsed_, command_;
  uint64_t offset_ = 0, number_ = 0;
};

// One in eight of the first lines that are not empty begins a command, and something is behind it: a number behind '#'
// is in many texts.
bool IsHistory(const uint8_t* head, size_t size) {
  constexpr int kLooked = 64;
  int starts = 0, lines = 0;
  bool typed = true;  // what was begun is there
  ForEachHeadLine(head, size, [&](std::string_view line) {
    if (line.empty()) return true;
    if (!typed) ++starts;
    typed = true;
    Start start;
    if (ReadStart(line, &start)) {
      typed = !start.bash;
      starts += !start.bash && !start.rest.empty();
    }
    return ++lines < kLooked;
  });
  return starts > 0 && starts * 8 >= lines;
}

}  // namespace

const Format kFormat = {
    "shell_history",
    IsHistory,
    [](const FormatOptions&) -> std::unique_ptr<PieceReader> { return std::make_unique<HistoryReader>(); },
    [] { return std::unique_ptr<Cutter>(std::make_unique<HistoryCutter>()); },
};

}  // namespace spoor::shell_history
