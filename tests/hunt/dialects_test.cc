// The same Windows events in every form that tools write give the same findings: rule, time, host, user, record.
//
// SigmaHQ's regression data has each log as EVTX and as evtx_dump wrote it; the other forms are written here, a few
// lines for each, from what the reader of event logs says.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/text.h"
#include "hunt/hunt.h"
#include "sigma/load.h"
#include "sigma/resolve.h"
#include "support/read_events.h"
#include "support/string_output.h"

namespace spoor {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

class Records : public Sink {
 public:
  void OnEvent(const Event& event) override {
    Fields& fields = all.emplace_back();
    for (const Field& field : event.shape->fields) {
      if (!HasField(event, field)) continue;
      if (field.parts.size() == 1 && event.Part(field.parts[0]).is_array()) {
        ForEachElement(event.Part(field.parts[0]),
                       [&](const Value& element) { AppendText(element, &fields.emplace_back(field.name, "").second); });
        continue;
      }
      AppendFieldText(event, field, &fields.emplace_back(field.name, "").second);
    }
  }
  void OnDamage(const Damage&) override {}
  void ShapesDropped() override {}
  std::vector<Fields> all;
};

bool IsSystem(const std::string& name) {
  static const std::set<std::string> kNames = {"EventID",  "Version", "Level",         "Task",    "Opcode",
                                               "Keywords", "Channel", "EventRecordID", "Computer"};
  for (const char* element : {"Provider_", "EventID_", "TimeCreated_", "Correlation_", "Execution_", "Security_"}) {
    if (name.starts_with(element)) return true;
  }
  return kNames.contains(name);
}

std::string Get(const Fields& fields, std::string_view name) {
  for (const auto& [n, text] : fields) {
    if (n == name) return text;
  }
  return "";
}

Fields DataOf(const Fields& fields) {
  Fields data;
  for (const auto& field : fields) {
    if (!IsSystem(field.first)) data.push_back(field);
  }
  return data;
}

// Members of a JSON object; a name that occurs again has a list.
std::string Members(const Fields& fields, const std::string& prefix = "") {
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> texts;
  for (const auto& [name, text] : fields) {
    if (!texts.contains(name)) order.push_back(name);
    texts[name].push_back(JsonString(text));
  }
  std::string out;
  for (const std::string& name : order) {
    const std::vector<std::string>& all = texts[name];
    if (!out.empty()) out += ',';
    out += JsonString(prefix + name) + ':';
    if (all.size() > 1) out += '[';
    for (size_t i = 0; i < all.size(); ++i) out += (i > 0 ? "," : "") + all[i];
    if (all.size() > 1) out += ']';
  }
  return out;
}
std::string Object(const Fields& fields) { return "{" + Members(fields) + "}"; }

// The System fields by other names; one without a name there is left out.
Fields Named(const Fields& f, const std::vector<std::pair<const char*, const char*>>& names) {
  Fields out;
  for (const auto& [theirs, ours] : names) {
    if (const std::string text = Get(f, ours); !text.empty()) out.emplace_back(theirs, text);
  }
  return out;
}
Fields operator+(Fields a, const Fields& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string EvtxDump(const Fields& f, bool separate) {
  std::map<std::string, Fields> elements;  // with attributes
  Fields plain;
  for (const auto& [name, text] : f) {
    if (!IsSystem(name)) continue;
    const size_t line = name.find('_');
    if (line == std::string::npos) {
      plain.emplace_back(name, text);
    } else {
      elements[name.substr(0, line)].emplace_back(name.substr(line + 1), text);
    }
  }
  std::string system = Members(plain);
  for (const auto& [element, attributes] : elements) {
    if (element == "EventID") continue;
    system += ',' + JsonString(separate ? element + "_attributes" : element) + ":" +
              (separate ? Object(attributes) : "{\"#attributes\":" + Object(attributes) + "}");
  }
  return "{\"Event\":{\"System\":{" + system + "},\"EventData\":" + Object(DataOf(f)) + "}}\n";
}

std::string Winlogbeat(const Fields& f, bool flat) {
  const Fields winlog = Named(f, {{"channel", "Channel"},
                                  {"event_id", "EventID"},
                                  {"provider_name", "Provider_Name"},
                                  {"computer_name", "Computer"},
                                  {"record_id", "EventRecordID"},
                                  {"provider_guid", "Provider_Guid"},
                                  {"opcode", "Opcode"},
                                  {"task", "Task"},
                                  {"version", "Version"}});
  const std::string time = "{\"@timestamp\":" + JsonString(Get(f, "TimeCreated_SystemTime")) + ",";
  if (flat)
    return time + Members(winlog, "winlog.") + "," + Members(DataOf(f) + Fields{{"", ""}}, "winlog.event_data.") +
           "}\n";
  return time + "\"winlog\":{" + Members(winlog) + ",\"event_data\":" + Object(DataOf(f)) + "}}\n";
}

std::string NxLog(const Fields& f) {
  return Object(Named(f, {{"EventTime", "TimeCreated_SystemTime"},
                          {"Hostname", "Computer"},
                          {"EventID", "EventID"},
                          {"SourceName", "Provider_Name"},
                          {"ProviderGuid", "Provider_Guid"},
                          {"RecordNumber", "EventRecordID"},
                          {"Keywords", "Keywords"},
                          {"ExecutionProcessID", "Execution_ProcessID"},
                          {"Channel", "Channel"}}) +
                DataOf(f)) +
         "\n";
}

std::string Xml(const Fields& f) {
  const auto escaped = [](const std::string& text) {
    std::string out;
    for (const char c : text) {
      out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    }
    return out;
  };
  std::string system;
  std::map<std::string, std::string> attributes;
  for (const auto& [name, text] : f) {
    const size_t line = name.find('_');
    if (IsSystem(name) && line != std::string::npos) {
      attributes[name.substr(0, line)] += " " + name.substr(line + 1) + "=\"" + escaped(text) + "\"";
    }
  }
  for (const auto& [element, text] : attributes) {
    if (element != "EventID") system += "<" + element + text + "/>";
  }
  std::string data;
  for (const auto& [name, text] : f) {
    if (!IsSystem(name)) {
      data += name == "Data" ? "<Data>" : "<Data Name=\"" + escaped(name) + "\">";
      data += escaped(text) + "</Data>";
    } else if (name.find('_') == std::string::npos) {
      system += "<" + name + (name == "EventID" ? attributes[name] : "") + ">" + escaped(text) + "</" + name + ">";
    }
  }
  return "<Event><System>" + system + "</System><EventData>" + data + "</EventData></Event>";
}

std::string SplunkRaw(const Fields& f) {
  return "{\"preview\":false,\"result\":{\"_raw\":" + JsonString(Xml(f)) +
         ",\"_time\":" + JsonString(Get(f, "TimeCreated_SystemTime")) + "}}\n";
}

std::string Velociraptor(const Fields& f) {
  return "{\"System\":{\"Provider\":" + Object(Named(f, {{"Name", "Provider_Name"}, {"Guid", "Provider_Guid"}})) +
         ",\"EventID\":{\"Value\":" + Get(f, "EventID") +
         "},\"TimeCreated\":" + Object(Named(f, {{"SystemTime", "TimeCreated_SystemTime"}})) + "," +
         Members(Named(f, {{"Channel", "Channel"},
                           {"Computer", "Computer"},
                           {"EventRecordID", "EventRecordID"},
                           {"Level", "Level"},
                           {"Keywords", "Keywords"}})) +
         "},\"EventData\":" + Object(DataOf(f)) + "}\n";
}

std::string EvtxECmd(const Fields& f) {
  std::string pairs;
  for (const auto& [name, text] : DataOf(f)) {
    if (!pairs.empty()) pairs += ',';
    pairs += "{\"@Name\":" + JsonString(name) + (text.empty() ? "" : ",\"#text\":" + JsonString(text)) + "}";
  }
  const Fields system = Named(f, {{"EventId", "EventID"},
                                  {"Provider", "Provider_Name"},
                                  {"Channel", "Channel"},
                                  {"Computer", "Computer"},
                                  {"EventRecordId", "EventRecordID"},
                                  {"TimeCreated", "TimeCreated_SystemTime"}});
  return Object(system + Fields{{"Payload", "{\"EventData\":{\"Data\":[" + pairs + "]}}"}}) + "\n";
}

std::string AzureEvent(const Fields& f) {
  const std::string xml = Xml(f);
  const size_t begin = xml.find("<EventData>");
  return Object(Named(f, {{"EventLog", "Channel"},
                          {"Source", "Provider_Name"},
                          {"EventID", "EventID"},
                          {"Computer", "Computer"},
                          {"EventRecordId", "EventRecordID"},
                          {"TimeGenerated", "TimeCreated_SystemTime"}}) +
                Fields{{"EventData", "<DataItem type=\"System.XmlData\">" + xml.substr(begin, xml.size() - begin - 8) +
                                         "</DataItem>"}}) +
         "\n";
}

std::string AzureWindowsEvent(const Fields& f) {
  return Object(Named(f, {{"Channel", "Channel"},
                          {"Provider", "Provider_Name"},
                          {"EventID", "EventID"},
                          {"Computer", "Computer"},
                          {"EventRecordId", "EventRecordID"},
                          {"TimeGenerated", "TimeCreated_SystemTime"}}) +
                Fields{{"EventData", Object(DataOf(f))}}) +
         "\n";
}

// A finding in one line, under the number of its log.
class KeyRenderer final : public Renderer {
 public:
  size_t Render(const Finding& f, std::string* out) const override {
    const std::string file = std::filesystem::path(std::string(f.path)).stem();
    *out += file + " " + f.rule->id + " " + std::to_string(f.time / 1000) + " " + std::string(f.host) + " " +
            std::string(f.user) + " " + std::to_string(f.record) + " " + std::string(f.source) + "\n";
    return kNoGap;
  }
};

class Dialects : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string data = SPOOR_SHARED_DATA;
    struct stat info;
    if (stat((data + "/sigma-regression").c_str(), &info) != 0 || stat((data + "/sigma").c_str(), &info) != 0) return;
    sigma::LoadOptions options;
    options.all_statuses = true;
    rules_ = new sigma::RuleSet(sigma::LoadRules({data + "/sigma"}, options));
    sigma::ResolveReferences(rules_);
    logs_ = new std::vector<std::string>;
    for (const std::string& log : test::FilesBelow(data + "/sigma-regression", ".evtx")) {
      const std::string json = log.substr(0, log.size() - 4) + "json";
      if (stat(json.c_str(), &info) == 0) logs_->push_back(log);
    }
    expected_ = new std::multiset<std::string>(
        Findings([](size_t, const std::string& log) { return test::ReadAll(log); }, "evtx"));
  }
  void SetUp() override {
    if (logs_ == nullptr) GTEST_SKIP() << "no regression data in " << SPOOR_SHARED_DATA;
    ASSERT_GT(logs_->size(), 50u);
    ASSERT_GT(expected_->size(), 100u);
  }

