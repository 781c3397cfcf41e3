// Line by line: settings change the state, "event" lines with their bodies become records, in order.
//
// The tree of a record is what Windows stores: System with its values under the numbers Windows gives them
// (0 level … 16 channel, 17 the nested value), then the event's own data.
#include "support/event_text.h"

#include <cctype>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "support/value_text.h"
#include "support/xml_text.h"

namespace spoor::test {
namespace {

constexpr char kNamespace[] = "http://schemas.microsoft.com/win/2004/08/events/event";

// Numbers of the System part's substitutions, in the order of a Windows template instance.
enum Slot {
  kLevel,
  kOpcode,
  kTask,
  kEventId,
  kQualifiers,
  kKeywords,
  kTime,
  kActivity,
  kProcess,
  kThread,
  kRecordId,
  kVersion,
  kUser,
  kRelated,
  kProviderName,
  kProviderGuid,
  kChannel,
  kFirstNested
};

struct Settings {
  std::string channel = "Application", provider = "Application", event_source, computer = "WS1";
  std::string guid;  // text, empty: none
  std::string user;
  Form form = Form::kNested;
  bool literal_system = false, terminated = false;
};

using Keys = std::map<std::string, std::string>;

TypedValue Typed(const std::string& type, const std::string& text, absl::Status* status) {
  auto parsed = ParseValue(text == "null" ? text : type + " " + text);
  if (!parsed.ok()) {
    *status = parsed.status();
    return {};
  }
  return parsed->value;
}

class SystemTree {
 public:
  SystemTree(const Settings& settings, const Keys& keys, absl::Status* status)
      : settings_(settings), keys_(keys), status_(status) {}

  XmlNode Make(const std::string& time) {
    const bool security = settings_.channel == "Security";
    const bool literal = settings_.literal_system;
    XmlNode system = XmlNode::Element("System");
    auto add = [&](XmlNode node) { system.children.push_back(std::move(node)); };
    auto simple = [&](const char* name, Slot slot, const char* type, const std::string& value) {
      add(XmlNode::Element(name, {}, {Value(slot, type, value)}));
    };
    add(Provider(literal));
    add(XmlNode::Element("EventID", {{"Qualifiers", {Value(kQualifiers, "uint16", Key("qualifiers", "null"))}}},
                         {Value(kEventId, "uint16", keys_.at("event"))}));
    if (!literal) simple("Version", kVersion, "uint8", Key("version", "0"));
    simple("Level", kLevel, "uint8", Key("level", security ? "0" : "4"));
    simple("Task", kTask, "uint16", Key("task", "0"));
    if (!literal) simple("Opcode", kOpcode, "uint8", Key("opcode", "0"));
    simple("Keywords", kKeywords, "hex64", Key("keywords", security ? "0x8020000000000000" : "0x8000000000000000"));
    add(XmlNode::Element("TimeCreated", {{"SystemTime", {Value(kTime, "filetime", time)}}}));
    simple("EventRecordID", kRecordId, "uint64", Key("recordid", keys_.at("record")));
    if (!literal) {
      add(XmlNode::Element("Correlation", {{"ActivityID", {Value(kActivity, "guid", Key("activity", "null"))}},
                                           {"RelatedActivityID", {Value(kRelated, "guid", Key("related", "null"))}}}));
      add(XmlNode::Element("Execution", {{"ProcessID", {Value(kProcess, "uint32", Key("pid", "4"))}},
                                         {"ThreadID", {Value(kThread, "uint32", Key("tid", "8"))}}}));
    }
    add(XmlNode::Element(
        "Channel", {},
        {literal ? XmlNode::Text(settings_.channel) : Value(kChannel, "string", Quoted(settings_.channel))}));
    add(XmlNode::Element("Computer", {}, {XmlNode::Text(settings_.computer)}));
    add(XmlNode::Element("Security", {{"UserID", {Value(kUser, "sid", Key("user", User()))}}}));
    return system;
  }

