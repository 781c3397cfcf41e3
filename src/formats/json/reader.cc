// From a record to an event: simdjson walks it once, front to back; every key is a step down the tree of keys
// (key_tree.h), every scalar a value. No tree of the line is built and no number is converted.
//
// A list becomes one value that is an array. Objects in a list put their values into one array for each of their keys:
// {"a": [{"b": 1}, {"b": 2, "c": 3}]} has the fields a.b (1, 2) and a.c (3). So the shape does not depend on how many
// elements a list has. Null and an empty list are arrays without elements: the field is there, and has no value.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>

#include "base/text.h"
#include "base/time.h"
#include "formats/evtx_xml/event.h"
#include "formats/json/cutter.h"
#include "formats/json/format.h"
#include "formats/json/key_tree.h"
#include "formats/json/string.h"
#include "formats/json/text.h"
#include "formats/lines.h"
#include "formats/loose_time.h"

namespace spoor::json {
namespace {

namespace ondemand = simdjson::ondemand;
using Step = KeyTree::Step;

static_assert(kPiecePadding >= simdjson::SIMDJSON_PADDING, "simdjson reads some bytes behind the text");

constexpr int kMaxDepth = 64;
constexpr size_t kMaxValues = 4096;  // of an event: binding a shape to rules takes time for each
constexpr size_t kMaxTree = 16 << 20;
constexpr size_t kMaxInner = 32;             // texts of an event that are unfolded
constexpr size_t kMaxInnerKept = 256 << 10;  // bytes of an event's; after more their memory is given back
constexpr auto kTextArray = static_cast<ValueType>(static_cast<uint8_t>(ValueType::kUtf8) | kArrayFlag);
const Value kNoValue = {reinterpret_cast<const uint8_t*>(""), 0, kTextArray};

// A number as JSON writes it (RFC 8259 section 6).
bool IsNumber(std::string_view text) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > first;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const size_t first = at;
  if (!digits() || (text[first] == '0' && at > first + 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

std::optional<uint64_t> WholeNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Makes JSON of what is nearly so: invalid UTF-8 becomes U+FFFD, control characters within strings are escaped.
void Mend(std::string_view line, std::string* out) {
  std::string valid;
  AppendValidUtf8(line, &valid);
  out->clear();
  bool in_string = false, escaped = false;
  for (const char c : valid) {
    if (in_string && static_cast<unsigned char>(c) < 0x20) {
      static constexpr char kDigits[] = "0123456789abcdef";
      *out += "\\u00";
      *out += kDigits[static_cast<unsigned char>(c) >> 4];
      *out += kDigits[c & 15];
      escaped = false;
      continue;
    }
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = in_string && c == '\\' && !escaped;
    *out += c;
  }
}

// Between the quotes of a string whose opening quote is before `at`.
std::string_view UntilQuote(const char* at, const char* limit) {
  const char* stop = at;
  while (stop < limit && *stop != '"') stop += *stop == '\\' ? 2 : 1;
  return {at, static_cast<size_t>(std::min(stop, limit) - at)};
}

class RecordReader : public PieceReader {
 public:
  explicit RecordReader(const FormatOptions& options)
      : loose_{options.utc_offset, false},
        tree_(options.given, options.mappings != nullptr ? *options.mappings : Mappings::BuiltIn()) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    if (piece.header == nullptr) {
      ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
        line = Trimmed(line);
        if (!line.empty()) ReadRecord(line, offset, number, sink);
      });
      return;
    }
    uint64_t number = piece.records_before;
    for (size_t at = 0; at + sizeof(Span) <= piece.header->size(); at += sizeof(Span)) {
      Span span;
      std::memcpy(&span, piece.header->data() + at, sizeof span);
      if (span.what != Span::kRecord) {
        sink->OnDamage({piece.offset + span.begin, span.end - span.begin,
                        span.what == Span::kBroken ? "json_record_broken" : "json_between_records"});
        continue;
      }
      ReadRecord(AsText(piece.data + span.begin, span.end - span.begin), piece.offset + span.begin, ++number, sink);
    }
  }