  // The findings in all logs, each written so.
  static std::multiset<std::string> Findings(const std::function<std::string(size_t, const std::string&)>& text,
                                             const std::string& ending) {
    test::TemporaryFolder folder;
    for (size_t i = 0; i < logs_->size(); ++i) {
      test::WriteAll(folder / (std::to_string(i) + "." + ending), text(i, (*logs_)[i]));
    }
    HuntOptions options;
    options.digest = false;
    test::StringOutput output;
    const std::atomic<bool> stop{false};
    const HuntResult result = Hunt(*ListEvidence({folder.path()}, {}), *rules_, sigma::SourceMap::BuiltIn(), options,
                                   KeyRenderer(), &output, stop, nullptr);
    EXPECT_TRUE(result.damage.empty());
    std::multiset<std::string> lines;
    for (size_t at = 0; at < output.text.size();) {
      const size_t stop_at = output.text.find('\n', at);
      lines.insert(output.text.substr(at, stop_at - at));
      at = stop_at + 1;
    }
    return lines;
  }

  // `allowed`: findings that may be missing or more, by rule id, with the reason in docs/formats/json.md.
  static void ExpectSame(const std::multiset<std::string>& found, const std::set<std::string>& allowed = {}) {
    std::vector<std::string> missing, more;
    std::set_difference(expected_->begin(), expected_->end(), found.begin(), found.end(), std::back_inserter(missing));
    std::set_difference(found.begin(), found.end(), expected_->begin(), expected_->end(), std::back_inserter(more));
    const auto known = [&](const std::string& line) {
      return std::any_of(allowed.begin(), allowed.end(),
                         [&](const auto& id) { return line.find(id) != std::string::npos; });
    };
    std::erase_if(missing, known);
    std::erase_if(more, known);
    std::string text;
    for (size_t i = 0; i < missing.size() && i < 20; ++i) text += "missing " + missing[i] + "\n";
    for (size_t i = 0; i < more.size() && i < 20; ++i) text += "more    " + more[i] + "\n";
    EXPECT_TRUE(missing.empty() && more.empty())
        << missing.size() << " missing, " << more.size() << " more of " << expected_->size() << "\n"
        << text;
  }

