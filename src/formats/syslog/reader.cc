#include "formats/syslog/reader.h"

#include <time.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/time.h"
#include "formats/auditd/chains.h"
#include "formats/auditd/event_maker.h"
#include "formats/cisco/message.h"
#include "formats/key_shapes.h"
#include "formats/lines.h"
#include "formats/loose_time.h"
#include "formats/syslog/envelope.h"
#include "formats/syslog/payload.h"
#include "formats/syslog/programs.h"
#include "formats/syslog/shapes.h"
#include "formats/syslog/structured.h"

namespace spoor::syslog {
namespace {

constexpr size_t kMaxBeforeCisco = 96;   // bytes in front of the header of a Cisco message
constexpr size_t kMaxShapes = 16 << 20;  // bytes of shapes, then they are learned anew

int64_t Now() {
  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * int64_t{1000000} + t.tv_nsec / 1000;
}

Value TextValue(std::string_view text) {
  if (text.data() == nullptr) return {};
  return {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
}

// The kernel's own time in front of its messages: "[  123.456789] ".
std::string_view WithoutKernelTime(std::string_view message) {
  if (!message.starts_with('[')) return message;
  size_t at = 1;
  while (at < message.size() &&
         (message[at] == ' ' || message[at] == '.' || (message[at] >= '0' && message[at] <= '9'))) {
    ++at;
  }
  if (at < 3 || at + 1 >= message.size() || message[at] != ']' || message[at + 1] != ' ') return message;
  return message.substr(at + 2);
}

class LineReader : public PieceReader {
 public:
  explicit LineReader(const FormatOptions& options)
      : programs_(Programs::Get()),
        given_(options.given),
        utc_offset_(options.utc_offset),
        unknown_(programs_.unknown()),
        maker_(options.utc_offset) {
    if (!given_.is_windows_log()) unknown_.source = given_;
    asa_ = programs_.named("asa");
    ios_ = programs_.named("cisco");
    cef_ = programs_.named("cef");
    leef_ = programs_.named("leef");
  }

  void Read(const PieceBytes& piece, Sink* sink) override {
    const YearRule years(piece.file, Now());
    FindAuditRecords(piece);
    uint32_t audit = 0;  // the next audit record
    const auto& records = chains_.records();
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      if (line.find_first_not_of(" \t") == std::string_view::npos) return;
      if (shapes_.memory() + maker_.memory() > kMaxShapes) {
        sink->ShapesDropped();
        shapes_.Clear();
        maker_.DropShapes();
      }
      Event event;
      event.record = number;
      event.offset = offset;
      if (audit < records.size() && records[audit].number == number) {
        const uint32_t record = audit++;
        if (!records[record].first) return;
        const Envelope e = ReadEnvelope(line, years, utc_offset_);
        maker_.Make(chains_, record, e.host, &event);
      } else {
        ReadLine(line, years, &event);
      }
      sink->OnEvent(event);
    });
  }

 private:
  // The records of the audit system in a piece, which are joined to events wherever they stand.
  void FindAuditRecords(const PieceBytes& piece) {
    chains_.Clear();
    if (memmem(piece.data, piece.size, "audit(", 6) == nullptr) return;
    ForEachLine(piece, [&](std::string_view line, uint64_t, uint64_t number) {
      auditd::RecordHead head;
      if (auditd::ReadHead(line, &head) && !head.type.empty()) chains_.Add(head, number);
    });
  }