 private:
  void ReadRecord(std::string_view text, uint64_t offset, uint64_t number, Sink* sink) {
    if (tree_.memory() > kMaxTree) {
      sink->ShapesDropped();
      tree_.Clear();
    }
    const char* problem = ReadObject(text);
    if (problem == kNotClean) {
      Mend(text, &mended_);
      problem = ReadObject(Padded(mended_));
    }
    if (problem != nullptr) {
      sink->OnDamage({offset, text.size(), problem == kNotClean ? kInvalid : problem});
      return;
    }
    MappedShape& shape = Unfold();
    for (const auto& [name, object] : shape.objects()) values_.push_back(TextOf(containers_[object]));
    Event event;
    event.shape = &shape.For(&values_);
    event.values = values_.data();
    event.record = number;
    if (shape.record() >= 0) {
      const Value& own = values_[static_cast<size_t>(shape.record())];
      if (own.type == ValueType::kUtf8) event.record = WholeNumber(AsText(own.data, own.size)).value_or(number);
    }
    event.offset = offset;
    for (const uint32_t at : shape.times()) {
      if (values_[at].type != ValueType::kUtf8) continue;
      if (const auto time =
              ParseLooseTime(AsText(values_[at].data, values_[at].size), shape.utc() ? LooseTimes() : loose_)) {
        event.time = *time;
        break;
      }
    }
    sink->OnEvent(event);
  }

  static constexpr const char* kInvalid = "json_line_invalid";
  static constexpr const char* kNotAnObject = "json_line_not_an_object";
  static constexpr const char* kTooDeep = "json_line_too_deep";
  static constexpr const char* kTooManyKeys = "json_line_too_many_keys";
  static constexpr const char* kNotClean = "json_line_not_clean";  // may be read when mended

  // Copies a text to where what follows it may be read.
  std::string_view Padded(std::string_view text) {
    padded_.assign(text);
    padded_.append(simdjson::SIMDJSON_PADDING, ' ');
    return std::string_view(padded_).substr(0, text.size());
  }

  static const char* Problem(simdjson::error_code error) {
    switch (error) {
      case simdjson::SUCCESS:
        return nullptr;
      case simdjson::UTF8_ERROR:
      case simdjson::UNESCAPED_CHARS:
        return kNotClean;
      case simdjson::DEPTH_ERROR:
        return kTooDeep;
      default:
        return kInvalid;
    }
  }

  // Fills values_ and leaves at_ where in the tree the event ends; or says what is wrong. REQUIRES: `line` is padded.
  const char* ReadObject(std::string_view line) {
    values_.clear();
    lists_.clear();
    in_lists_.clear();
    odd_texts_.clear();
    containers_.clear();
    inner_used_ = 0;
    if (inner_bytes_ > kMaxInnerKept) inner_.clear();
    inner_bytes_ = 0;
    if (line.front() != '{') return kNotAnObject;
    at_ = tree_.root();
    const char* const problem = ReadWith(&parser_, line);
    SetLists();
    return problem;
  }

  // Where values are that are lists.
  void SetLists() {
    for (const auto& [value, offset] : in_lists_) {
      values_[value].data = reinterpret_cast<const uint8_t*>(lists_.data()) + offset;
    }
  }

  // Reads an object from where at_ is. REQUIRES: `text` is padded, and that the texts the parser holds are not needed.
  const char* ReadWith(ondemand::parser* parser, std::string_view text) {
    limit_ = text.data() + text.size();
    ondemand::document document;
    if (const auto error =
            parser->iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).get(document)) {
      return Problem(error);
    }
    ondemand::object object;
    if (const auto error = document.get_object().get(object)) return Problem(error);
    if (const char* problem = Object(object, 1)) return problem;
    const char* behind;  // the object, if there is more than it
    return document.current_location().get(behind) == simdjson::SUCCESS ? kInvalid : nullptr;
  }