  // All events of a log, written one behind the other.
  static std::multiset<std::string> Written(const std::function<std::string(const Fields&)>& write,
                                            const std::string& ending = "json") {
    return Findings(
        [&](size_t, const std::string& log) {
          Records records;
          EXPECT_TRUE(test::ReadEvents(log, &records));
          std::string text;
          for (const Fields& fields : records.all) text += write(fields);
          return text;
        },
        ending);
  }

  static sigma::RuleSet* rules_;
  static std::vector<std::string>* logs_;
  static std::multiset<std::string>* expected_;
};
sigma::RuleSet* Dialects::rules_ = nullptr;
std::vector<std::string>* Dialects::logs_ = nullptr;
std::multiset<std::string>* Dialects::expected_ = nullptr;

TEST_F(Dialects, AsEvtxDumpWroteThem) {
  ExpectSame(Findings(
      [](size_t, const std::string& log) { return test::ReadAll(log.substr(0, log.size() - 4) + "json"); }, "json"));
}
TEST_F(Dialects, EvtxDump) {
  ExpectSame(Written([](const Fields& f) { return EvtxDump(f, false); }));
  ExpectSame(Written([](const Fields& f) { return EvtxDump(f, true); }));
}
TEST_F(Dialects, Winlogbeat) {
  ExpectSame(Written([](const Fields& f) { return Winlogbeat(f, false); }));
  ExpectSame(Written([](const Fields& f) { return Winlogbeat(f, true); }));
}
TEST_F(Dialects, NxLog) { ExpectSame(Written(NxLog)); }
TEST_F(Dialects, Xml) {
  ExpectSame(Written(Xml, "xml"));
  ExpectSame(Written([](const Fields& f) { return Xml(f) + "\r\n"; }, "xml"));
}
TEST_F(Dialects, SplunkWithRawXml) { ExpectSame(Written(SplunkRaw)); }
TEST_F(Dialects, Velociraptor) { ExpectSame(Written(Velociraptor)); }
TEST_F(Dialects, EvtxECmd) { ExpectSame(Written(EvtxECmd)); }
TEST_F(Dialects, AzureMonitor) {
  ExpectSame(Written(AzureEvent));
  ExpectSame(Written(AzureWindowsEvent));
}

}  // namespace
}  // namespace spoor