 private:
  XmlNode Provider(bool literal) {
    XmlNode node = XmlNode::Element("Provider");
    if (literal) {
      node.attributes.push_back({"Name", {XmlNode::Text(settings_.provider)}});
      if (!settings_.guid.empty()) node.attributes.push_back({"Guid", {XmlNode::Text(settings_.guid)}});
    } else {
      node.attributes.push_back({"Name", {Value(kProviderName, "string", Quoted(settings_.provider))}});
      node.attributes.push_back(
          {"Guid", {Value(kProviderGuid, "guid", settings_.guid.empty() ? "null" : settings_.guid)}});
    }
    if (!settings_.event_source.empty()) {
      node.attributes.push_back({"EventSourceName", {XmlNode::Text(settings_.event_source)}});
    }
    return node;
  }
  std::string Key(const char* key, const std::string& otherwise) const {
    auto it = keys_.find(key);
    return it == keys_.end() ? otherwise : it->second;
  }
  std::string User() const { return settings_.user.empty() ? "null" : settings_.user; }
  static std::string Quoted(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    return out + "\"";
  }
  XmlNode Value(Slot slot, const char* type, const std::string& text) {
    XmlNode node = XmlNode::Value(Typed(type, text, status_), text == "null" ? "" : text, true, slot);
    if (auto declared = ParseValue(std::string("null ") + type); declared.ok()) node.declared = declared->declared;
    if (type == std::string("string") && !text.empty() && text[0] == '"') {
      node.text = ParseValue(text)->as_text;
    }
    return node;
  }

