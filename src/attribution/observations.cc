#include "attribution/observations.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/message.h"
#include "base/text.h"

namespace spoor {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

bool Digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A letter (or two) and four digits, as ATT&CK's identifiers are: its first letter in capitals, else 0.
char IdKind(std::string_view text) {
  if (text.size() == 6 && (text[0] == 'T' || text[0] == 't') && (text[1] == 'A' || text[1] == 'a') &&
      Digits(text.substr(2))) {
    return 'A';
  }
  const bool sub = text.size() == 9 && text[5] == '.' && Digits(text.substr(6));
  if ((text.size() != 5 && !sub) || !Digits(text.substr(1, 4))) return 0;
  const char kind = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return sub && kind != 'T' ? char{0} : kind;
}

std::string At(std::string_view from, std::string_view message) {
  return from.empty() ? std::string(message) : Cat(from, ": ", message);
}

}  // namespace

bool ObservationReader::Full() {
  const size_t count = evidence_.techniques.size() + evidence_.software.size() + evidence_.traits.size();
  if (count < kMaxObservations) return false;
  const std::string message = Cat("more than ", kMaxObservations, " observations; the others are left aside");
  if (problems_.empty() || problems_.back() != message) problems_.push_back(message);
  return true;
}

const Technique* ObservationReader::Find(std::string_view id, std::string_view from) {
  const Attack& attack = knowledge_.attack();
  if (const Technique* technique = attack.FindTechnique(id)) return technique;
  const Gone* gone = attack.FindGone(id);
  if (gone == nullptr) {
    problems_.push_back(At(from, Cat("ATT&CK has no technique '", id, "'")));
    return nullptr;
  }
  const char* what = gone->revoked ? "revoked" : "deprecated";
  const Technique* now = gone->replaced_by.empty() ? nullptr : attack.FindTechnique(gone->replaced_by);
  if (now == nullptr) {
    problems_.push_back(
        At(from, Cat(gone->id, " (", gone->name, ") is ", what, ", and ATT&CK names nothing that replaces it")));
  } else {
    notes_.push_back(At(from, Cat(gone->id, " (", gone->name, ") is ", what, "; taken as ", now->id, " (",
                                  attack.FullName(*now), ")")));
  }
  return now;
}

void ObservationReader::AddTechnique(uint32_t technique, double certainty, std::string_view how) {
  for (TechniqueSeen& t : evidence_.techniques) {
    if (t.technique != technique) continue;
    t.certainty = std::max(t.certainty, certainty);
    return;
  }
  evidence_.techniques.push_back({technique, certainty, std::string(how)});
}

void ObservationReader::AddSoftware(std::string_view name, double certainty, std::string_view how,
                                    std::string_view from) {
  const uint32_t number = knowledge_.FindSoftware(name);
  if (number == Knowledge::kNone) {
    problems_.push_back(At(from, Cat("neither ATT&CK nor a profile knows '", name, "'")));
    return;
  }
  for (SoftwareSeen& s : evidence_.software) {
    if (knowledge_.FindSoftware(s.name) != number) continue;
    s.certainty = std::max(s.certainty, certainty);
    return;
  }
  evidence_.software.push_back({std::string(name), certainty, std::string(how)});
}

void ObservationReader::Add(std::string_view text, std::string_view how, std::string_view from) {
  text = Trim(text);
  if (text.empty() || Full()) return;
  double certainty = 1;
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view number = text.substr(at + 1);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), certainty);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size() || !(certainty > 0 && certainty <= 1)) {
      problems_.push_back(At(from, Cat("'", text, "': how certain it is is a number above 0 and up to 1")));
      return;
    }
    text = Trim(text.substr(0, at));
  }
  const char kind = IdKind(text);
  if (kind == 'T') {
    if (const Technique* t = Find(text, from)) AddTechnique(knowledge_.attack().NumberOf(*t), certainty, how);
  } else if (kind == 'G' || kind == 'C' || kind == 'A') {
    problems_.push_back(At(from, Cat("'", text, "' is a ",
                                     kind == 'G'   ? "group"
                                     : kind == 'C' ? "campaign"
                                                   : "tactic",
                                     ", not something that was observed")));
  } else if (const size_t equals = text.find('='); equals != std::string_view::npos) {
    const std::string_view trait = Trim(text.substr(0, equals)), value = Trim(text.substr(equals + 1));
    if (trait.empty() || value.empty()) {
      problems_.push_back(At(from, Cat("'", text, "': a trait is KIND=VALUE")));
    } else {
      evidence_.traits.push_back({std::string(trait), std::string(value), certainty, std::string(how)});
    }
  } else {
    AddSoftware(text, certainty, how, from);
  }
}

void ObservationReader::AddFile(std::string_view content, std::string_view name) {
  size_t number = 0;
  while (!content.empty()) {
    const size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    ++number;
    line = line.substr(0, line.find('#'));
    const size_t tab = line.find('\t');
    Add(line.substr(0, tab), tab == std::string_view::npos ? "" : Trim(line.substr(tab)), Cat(name, ":", number));
  }
}

bool ObservationReader::AddVisible(std::string_view list) {
  const Attack& attack = knowledge_.attack();
  evidence_.visible.resize(attack.techniques().size(), false);
  while (!list.empty()) {
    const size_t end = list.find(',');
    const std::string_view word = Trim(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    if (word.empty()) continue;
    if (const Tactic* tactic = attack.FindTactic(word)) {
      for (uint32_t t = 0; t < attack.techniques().size(); ++t) {
        if (attack.techniques()[t].tactics >> attack.NumberOf(*tactic) & 1) evidence_.visible[t] = true;
      }
    } else if (IdKind(word) == 'T') {
      const Technique* technique = Find(word, "--visible");
      if (technique == nullptr) return false;
      const uint32_t number = attack.NumberOf(*technique);
      evidence_.visible[number] = true;
      for (uint32_t t = number + 1; t < attack.techniques().size() && attack.techniques()[t].parent == number; ++t) {
        evidence_.visible[t] = true;
      }
    } else {
      problems_.push_back(Cat("--visible: '", word, "' is no tactic and no technique"));
      return false;
    }
  }
  return true;
}

}  // namespace spoor