  void ReadLine(std::string_view line, const YearRule& years, Event* event) {
    const Envelope e = ReadEnvelope(line, years, utc_offset_);
    event->time = e.time;
    exact_ = e.time != 0 && e.has_year;
    values_.assign(kEnvelopeFields, Value());
    const auto set = [&](EnvelopeField field, std::string_view text) {
      if (!text.empty()) values_[field] = TextValue(text);
    };
    set(kHost, e.host);
    set(kProgram, e.program);
    set(kPid, e.pid);
    set(kFacility, e.facility);
    set(kSeverity, e.severity);
    set(kMessageId, e.message_id);
    set(kStructured, e.structured);
    if (!structured_.params.empty()) structured_.Clear();
    if (!e.structured.empty()) ReadStructured(e.structured, &structured_);
    set(kMessage, e.message);
    set(kRaw, line);

    std::string_view message = e.message;
    const ProgramRules* program = nullptr;
    pairs_.Clear();
    if (cisco::Header h;
        message.find('%') < kMaxBeforeCisco && cisco::FindHeader(message, &h) && h.at < kMaxBeforeCisco) {
      program = cisco::IsFirewall(h) ? asa_ : ios_;
      set(kFacility, h.facility);
      set(kSeverity, h.severity);
      pairs_.pairs.push_back({"mnemonic", h.mnemonic});
      service_ = cisco::kServiceNames[cisco::ServiceOf(h)];
      if (Stamp stamp; event->time == 0 && FindMonthStamp(message.substr(0, h.at), &stamp)) {
        event->time = years.TimeOf(stamp, utc_offset_);
      }
      message = h.text;
      while (message.starts_with(' ')) message.remove_prefix(1);
    } else if (const size_t at = FindCefOrLeef(message); at != std::string_view::npos) {
      message.remove_prefix(at);
      program = message.starts_with('C') ? cef_ : leef_;
    } else {
      program = ProgramOf(e);
    }
    if (e.program == "kernel") message = WithoutKernelTime(message);
    // "message repeated 2 times: [ Failed password for …]"
    static constexpr std::string_view kRepeat = "message repeated ";
    if (message.starts_with(kRepeat)) {
      const size_t times = message.find(" times: [ ");
      if (times != std::string_view::npos && message.ends_with(']')) {
        set(kRepeated, message.substr(kRepeat.size(), times - kRepeat.size()));
        message = message.substr(times + 10);
        message.remove_suffix(1);
      }
    }

    size_t end = 0;
    int rule = program->Match(message, captures_.data(), &end);
    if (rule < 0 && !program->source.product.empty() && program->source.product == "linux") {
      // What many programs write (PAM) is of the program's source with the pattern of all.
      if (const int common = programs_.common().Match(message, captures_.data(), &end); common >= 0) {
        return Finish(*program, CommonOf(*program), common, message, end, event);
      }
    }
    Finish(*program, *program, rule, message, end, event);
  }

  // `program` is whose line it is; `rules` holds the message rule.
  void Finish(const ProgramRules& program, const ProgramRules& rules, int rule, std::string_view message, size_t end,
              Event* event) {
    const size_t captures = rule < 0 ? 0 : rules.messages[static_cast<size_t>(rule)].pattern.fields().size();
    for (size_t i = 0; i < captures; ++i) values_.push_back(TextValue(captures_[i]));
    if (program.payload != Payload::kText) {
      if (rule < 0) {
        ReadPayload(program, message);
      } else if (rules.messages[static_cast<size_t>(rule)].then_payload) {
        ReadPayload(program, message.substr(end));
      }
    }
    int kind = -1;
    if (!rules.kind_field.empty()) {
      kind = rules.KindOf(rules.payload == Payload::kCisco ? service_ : pairs_.Get(rules.kind_field));
    }
    const Structured structured = structured_.params.empty() ? Structured::kNone
                                  : structured_.escaped()    ? Structured::kEscaped
                                                             : Structured::kPlain;
    KeyShapes::Node* at =
        shapes_.Root(static_cast<uint64_t>(structured) << 62 | static_cast<uint64_t>(rules.number) << 32 |
                     static_cast<uint64_t>(kind + 1) << 16 | static_cast<uint64_t>(rule + 1));
    if (structured != Structured::kNone) at = AddStructured(at);
    for (const KeyValue& pair : pairs_.pairs) {
      at = shapes_.Next(at, pair.key);
      values_.push_back(TextValue(pair.value));
    }
    event->shape = &shapes_.ShapeAt(at, [&](Shape* shape, const std::vector<std::string>& keys) {
      MakeShape(rules, kind, rule, structured, keys, shape);
    });
    event->values = values_.data();
    if (!exact_ && rules.tells_time) {
      if (const int64_t time = TimeOfPairs(); time != 0) {
        event->time = time;
      } else if (rule >= 0) {
        const std::vector<std::string>& names = rules.messages[static_cast<size_t>(rule)].pattern.fields();
        for (size_t i = 0; i < names.size(); ++i) {
          if (names[i] == "event_time") event->time = ParseLooseTime(captures_[i], {utc_offset_}).value_or(event->time);
        }
      }
    }
  }

  // Adds the values of structured data; their ids and names are steps like keys, up to "]".
  KeyShapes::Node* AddStructured(KeyShapes::Node* at) {
    std::string_view id;
    for (const StructuredData::Param& param : structured_.params) {
      if (param.id.data() != id.data()) at = shapes_.Next(at, param.id);
      id = param.id;
      at = shapes_.Next(at, param.name);
      values_.push_back(TextValue(param.value));
    }
    return shapes_.Next(at, "]");
  }