  const Settings& settings_;
  const Keys& keys_;
  absl::Status* status_;
};

std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  for (char c : line) {
    if (c == ' ' || c == '\t') {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else if (c != '[' && c != ']') {
      word.push_back(c);
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// {n}, {n%60+1}, {02n}, {n:a|b} in one line; braces that are something else stay.
std::string Expand(std::string_view line, uint64_t n) {
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    size_t p = i + 1;
    size_t width = 0;
    while (line[i] == '{' && p < line.size() && std::isdigit(static_cast<unsigned char>(line[p]))) {
      width = std::min<size_t>(width * 10 + static_cast<size_t>(line[p++] - '0'), 20);
    }
    const size_t end = line.find('}', i);
    if (line[i] != '{' || end == std::string_view::npos || p >= line.size() || line[p] != 'n' ||
        std::string_view("}+*%:").find(line[p + 1]) == std::string_view::npos) {
      out.push_back(line[i]);
      continue;
    }
    uint64_t value = n;
    for (++p; p < end && line[p] != ':';) {
      const char op = line[p++];
      uint64_t operand = 0;
      while (p < end && std::isdigit(static_cast<unsigned char>(line[p]))) {
        operand = operand * 10 + static_cast<uint64_t>(line[p++] - '0');
      }
      value = op == '+' ? value + operand : op == '*' ? value * operand : operand == 0 ? 0 : value % operand;
      if (p < end && std::string_view("+*%:").find(line[p]) == std::string_view::npos) break;
    }
    if (p < end && line[p] == ':') {
      std::vector<std::string_view> choices(1);
      size_t start = ++p;
      for (; p < end; ++p) {
        if (line[p] != '|') continue;
        choices.back() = line.substr(start, p - start);
        choices.emplace_back();
        start = p + 1;
      }
      choices.back() = line.substr(start, end - start);
      out += choices[value % choices.size()];
    } else {
      const std::string digits = std::to_string(value);
      if (digits.size() < width) out.append(width - digits.size(), '0');
      out += digits;
    }
    i = end;
  }
  return out;
}

// Reads a description and hands records and layout commands on.
class Reader {
 public:
  struct Sink {
    std::function<absl::Status(const Record&)> record;
    std::function<void()> chunk;
    std::function<void(size_t gap)> slack;
    FileOptions* options;
  };
  explicit Reader(Sink sink) : sink_(std::move(sink)) {}

  absl::Status Run(std::string_view text) {
    std::vector<std::string_view> lines;
    for (size_t start = 0; start < text.size();) {
      const size_t end = std::min(text.find('\n', start), text.size());
      std::string_view line = text.substr(start, end - start);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      lines.push_back(line);
      start = end + 1;
    }
    return Lines(lines, 0, std::nullopt);
  }

 private:
  static bool Indented(std::string_view line) { return !line.empty() && (line[0] == ' ' || line[0] == '\t'); }

  absl::Status At(size_t line, const std::string& why) {
    return absl::InvalidArgumentError("line " + std::to_string(line + 1) + ": " + why);
  }

  absl::Status Lines(const std::vector<std::string_view>& lines, size_t first, std::optional<uint64_t> turn) {
    for (size_t i = 0; i < lines.size();) {
      const std::string line = turn ? Expand(lines[i], *turn) : std::string(lines[i]);
      const std::string_view content = Trim(line);
      const size_t here = i++;
      if (content.empty() || content[0] == '#') continue;
      if (Indented(line)) return At(first + here, "indented, but not below an event");
      absl::Status status;
      if (content.substr(0, 6) == "event ") {
        std::vector<std::string> body;
        for (; i < lines.size(); ++i) {
          if (!Indented(lines[i]) && !Trim(lines[i]).empty()) break;
          body.push_back(turn ? Expand(lines[i], *turn) : std::string(lines[i]));
        }
        status = Event(content, body);
      } else if (content.substr(0, 7) == "repeat ") {
        size_t end = i;
        while (end < lines.size() && Trim(lines[end]) != "end") ++end;
        const auto count = ParseInteger(Trim(content.substr(7)));
        if (!count || end == lines.size()) return At(first + here, "repeat needs a number, and an end");
        if (turn) return At(first + here, "repeat inside repeat");
        const std::vector<std::string_view> inner(lines.begin() + static_cast<long>(i),
                                                  lines.begin() + static_cast<long>(end));
        for (uint64_t n = 0; n < *count; ++n) {
          if (absl::Status inside = Lines(inner, first + i, n); !inside.ok()) return inside;
        }
        i = end + 1;
      } else {
        status = Setting(content);
      }
      if (!status.ok()) return At(first + here, std::string(status.message()));
    }
    return absl::OkStatus();
  }

  absl::Status Setting(std::string_view line) {
    const std::vector<std::string> words = Words(line);
    if (words[0] == "chunk") {
      sink_.chunk();
      return absl::OkStatus();
    }
    if (words[0] == "slack") {
      uint64_t gap = 0;
      if (words.size() > 1 && words[1].substr(0, 4) == "gap=") gap = ParseInteger(words[1].substr(4)).value_or(0);
      sink_.slack(gap);
      return absl::OkStatus();
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return absl::InvalidArgumentError("not understood: " + std::string(line));
    const std::string key(Trim(line.substr(0, colon)));
    const std::string value(Trim(line.substr(colon + 1)));
    if (key == "log") {
      settings_.channel = value;
    } else if (key == "provider") {
      Provider(value);
    } else if (key == "computer") {
      settings_.computer = value;
    } else if (key == "user") {
      settings_.user = value == "none" ? "" : value;
    } else if (key == "strings") {
      settings_.terminated = value == "terminated";
    } else if (key == "system") {
      settings_.literal_system = value == "literal";
    } else if (key == "form") {
      static const std::map<std::string, Form> kForms = {
          {"nested", Form::kNested},     {"single", Form::kSingle}, {"bare", Form::kBare},
          {"elements", Form::kElements}, {"plain", Form::kPlain},   {"bare-elements", Form::kBareElements}};
      auto it = kForms.find(value);
      if (it == kForms.end()) return absl::InvalidArgumentError("no such form: " + value);
      settings_.form = it->second;
    } else if (key == "file") {
      return FileSetting(Words(value));
    } else {
      return absl::InvalidArgumentError("no such setting: " + key);
    }
    return absl::OkStatus();
  }

  void Provider(const std::string& value) {
    const size_t open = value.find('{');
    const size_t close = value.find('}');
    settings_.provider = std::string(Trim(std::string_view(value).substr(0, open)));
    settings_.guid.clear();
    settings_.event_source.clear();
    if (open == std::string::npos || close == std::string::npos) return;
    settings_.guid = value.substr(open, close - open + 1);
    settings_.event_source = std::string(Trim(std::string_view(value).substr(close + 1)));
  }

  absl::Status FileSetting(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      const size_t equals = std::min(word.find('='), word.size());
      const std::string key = word.substr(0, equals);
      const std::string value = equals < word.size() ? word.substr(equals + 1) : "";
      const uint64_t number = ParseInteger(value).value_or(0);
      if (key == "dirty") {
        sink_.options->dirty = true;
      } else if (key == "full") {
        sink_.options->full = true;
      } else if (key == "header" && value == "unwritten") {
        sink_.options->header_unwritten = true;
      } else if (key == "chunks") {
        sink_.options->chunk_count = static_cast<uint16_t>(number);
      } else if (key == "records-per-chunk") {
        sink_.options->records_per_chunk = number;
      } else if (key == "empty-chunks") {
        sink_.options->empty_chunks = number;
      } else {
        return absl::InvalidArgumentError("no such file option: " + word);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Event(std::string_view line, const std::vector<std::string>& body) {
    const std::vector<std::string> words = Words(line);
    if (words.size() < 3) return absl::InvalidArgumentError("an event needs an id and a time");
    Keys keys;
    keys["event"] = words[1];
    for (size_t i = 3; i < words.size(); ++i) {
      const size_t equals = words[i].find('=');
      if (equals == std::string::npos) return absl::InvalidArgumentError("not key=value: " + words[i]);
      static const std::string kKnown =
          " record recordid level task opcode keywords version qualifiers pid tid user activity related ";
      if (kKnown.find(" " + words[i].substr(0, equals) + " ") == std::string::npos) {
        return absl::InvalidArgumentError("no such key: " + words[i]);
      }
      keys[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    }
    const bool relative = words[2][0] == '+';
    const auto time = relative ? ParseTicks(words[2].substr(1)) : ParseFileTime(words[2]);
    if (!time) return absl::InvalidArgumentError("not a time: " + words[2]);
    time_ = relative ? time_ + *time : *time;

    Record record;
    if (auto it = keys.find("record"); it != keys.end()) {
      const auto number = ParseInteger(it->second);
      if (!number) return absl::InvalidArgumentError("not a record number: " + it->second);
      record_ = *number;
    } else {
      keys["record"] = std::to_string(record_);
    }
    record.number = record_++;
    record.time = time_;
    record.form = settings_.form;
    absl::Status status;
    record.event = XmlNode::Element("Event", {{"xmlns", {XmlNode::Text(kNamespace)}}});
    record.event.children.push_back(SystemTree(settings_, keys, &status).Make(TimeText()));
    if (status.ok()) status = Body(body, &record.event);
    if (!status.ok()) return status;
    return sink_.record(record);
  }

  // time_ as text for Make, which wants everything as text.
  std::string TimeText() const {
    const uint64_t days = time_ / 864000000000u;
    uint64_t rest = days;
    int year = 1601;
    auto leap = [](int y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); };
    while (rest >= (leap(year) ? 366u : 365u)) rest -= leap(year++) ? 366 : 365;
    static constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned month = 0;
    for (; rest >= kDays[month] + (month == 1 && leap(year) ? 1u : 0u); ++month) {
      rest -= kDays[month] + (month == 1 && leap(year) ? 1u : 0u);
    }
    const uint64_t ticks = time_ % 864000000000u;
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02u:%02u:%02u.%07uZ", year, month + 1,
                  static_cast<unsigned>(rest + 1), static_cast<unsigned>(ticks / 36000000000u),
                  static_cast<unsigned>(ticks / 600000000 % 60), static_cast<unsigned>(ticks / 10000000 % 60),
                  static_cast<unsigned>(ticks % 10000000));
    return text;
  }

  absl::Status Body(const std::vector<std::string>& lines, XmlNode* event) {
    XmlNode data = XmlNode::Element("EventData");
    std::string xml;
    for (const std::string& line : lines) {
      const std::string_view text = Trim(line);
      if (!xml.empty() || (!text.empty() && text[0] == '<')) {
        if (!xml.empty()) xml.push_back('\n');
        xml += text;
        continue;
      }
      if (text.empty() || text[0] == '#') continue;
      if (absl::Status status = Field(text, &data); !status.ok()) return status;
    }
    int slot = kFirstNested;
    auto nest = [&](XmlNode element) {
      XmlNode nested = XmlNode::Nested(std::move(element));
      nested.slot = slot++;
      event->children.push_back(std::move(nested));
    };
    if (!data.children.empty()) nest(std::move(data));
    if (xml.empty()) return absl::OkStatus();
    auto nodes = ParseXml(xml, settings_.terminated);
    if (!nodes.ok()) return nodes.status();
    for (XmlNode& node : *nodes) {
      if (node.kind == XmlNode::Kind::kElement && node.text != "RenderingInfo") {
        nest(std::move(node));
      } else {
        event->children.push_back(std::move(node));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Field(std::string_view line, XmlNode* data) {
    std::string name;
    bool named = true, optional = false;
    std::string_view value;
    if (line.substr(0, 2) == "- " || line == "-") {
      named = false;
      value = line.substr(1);
    } else {
      size_t colon = line.find(": ");
      if (colon == std::string_view::npos && !line.empty() && line.back() == ':') colon = line.size() - 1;
      if (colon == std::string_view::npos) return absl::InvalidArgumentError("not NAME: VALUE: " + std::string(line));
      name = std::string(Trim(line.substr(0, colon)));
      optional = !name.empty() && name.back() == '?';
      if (optional) name.pop_back();
      value = line.substr(colon + 1);
    }
    auto parsed = ParseValue(value, settings_.terminated);
    if (!parsed.ok()) return parsed.status();
    XmlNode content =
        parsed->constant ? XmlNode::Text(parsed->as_text) : XmlNode::Value(parsed->value, parsed->as_text, optional);
    if (!parsed->constant) content.declared = parsed->declared;
    XmlNode element = XmlNode::Element("Data", {}, {std::move(content)});
    if (named) element.attributes.push_back({"Name", {XmlNode::Text(name)}});
    data->children.push_back(std::move(element));
    return absl::OkStatus();
  }

  Sink sink_;
  Settings settings_;
  uint64_t record_ = 1;
  uint64_t time_ = 0;
};

}  // namespace

absl::StatusOr<std::string> MakeEvtx(std::string_view description) {
  EvtxWriter writer;
  Reader reader({[&](const Record& record) { return writer.Add(record); }, [&] { writer.EndChunk(); },
                 [&](size_t gap) { writer.BeginSlack(gap); }, &writer.options()});
  if (absl::Status status = reader.Run(description); !status.ok()) return status;
  return writer.Finish();
}

absl::StatusOr<std::vector<Record>> ParseEvents(std::string_view description) {
  std::vector<Record> records;
  FileOptions options;
  Reader reader({[&](const Record& record) {
                   records.push_back(record);
                   return absl::OkStatus();
                 },
                 [] {}, [](size_t) {}, &options});
  if (absl::Status status = reader.Run(description); !status.ok()) return status;
  return records;
}

}  // namespace spoor::test