  // Adds what the texts say that are JSON or XML themselves, where the mapping asks for it. The event's shape.
  MappedShape& Unfold() {
    MappedShape* shape = &tree_.ShapeAt(at_);
    for (size_t done = 0; !shape->unfold().empty();) {
      const size_t before = values_.size();
      for (const auto& [field, name, known] : shape->unfold()) {
        if (field >= done && field < before) UnfoldOne(field, name);
      }
      done = before;
      if (values_.size() == before) break;
      shape = &tree_.ShapeAt(at_);
    }
    return *shape;
  }

  void UnfoldOne(uint32_t field, const std::string& name) {
    if (values_[field].type != ValueType::kUtf8 || inner_used_ >= kMaxInner) return;
    const std::string_view text = Trimmed(AsText(values_[field].data, values_[field].size));
    if (text.empty() || (text[0] != '{' && text[0] != '[' && text[0] != '<')) return;
    if (inner_used_ == inner_.size()) inner_.emplace_back();
    Inner& inner = inner_[inner_used_++];
    KeyTree::Node* const back = at_;
    const size_t values = values_.size(), containers = containers_.size(), lists = in_lists_.size();
    const bool list = text[0] == '[';
    inner.text.clear();
    if (list) {  // an object's only member
      inner.text += '{';
      AppendJsonString(name, &inner.text);
      inner.text += ':';
    }
    if (text[0] != '<') inner.text += text;
    if (list) inner.text += '}';
    inner_bytes_ += inner.text.size();
    const size_t size = inner.text.size();
    inner.text.append(simdjson::SIMDJSON_PADDING, ' ');
    at_ = tree_.Next(at_, Step::kInner, list ? "" : name);
    containers_.push_back({inner.text.data(), inner.text.data() + size, false});
    const char* problem = nullptr;
    if (text[0] == '<') {
      problem = evtx_xml::LooksLikeEvent(text) && inner.xml.Read(text) ? nullptr : kInvalid;
      for (const evtx_xml::XmlField& f : inner.xml.fields()) {
        at_ = tree_.Next(at_, Step::kName, f.name);
        values_.push_back(
            {reinterpret_cast<const uint8_t*>(f.text.data()), static_cast<uint32_t>(f.text.size()), ValueType::kUtf8});
      }
    } else {
      problem = ReadWith(&inner.parser, std::string_view(inner.text).substr(0, size));
    }
    at_ = tree_.Next(at_, Step::kClose, "");
    if (problem != nullptr || values_.size() > kMaxValues) {  // it stays a text
      at_ = back;
      values_.resize(values);
      containers_.resize(containers);
      in_lists_.resize(lists);
    }
    SetLists();
  }

  // An object or a list of objects.
  struct Place {
    const char* at;  // behind the quote that opens its key, or where it begins
    const char* limit;
    bool key;
  };
  static Value TextOf(const Place& place) {
    const char* at = place.at;
    if (place.key) {
      at += UntilQuote(at, place.limit).size();
      while (at < place.limit && *at != '{' && *at != '[') ++at;
    }
    const std::string_view rest(at, static_cast<size_t>(place.limit - at));
    const size_t size = rest.empty() ? 0 : EndOfObject(rest);
    return {reinterpret_cast<const uint8_t*>(at), static_cast<uint32_t>(size), ValueType::kUtf8};
  }

  // The key of a field, as written.
  std::string_view KeyText(const ondemand::raw_json_string& key) const { return UntilQuote(key.raw(), limit_); }

  void Go(Step step, const ondemand::raw_json_string& key) {
    KeyTree::Node* const guess =
        at_->Guess(step, reinterpret_cast<const uint8_t*>(key.raw()), reinterpret_cast<const uint8_t*>(limit_));
    at_ = guess != nullptr ? guess : tree_.Next(at_, step, KeyText(key));
  }