  void ReadPayload(const ProgramRules& program, std::string_view text) {
    switch (program.payload) {
      case Payload::kKeyValues:
        return ReadKeyValues(text, &pairs_);
      case Payload::kCsv:
        return ReadCsv(text, program, &pairs_);
      case Payload::kCef:
        if (!ReadCef(text, &pairs_)) pairs_.Clear();
        return;
      case Payload::kLeef:
        if (!ReadLeef(text, &pairs_)) pairs_.Clear();
        return;
      case Payload::kSysmon:
        if (!ReadSysmon(text, &pairs_)) pairs_.Clear();
        return;
      default:
        return;
    }
  }

  // The time that the message tells.
  int64_t TimeOfPairs() const {
    if (const std::string_view time = pairs_.Get("SystemTime"); !time.empty()) return ParseTime(time).value_or(0);
    // FortiGate: eventtime in seconds or nanoseconds since 1970 is exact; else date and time with the zone tz.
    if (const std::string_view time = pairs_.Get("eventtime"); !time.empty()) return ParseAnyTime(time).value_or(0);
    if (const std::string_view date = pairs_.Get("date"); date.size() == 10) {
      return Iso(std::string(date) + 'T' + std::string(pairs_.Get("time")) + std::string(pairs_.Get("tz")));
    }
    // PAN-OS: "2024/10/11 22:14:15". CEF: milliseconds since 1970, or "Oct 11 2024 22:14:15".
    for (const char* name : {"time_generated", "receive_time", "rt", "end", "devTime"}) {
      const std::string_view time = pairs_.Get(name);
      if (time.empty()) continue;
      std::string text(time);
      if (text.size() >= 19 && text[4] == '/' && text[7] == '/') {
        text[4] = text[7] = '-';
        text[10] = 'T';
        return Iso(text);
      }
      Stamp stamp;
      if (ReadMonthStamp(text, &stamp) != 0 && stamp.year != 0) return YearRule(0).TimeOf(stamp, utc_offset_);
      if (const auto number = ParseAnyTime(text)) return *number;
    }
    return 0;
  }

  // A time in ISO 8601, by the user's offset where it has no zone of its own.
  int64_t Iso(const std::string& text) const {
    Stamp stamp;
    return ReadIsoStamp(text, &stamp) == 0 ? 0 : YearRule(0).TimeOf(stamp, utc_offset_);
  }

  const ProgramRules* ProgramOf(const Envelope& e) {
    if (e.program.empty()) {
      const ProgramRules* p = programs_.ByMessage(e.message);
      return p == nullptr ? &unknown_ : p;
    }
    if (e.program == last_name_ && last_ != nullptr) return last_;
    const ProgramRules* p = programs_.Find(e.program);
    if (p == nullptr) {
      p = programs_.ByMessage(e.message);
      return p == nullptr ? &unknown_ : p;
    }
    last_name_.assign(e.program);
    return last_ = p;
  }

  // The message rules of all programs as if they were one program's.
  const ProgramRules& CommonOf(const ProgramRules& program) {
    std::unique_ptr<ProgramRules>& common = common_[program.number];
    if (common == nullptr) {
      common = std::make_unique<ProgramRules>(programs_.common());
      common->source = program.source;
      common->number = static_cast<uint32_t>(programs_.all().size()) + program.number;
    }
    return *common;
  }

  const Programs& programs_;
  const SourceTag given_;
  const int32_t utc_offset_;
  ProgramRules unknown_;  // with what the user says of lines that do not say it themselves
  absl::flat_hash_map<uint32_t, std::unique_ptr<ProgramRules>> common_;
  KeyShapes shapes_;
  std::string last_name_;
  const ProgramRules* last_ = nullptr;  // of last_name_
  const ProgramRules *asa_ = nullptr, *ios_ = nullptr, *cef_ = nullptr, *leef_ = nullptr;
  std::string_view service_;  // of a Cisco message
  bool exact_ = false;        // the line's envelope has a time with its year
  std::vector<Value> values_;
  std::array<std::string_view, kMaxCaptures> captures_;
  KeyValues pairs_;
  StructuredData structured_;
  auditd::Chains chains_;
  auditd::EventMaker maker_;
};

}  // namespace

std::unique_ptr<PieceReader> MakeReader(const FormatOptions& options) { return std::make_unique<LineReader>(options); }

}  // namespace spoor::syslog
