#include "formats/evtx_xml/event.h"

#include "formats/evtx_xml/scanner.h"

namespace spoor::evtx_xml {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr size_t kMaxFields = 4096;  // of an event: binding a shape to rules takes time for each

bool IsSpace(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

bool LooksLikeEvent(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  for (const std::string_view name : {"<Event", "<EventData", "<UserData", "<DataItem"}) {
    if (text.starts_with(name) && text.size() > name.size() &&
        std::string_view(" \t\r\n/>").find(text[name.size()]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool XmlEvent::Open(std::string_view name) {
  if (open_.size() >= kMaxDepth) {
    problem_ = "xml_elements_too_deep";
    return false;
  }
  Element e{};
  e.name = name;
  if (!open_.empty()) {
    open_.back().has_children = true;
    open_.back().text = {};
    open_.back().own = false;
  }
  e.parent = open_.empty() ? Section::kDocument : open_.back().section;
  e.section = e.parent;
  if (e.parent == Section::kDocument || e.parent == Section::kEvent) {
    const bool outer = e.parent == Section::kDocument;
    e.section = name == "System"              ? Section::kSystem
                : name == "EventData"         ? Section::kEventData
                : name == "UserData"          ? Section::kUserData
                : name == "RenderingInfo"     ? Section::kRenderingInfo
                : outer && name == "Event"    ? Section::kEvent
                : outer && name == "DataItem" ? Section::kDocument
                                              : Section::kOther;
  }
  open_.push_back(e);
  return true;
}

void XmlEvent::Add(std::string_view name) { fields_.push_back({name, {}}); }

void XmlEvent::Attribute(std::string_view name, std::string_view text) {
  if (name.starts_with("xmlns") || name.starts_with("xml:")) return;
  Element& e = open_.back();
  if (e.section == Section::kDocument) return;
  e.has_attributes = true;
  size_t begin = own_.size();
  const bool escaped = text.find('&') != std::string_view::npos;
  if (name == "Name" && (e.name == "Data" || e.name == "ComplexData")) {
    e.named = true;
    e.data_name = text;
    return;
  }
  const bool rendering = e.parent == Section::kRenderingInfo || e.section == Section::kRenderingInfo;
  Add({});
  if (rendering && e.name != "RenderingInfo") own_ += "RenderingInfo_";
  own_ += e.name;
  own_ += '_';
  own_ += name;
  late_.push_back({fields_.size() - 1, true, begin, own_.size() - begin});
  if (!escaped) {
    fields_.back().text = text;
    return;
  }
  begin = own_.size();
  AppendUnescaped(text, &own_);
  late_.push_back({fields_.size() - 1, false, begin, own_.size() - begin});
}

void XmlEvent::Text(std::string_view text, bool escaped) {
  Element& e = open_.back();
  if (e.has_children) return;
  escaped = escaped && text.find('&') != std::string_view::npos;
  if (!escaped && e.text.empty() && !e.own) {
    e.text = text;
    return;
  }
  if (!e.own) text_ = e.text;
  e.own = true;
  if (escaped) {
    AppendUnescaped(text, &text_);
  } else {
    text_ += text;
  }
}

bool XmlEvent::Close() {
  const Element e = open_.back();
  open_.pop_back();
  if (e.has_children || e.section == Section::kDocument) return true;
  const bool leaf_of_data =
      (e.parent == Section::kEventData || e.parent == Section::kUserData) && (e.named || !e.has_attributes);
  if (e.text.empty() && !e.own && !leaf_of_data) return true;
  // White space within what holds elements elsewhere is none.
  if (!leaf_of_data && !e.own && (e.parent == Section::kEvent || e.parent == Section::kDocument) && IsSpace(e.text)) {
    return true;
  }
  if (fields_.size() >= kMaxFields) {
    problem_ = "xml_too_many_fields";
    return false;
  }
  Add(e.name);
  const size_t field = fields_.size() - 1;
  if (e.named) {
    fields_.back().name = e.data_name;
    if (e.data_name.find('&') != std::string_view::npos) {
      const size_t begin = own_.size();
      AppendUnescaped(e.data_name, &own_);
      late_.push_back({field, true, begin, own_.size() - begin});
    }
  } else if (e.parent == Section::kRenderingInfo && e.name != "Message") {
    const size_t begin = own_.size();
    own_ += "RenderingInfo_";
    own_ += e.name;
    late_.push_back({field, true, begin, own_.size() - begin});
  }
  fields_.back().text = e.text;
  if (e.own) {
    late_.push_back({field, false, own_.size(), text_.size()});
    own_ += text_;
  }
  return true;
}

bool XmlEvent::Read(std::string_view xml) {
  fields_.clear();
  late_.clear();
  open_.clear();
  own_.clear();
  problem_ = nullptr;
  Scanner scanner(xml);
  bool any = false;
  for (bool more = true; more && problem_ == nullptr;) {
    switch (scanner.Next()) {
      case Scanner::Token::kElement:
        any = true;
        if (!open_.empty() && scanner.name() == "Event" && open_.front().name == "Event") {
          problem_ = "xml_event_within_event";
          break;
        }
        Open(scanner.name());
        break;
      case Scanner::Token::kAttribute:
        if (fields_.size() >= kMaxFields) {
          problem_ = "xml_too_many_fields";
        } else {
          Attribute(scanner.name(), scanner.text());
        }
        break;
      case Scanner::Token::kContent:
        break;
      case Scanner::Token::kClosed:
        if (open_.empty() || (!scanner.name().empty() && scanner.name() != open_.back().name)) {
          problem_ = "xml_not_well_formed";
        } else {
          Close();
        }
        break;
      case Scanner::Token::kText:
        if (!open_.empty()) Text(scanner.text(), true);
        break;
      case Scanner::Token::kCData:
        if (!open_.empty()) Text(scanner.text(), false);
        break;
      case Scanner::Token::kBroken:
        problem_ = "xml_not_well_formed";
        break;
      case Scanner::Token::kEnd:
        if (!open_.empty() || !any) problem_ = "xml_ends_within_event";
        more = false;
        break;
    }
  }
  for (const Late& late : late_) {
    const std::string_view view = std::string_view(own_).substr(late.at, late.size);
    (late.name ? fields_[late.field].name : fields_[late.field].text) = view;
  }
  return problem_ == nullptr;
}

}  // namespace spoor::evtx_xml