  const char* Object(ondemand::object object, int depth) {
    if (depth > kMaxDepth) return kTooDeep;
    for (auto field : object) {
      ondemand::raw_json_string key;
      if (const auto error = field.key().get(key)) return Problem(error);
      ondemand::value value;
      if (const auto error = field.value().get(value)) return Problem(error);
      ondemand::json_type type;
      if (const auto error = value.type().get(type)) return Problem(error);
      if (type == ondemand::json_type::object) {
        ondemand::object inner;
        if (const auto error = value.get_object().get(inner)) return Problem(error);
        Go(Step::kOpen, key);
        containers_.push_back({key.raw(), limit_, true});
        if (const char* problem = Object(inner, depth + 1)) return problem;
        at_ = tree_.Next(at_, Step::kClose, "");
      } else if (type == ondemand::json_type::array) {
        ondemand::array list;
        if (const auto error = value.get_array().get(list)) return Problem(error);
        columns_.clear();
        name_.clear();
        hint_ = 0;
        if (const char* problem = List(list, depth + 1)) return problem;
        AddColumns(key);
      } else {
        Value made;
        if (const char* problem = Scalar(value, type, &made)) return problem;
        Go(Step::kValue, key);
        values_.push_back(made);
      }
      if (values_.size() > kMaxValues) return kTooManyKeys;
    }
    return nullptr;
  }

