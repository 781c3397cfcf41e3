// Every field of every record of real logs, held against what evtxexport of libevtx makes of it.
//
// evtxexport prints XML; it is flattened here once more, from the naming rules and not from the reader's code. Texts
// must be the same to the byte but for the differences listed in kRules, each of which is explained, and judged, in
// docs/evtx-differences.md under the same name. Whatever no rule explains fails the test.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "base/text.h"
#include "event/event.h"
#include "support/plain_xml.h"
#include "support/read_events.h"

namespace spoor {
namespace {

using test::PlainXml;
using Fields = std::multimap<std::string, std::string>;  // name -> text

struct Record {
  Fields fields;
  uint64_t offset = 0;
};

// --- theirs ----------------------------------------------------------------------------------------------------

const std::string kMarkup = "\1markup\1";  // what follows stood between tags

bool IsNamespace(const std::string& attribute) { return attribute.starts_with("xmlns"); }

void FlattenElement(const PlainXml& element, const std::string& prefix, Fields* out) {
  std::string name = prefix + element.name;
  for (const auto& [attribute, text] : element.attributes) {
    if (IsNamespace(attribute)) continue;
    if (attribute == "Name" && (element.name == "Data" || element.name == "ComplexData")) {
      name = text;
    } else {
      out->emplace(prefix + element.name + "_" + attribute, text);
    }
  }
  if (element.name == "Data" && !element.children.empty()) {
    // A Data element has no children: this is a text with markup in it, printed without escaping.
    out->emplace(name, kMarkup + element.raw);
    return;
  }
  for (const PlainXml& child : element.children) FlattenElement(child, prefix, out);
  if (element.children.empty()) out->emplace(name, element.text);
}

Fields FlattenEvent(const PlainXml& event) {
  Fields out;
  for (const PlainXml& section : event.children) {
    const bool rendering = section.name == "RenderingInfo";
    for (const auto& [attribute, text] : section.attributes) {
      if (!IsNamespace(attribute)) out.emplace(section.name + "_" + attribute, text);
    }
    for (const PlainXml& child : section.children) {
      FlattenElement(child, rendering && child.name != "Message" ? "RenderingInfo_" : "", &out);
    }
    if (section.children.empty()) out.emplace(section.name, section.text);
  }
  return out;
}

// What evtxexport prints of a file; `mode` is "items" or "recovered". *gave_up: it stopped before the end.
std::string Printed(const std::string& path, const std::string& mode, bool* gave_up) {
  std::string quoted = "'";
  for (char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  std::string output;
  FILE* pipe = popen(("evtxexport -f xml -m " + mode + " " + quoted + "' 2>/dev/null").c_str(), "r");
  char buffer[65536];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  *gave_up = pclose(pipe) != 0;
  return output;
}
std::vector<Record> Theirs(const std::string& path, const std::string& mode, bool* gave_up) {
  std::vector<Record> records;
  for (const PlainXml& event : test::ParsePlainXml(Printed(path, mode, gave_up))) {
    records.push_back({FlattenEvent(event), 0});
  }
  return records;
}

// --- ours ------------------------------------------------------------------------------------------------------

class Ours : public Sink {
 public:
  void OnEvent(const Event& event) override {
    Record& record = records.emplace_back();
    record.offset = event.offset;
    for (const Field& field : event.shape->fields) {
      if (!HasField(event, field)) continue;
      if (field.parts.size() == 1 && event.Part(field.parts[0]).is_array()) {
        // Windows, too, writes an array as one element for each of its values.
        ForEachElement(event.Part(field.parts[0]), [&](const Value& element) {
          std::string text;
          AppendText(element, &text);
          record.fields.emplace(field.name, std::move(text));
        });
        continue;
      }
      std::string text;
      AppendFieldText(event, field, &text);
      record.fields.emplace(field.name, std::move(text));
    }
  }
  void OnDamage(const Damage& d) override { damage.insert(std::string(d.kind)); }
  void ShapesDropped() override {}
  std::vector<Record> records;
  std::set<std::string> damage;
};

// --- differences that are explained ----------------------------------------------------------------------------

// Texts of one field that differ: does the rule explain it?
struct Rule {
  const char* name;
  bool (*explains)(const std::string& field, const std::string& ours, const std::string& theirs);
};

const Rule kRules[] = {
    {"size-is-hexadecimal",
     [](const std::string&, const std::string& ours, const std::string& theirs) {
       return ours.starts_with("0x") && std::to_string(std::strtoull(ours.c_str() + 2, nullptr, 16)) == theirs;
     }},
    {"markup-not-escaped",
     [](const std::string&, const std::string& ours, const std::string& theirs) { return theirs == kMarkup + ours; }},
    {"systemtime-digits",
     [](const std::string&, const std::string& ours, const std::string& theirs) {
       return ours.size() == 27 && ours.ends_with("000Z") && theirs == ours.substr(0, 23) + "Z";
     }},
    {"time-digits",
     [](const std::string&, const std::string& ours, const std::string& theirs) {
       return ours.size() == 28 && ours.back() == 'Z' && theirs == ours.substr(0, 27) + "00Z";
     }},
    {"hex-zeros",
     [](const std::string&, const std::string& ours, const std::string& theirs) {
       const size_t digits = theirs.find_first_not_of('0', 2);
       return ours.starts_with("0x") && theirs.starts_with("0x") && (theirs.size() == 10 || theirs.size() == 18) &&
              ours.substr(2) == (digits == std::string::npos ? "0" : theirs.substr(digits));
     }},
};

class Comparison {
 public:
  void Compare(const std::string& path, const Record& ours, const Record& theirs) {
    Fields mine = ours.fields, yours = theirs.fields;
    // What is the same on both sides, and what is empty, is done with.
    for (auto it = mine.begin(); it != mine.end();) {
      auto [first, last] = yours.equal_range(it->first);
      const auto same = std::find_if(first, last, [&](const auto& f) { return f.second == it->second; });
      if (same == last) {
        ++it;
        continue;
      }
      yours.erase(same);
      it = mine.erase(it);
      ++same_fields;
    }
    std::set<std::string> rules_here;
    const auto empty = [](const auto& f) { return f.second.empty(); };
    if (std::erase_if(mine, empty) + std::erase_if(yours, empty) != 0) rules_here.insert("empty-or-absent");
    for (auto it = mine.begin(); it != mine.end();) {
      const auto [first, last] = yours.equal_range(it->first);
      const Rule* found = nullptr;
      auto other = first;
      for (; other != last && found == nullptr; ++other) {
        for (const Rule& rule : kRules) {
          if (rule.explains(it->first, it->second, other->second)) found = &rule;
        }
        if (found != nullptr) break;
      }
      if (found == nullptr) {
        ++it;
        continue;
      }
      rules_here.insert(found->name);
      yours.erase(other);
      it = mine.erase(it);
    }
    for (const std::string& name : rules_here) ++used[name];
    if (mine.empty() && yours.empty()) return;
    if (++unexplained > 60) return;
    std::string text;
    for (const auto& [name, value] : mine) text += "  ours    " + name + " = «" + value + "»\n";
    for (const auto& [name, value] : yours) text += "  theirs  " + name + " = «" + value + "»\n";
    ADD_FAILURE() << path << " at " << ours.offset << "\n" << text.substr(0, 3000);
  }
  uint64_t same_fields = 0, unexplained = 0;
  std::map<std::string, uint64_t> used;  // rule -> records
};

std::string KeyOf(const Record& r) {
  const auto it = r.fields.find("EventRecordID");
  return it == r.fields.end() ? "" : it->second;
}

TEST(Evtxexport, EveryFieldOfEveryRecordIsTheSame) {
  const std::string folder = SPOOR_SHARED_DATA "/evtx";
  struct stat info;
  if (stat(folder.c_str(), &info) != 0) GTEST_SKIP() << "no logs in " << folder;
  if (std::system("evtxexport -V >/dev/null 2>&1") != 0) GTEST_SKIP() << "evtxexport (libevtx-utils) is not installed";
  Comparison comparison;
  std::vector<std::string> only_ours;  // records evtxexport does not have, by file
  uint64_t files = 0, both = 0, recovered = 0, only_theirs = 0;
  for (const std::string& path : test::FilesBelow(folder, ".evtx")) {
    const std::string name = path.substr(folder.size() + 1);
    bool gave_up = false;
    const std::vector<Record> theirs = Theirs(path, "items", &gave_up);
    Ours ours;
    test::ReadEvents(path, &ours);
    ++files;
    // In order, and by number: what evtxexport left out waits.
    std::vector<const Record*> left;
    size_t next = 0;
    for (const Record& mine : ours.records) {
      if (next < theirs.size() && KeyOf(mine) == KeyOf(theirs[next])) {
        comparison.Compare(name, mine, theirs[next++]);
        ++both;
      } else {
        left.push_back(&mine);
      }
    }
    only_theirs += theirs.size() - next;
    if (left.empty()) continue;
    // Records of a damaged chunk are among those it calls recovered, with others that are remains of earlier use.
    std::multimap<std::string, Record> more;
    for (Record& r : Theirs(path, "recovered", &gave_up)) more.emplace(KeyOf(r), std::move(r));
    for (const Record* mine : left) {
      const auto it = more.find(KeyOf(*mine));
      if (it == more.end()) {
        only_ours.push_back(name);
        continue;
      }
      comparison.Compare(name, *mine, it->second);
      more.erase(it);
      ++recovered;
    }
  }
  for (const auto& [rule, records] : comparison.used) std::printf("%-28s %8lu records\n", rule.c_str(), records);
  std::printf("%lu files, %lu records and %lu recovered ones, %lu fields the same to the byte\n", files, both,
              recovered, comparison.same_fields);
  EXPECT_EQ(comparison.unexplained, 0u);
  EXPECT_EQ(only_theirs, 0u);
  // Attribute values in several pieces, where libevtx gives up.
  EXPECT_EQ(only_ours, std::vector<std::string>{"parser-samples/MSExchange_Management_wec.evtx"});
  EXPECT_GT(both, 10'000u);
}

// The XML that it prints, read by spoor, has the same fields; so an event is the same as EVTX and as XML.
TEST(Evtxexport, ItsXmlHasTheSameFieldsWhenRead) {
  const std::string folder = SPOOR_SHARED_DATA "/evtx";
  struct stat info;
  if (stat(folder.c_str(), &info) != 0) GTEST_SKIP() << "no logs in " << folder;
  if (std::system("evtxexport -V >/dev/null 2>&1") != 0) GTEST_SKIP() << "evtxexport (libevtx-utils) is not installed";
  uint64_t same = 0, with_markup = 0, failed = 0;
  for (const std::string& path : test::FilesBelow(folder, ".evtx")) {
    bool gave_up = false;
    std::string xml = Printed(path, "items", &gave_up);
    xml.erase(0, std::min(xml.find('<'), xml.size()));  // who prints it
    const std::vector<PlainXml> events = test::ParsePlainXml(xml);
    if (events.empty()) continue;
    Ours ours;
    EXPECT_TRUE(test::ReadEventsOf(xml, &ours)) << path;
    // Markup in a text, which it prints without escaping, may look like an event, or like no XML at all.
    size_t next = 0;
    for (const PlainXml& event : events) {
      Fields theirs = FlattenEvent(event);
      const bool markup = std::any_of(theirs.begin(), theirs.end(),
                                      [](const auto& f) { return f.second.find(kMarkup) != std::string::npos; });
      if (next < ours.records.size() &&
          ours.records[next].fields.find("EventRecordID")->second == theirs.find("EventRecordID")->second) {
        Fields mine = ours.records[next++].fields;
        const auto empty = [](const auto& f) { return f.second.empty(); };
        std::erase_if(mine, empty);
        std::erase_if(theirs, empty);
        if (markup) {
          ++with_markup;
        } else if (mine == theirs) {
          ++same;
        } else if (++failed < 10) {
          ADD_FAILURE() << path << " record " << mine.find("EventRecordID")->second;
          for (const auto& f : mine) {
            if (theirs.find(f.first) == theirs.end())
              std::printf("  ours   %s = «%s»\n", f.first.c_str(), f.second.c_str());
          }
          for (const auto& f : theirs) {
            const auto other = mine.find(f.first);
            if (other == mine.end() || other->second != f.second) {
              std::printf("  theirs %s = «%s», ours «%s»\n", f.first.c_str(), f.second.c_str(),
                          other == mine.end() ? "" : other->second.c_str());
            }
          }
        }
      } else if (markup) {
        ++with_markup;
      } else if (++failed < 10) {
        ADD_FAILURE() << path << ": a record is not read";
      }
    }
  }
  EXPECT_EQ(failed, 0u);
  std::printf("%lu records the same, %lu with markup that is not escaped\n", same, with_markup);
  EXPECT_GT(same, 10'000u);
}

}  // namespace
}  // namespace spoor