  const char* Scalar(ondemand::value value, ondemand::json_type type, Value* made) {
    std::string_view text;
    switch (type) {
      case ondemand::json_type::string: {
        const auto error = value.get_string().get(text);
        if (error == simdjson::STRING_ERROR) {  // half a surrogate pair, or an escape that is none
          ondemand::raw_json_string raw;
          if (const auto again = value.get_raw_json_string().get(raw)) return Problem(again);
          std::string& own = odd_texts_.emplace_back();
          AppendUnescaped(UntilQuote(raw.raw(), limit_), &own);
          text = own;
        } else if (error) {
          return Problem(error);
        }
        break;
      }
      case ondemand::json_type::number:
        text = Trimmed(value.raw_json_token());
        if (!IsNumber(text)) return kInvalid;
        break;
      case ondemand::json_type::boolean: {
        bool truth;
        if (const auto error = value.get_bool().get(truth)) return Problem(error);
        text = truth ? "true" : "false";
        break;
      }
      default:
        if (bool null = false; value.is_null().get(null) || !null) return kInvalid;
        *made = kNoValue;
        return nullptr;
    }
    *made = {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
    return nullptr;
  }

  // The values that a list has under one name; "": the elements that are no objects.
  struct Column {
    std::string name;
    std::string elements;  // as an array value has them
  };

  Column* ColumnOf(std::string_view name) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      Column& column = columns_[hint_ < columns_.size() ? hint_ : hint_ = 0];
      ++hint_;
      if (column.name == name) return &column;
    }
    if (columns_.size() >= kMaxValues) return nullptr;
    hint_ = columns_.size() + 1;
    return &columns_.emplace_back(Column{std::string(name), ""});
  }

  const char* List(ondemand::array list, int depth) {
    if (depth > kMaxDepth) return kTooDeep;
    bool any = false;
    for (auto element : list) {
      any = true;
      ondemand::value value;
      if (const auto error = element.get(value)) return Problem(error);
      if (const char* problem = Element(value, depth)) return problem;
    }
    return any || ColumnOf(name_) != nullptr ? nullptr : kTooManyKeys;
  }

  // An element of a list, or a value in an object in one; name_ says where.
  const char* Element(ondemand::value value, int depth) {
    ondemand::json_type type;
    if (const auto error = value.type().get(type)) return Problem(error);
    if (type == ondemand::json_type::array) {
      ondemand::array inner;
      if (const auto error = value.get_array().get(inner)) return Problem(error);
      return List(inner, depth + 1);
    }
    if (type == ondemand::json_type::object) {
      ondemand::object inner;
      if (const auto error = value.get_object().get(inner)) return Problem(error);
      if (depth > kMaxDepth) return kTooDeep;
      const size_t before = name_.size();
      // What converters make of <Data Name="Image">a.exe</Data> is named by its name:
      // {"@Name":"Image","#text":"a.exe"}.
      std::string label;
      enum { kFirst, kPlain, kLabelled, kDone } state = kFirst;
      for (auto field : inner) {
        ondemand::raw_json_string key;
        if (const auto error = field.key().get(key)) return Problem(error);
        ondemand::value child;
        if (const auto error = field.value().get(child)) return Problem(error);
        const std::string_view text = KeyText(key);
        if (before > 0) name_ += '.';
        if (state == kFirst && text == "@Name") {
          std::string_view said;
          if (child.get_string().get(said) == simdjson::SUCCESS) {
            label = said;
            state = kLabelled;
            name_.resize(before);
            continue;
          }
        }
        if (state == kLabelled && text == "#text") {
          name_ += label;
          state = kDone;
        } else {
          AppendUnescaped(text, &name_);
          if (state == kFirst) state = kPlain;
        }
        if (const char* problem = Element(child, depth + 1)) return problem;
        name_.resize(before);
      }
      if (state == kLabelled) {  // it has no text
        if (before > 0) name_ += '.';
        name_ += label;
        Column* const column = ColumnOf(name_);
        if (column == nullptr) return kTooManyKeys;
        AppendUtf8Element("", &column->elements);
        name_.resize(before);
      }
      return nullptr;
    }
    Value made;
    if (const char* problem = Scalar(value, type, &made)) return problem;
    Column* const column = ColumnOf(name_);  // of a list with nothing but null in it, there is one without elements
    if (column == nullptr) return kTooManyKeys;
    if (!made.is_array()) AppendUtf8Element(AsText(made.data, made.size), &column->elements);
    return nullptr;
  }

  // Makes the steps and values of the list that columns_ holds.
  void AddColumns(const ondemand::raw_json_string& key) {
    if (columns_.empty()) {  // nothing but empty objects in it
      Go(Step::kValue, key);
      values_.push_back(kNoValue);
      return;
    }
    bool open = false;
    for (const Column& column : columns_) {
      if (!column.name.empty()) continue;
      Go(Step::kValue, key);
      AddList(column);
    }
    for (const Column& column : columns_) {
      if (column.name.empty()) continue;
      if (!std::exchange(open, true)) {
        Go(Step::kOpen, key);
        containers_.push_back({key.raw(), limit_, true});
      }
      at_ = tree_.Next(at_, Step::kName, column.name);
      AddList(column);
    }
    if (open) at_ = tree_.Next(at_, Step::kClose, "");
  }

  void AddList(const Column& column) {
    in_lists_.emplace_back(values_.size(), lists_.size());
    values_.push_back({nullptr, static_cast<uint32_t>(column.elements.size()), kTextArray});
    lists_ += column.elements;
  }

  // A text within the record that is JSON or XML itself. Texts of its values are its own.
  struct Inner {
    std::string text;
    ondemand::parser parser;
    evtx_xml::XmlEvent xml;
  };

  const LooseTimes loose_;
  ondemand::parser parser_;
  KeyTree tree_;
  std::string padded_, mended_;
  // Of the line being read.
  const char* limit_ = nullptr;
  KeyTree::Node* at_ = nullptr;
  std::vector<Value> values_;
  std::string lists_;                                // the elements of its lists
  std::vector<std::pair<size_t, size_t>> in_lists_;  // values that are there, and where
  std::deque<std::string> odd_texts_;                // strings simdjson does not take
  std::vector<Place> containers_;                    // its objects, in order
  std::deque<Inner> inner_;
  size_t inner_used_ = 0, inner_bytes_ = 0;  // of this record
  std::vector<Column> columns_;
  std::string name_;
  size_t hint_ = 0;
};

}  // namespace

const Format kFormat = {
    "json",
    IsJson,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> {
      return std::make_unique<RecordReader>(options);
    },
    MakeCutter,
};

}  // namespace spoor::json
