// The names are those of the events' own manifests: Microsoft's reference of security audit events (4624 and
// so on), of the System log's service events, and Sysmon's schema.
#include "findings/telling_fields.h"

#include <algorithm>

namespace spoor {
namespace {

struct Kind {
  std::string_view source;
  uint32_t event_id;
  std::string_view story;
};

constexpr std::string_view kProcess =
    "{CommandLine|ProcessCommandLine}\n"
    "{Image|NewProcessName}, started by {ParentImage|ParentProcessName}";
constexpr std::string_view kTarget = "{TargetDomainName}\\{TargetUserName}";
constexpr std::string_view kMember = "{MemberName|MemberSid} → {TargetDomainName}\\{TargetUserName}";
constexpr std::string_view kObject = "{ObjectName}, access {AccessMask}\nby {ProcessName|Image}";
constexpr std::string_view kTask = "{TaskName}\n{TaskContent|TaskContentNew}";
constexpr std::string_view kPipe = "pipe {PipeName}\nby {Image}";
constexpr std::string_view kSession = "{User}, session {SessionID}, from {Address}";
constexpr std::string_view kFirewall = "{RuleName}: {ApplicationPath}\nby {ModifyingApplication}";
constexpr std::string_view kThreat = "{Threat Name|Signature}\nin {Path|Filename}, by {Process Name}";

// In order of source and event id: looked up by halving.
constexpr Kind kKinds[] = {
    {"windows/applocker", 8003, "{FilePath|FullFilePath|Fqbn}"},
    {"windows/applocker", 8004, "{FilePath|FullFilePath|Fqbn}"},
    {"windows/bits-client", 3, "{jobTitle}, by {processPath}"},
    {"windows/bits-client", 59, "{name}: {url}"},
    {"windows/bits-client", 16403, "{jobTitle}: {RemoteName} → {LocalName}\nby {processPath}"},
    {"windows/dns-client", 3008, "{QueryName}, answer {QueryResults}"},
    {"windows/firewall-as", 2004, kFirewall},
    {"windows/firewall-as", 2005, kFirewall},
    {"windows/firewall-as", 2006, kFirewall},
    {"windows/msexchange-management", 1, "{1Data} {2Data}\nby {3Data}"},
    {"windows/powershell", 4103, "{Payload}\n{ContextInfo}"},
    {"windows/powershell", 4104, "{ScriptBlockText}\nin {Path}"},
    {"windows/security", 1102, "log emptied by {SubjectDomainName}\\{SubjectUserName}"},
    {"windows/security", 4624,
     "{TargetDomainName}\\{TargetUserName} logged on, type {LogonType}, from {IpAddress}, {WorkstationName}\n"
     "{AuthenticationPackageName}, by {ProcessName}"},
    {"windows/security", 4625,
     "{TargetDomainName}\\{TargetUserName} refused, type {LogonType}, from {IpAddress}, {WorkstationName}\n"
     "{AuthenticationPackageName}, reason {SubStatus|Status}, by {ProcessName}"},
    {"windows/security", 4634, "{TargetDomainName}\\{TargetUserName} logged off, type {LogonType}"},
    {"windows/security", 4647, kTarget},
    {"windows/security", 4648,
     "{SubjectUserName|User} as {TargetDomainName}\\{TargetUserName} → {TargetServerName}, from "
     "{IpAddress}\nby {ProcessName|Image}"},
    {"windows/security", 4656, kObject},
    {"windows/security", 4657, "{ObjectName}: {ObjectValueName} = {NewValue}\nby {ProcessName|Image}"},
    {"windows/security", 4661, kObject},
    {"windows/security", 4662, "{ObjectName}, access {AccessMask}\n{Properties}"},
    {"windows/security", 4663, kObject},
    {"windows/security", 4672, "{SubjectDomainName}\\{SubjectUserName} logged on with privileges {PrivilegeList}"},
    {"windows/security", 4688, kProcess},
    {"windows/security", 4697, "service {ServiceName}, as {ServiceAccount}\n{ServiceFileName}"},
    {"windows/security", 4698, kTask},
    {"windows/security", 4699, kTask},
    {"windows/security", 4702, kTask},
    {"windows/security", 4719, "{CategoryId}, {SubcategoryId}: {AuditPolicyChanges}"},
    {"windows/security", 4720, "new account {TargetDomainName}\\{TargetUserName}"},
    {"windows/security", 4722, "account enabled: {TargetDomainName}\\{TargetUserName}"},
    {"windows/security", 4723, "own password changed: {TargetDomainName}\\{TargetUserName}"},
    {"windows/security", 4724, "password set: {TargetDomainName}\\{TargetUserName}"},
    {"windows/security", 4725, "account disabled: {TargetDomainName}\\{TargetUserName}"},
    {"windows/security", 4726, "account removed: {TargetDomainName}\\{TargetUserName}"},
    {"windows/security", 4728, kMember},
    {"windows/security", 4732, kMember},
    {"windows/security", 4738, "account changed: {TargetDomainName}\\{TargetUserName}"},
    {"windows/security", 4741, "new computer account {TargetDomainName}\\{TargetUserName}"},
    {"windows/security", 4742,
     "computer account changed: {TargetDomainName}\\{TargetUserName}\n{ServicePrincipalNames}"},
    {"windows/security", 4756, kMember},
    {"windows/security", 4768,
     "{TargetUserName}, cipher {TicketEncryptionType}, pre-authentication {PreAuthType}, from {IpAddress}"},
    {"windows/security", 4769,
     "{TargetUserName} → service {ServiceName}, cipher {TicketEncryptionType}, from {IpAddress}"},
    {"windows/security", 4771, "{TargetUserName} refused, reason {Status}, from {IpAddress}"},
    {"windows/security", 4776, "{TargetUserName}, status {Status}, from {Workstation}"},
    {"windows/security", 4781, "{OldTargetUserName} → {NewTargetUserName}"},
    {"windows/security", 5136, "{ObjectDN}\n{AttributeLDAPDisplayName} = {AttributeValue}"},
    {"windows/security", 5140, "{ShareName}, from {IpAddress}"},
    {"windows/security", 5145, "{ShareName}: {RelativeTargetName}, access {AccessMask}, from {IpAddress}"},
    {"windows/security", 5156, "{Application|Image}: {SourceAddress}:{SourcePort} → {DestAddress}:{DestPort}"},
    {"windows/sysmon", 1, kProcess},
    {"windows/sysmon", 2,
     "{TargetFilename}, made {CreationUtcTime}, before {PreviousCreationUtcTime}\n"
     "by {Image}"},
    {"windows/sysmon", 3, "{Image}\n{SourceIp} → {DestinationIp}:{DestinationPort}, {DestinationHostname}"},
    {"windows/sysmon", 5, "{Image}"},
    {"windows/sysmon", 6, "{ImageLoaded}, signed: {Signed}, by {Signature}"},
    {"windows/sysmon", 7, "{ImageLoaded}, signed: {Signed}\ninto {Image}"},
    {"windows/sysmon", 8, "{SourceImage} → {TargetImage}\nstarts at {StartModule} {StartFunction}"},
    {"windows/sysmon", 9, "{Device}\nby {Image}"},
    {"windows/sysmon", 10, "{SourceImage} → {TargetImage}, access {GrantedAccess}"},
    {"windows/sysmon", 11, "{TargetFilename}\nby {Image}"},
    {"windows/sysmon", 12, "{EventType} {TargetObject}\nby {Image}"},
    {"windows/sysmon", 13, "{TargetObject} = {Details}\nby {Image}"},
    {"windows/sysmon", 14, "{TargetObject} → {NewName}\nby {Image}"},
    {"windows/sysmon", 15, "{TargetFilename}\nby {Image}"},
    {"windows/sysmon", 17, kPipe},
    {"windows/sysmon", 18, kPipe},
    {"windows/sysmon", 19, "{Operation} filter {Name}: {Query}"},
    {"windows/sysmon", 20, "{Operation} consumer {Name}: {Destination}"},
    {"windows/sysmon", 21, "{Operation} {Filter} → {Consumer}"},
    {"windows/sysmon", 22, "{QueryName}, answer {QueryResults}\nasked by {Image}"},
    {"windows/sysmon", 23, "{TargetFilename}, deleted\nby {Image}"},
    {"windows/sysmon", 25, "{Image}: {Type}"},
    {"windows/sysmon", 26, "{TargetFilename}, deleted\nby {Image}"},
    {"windows/system", 104, "log {>Channel} emptied by {SubjectDomainName}\\{SubjectUserName}"},
    {"windows/system", 7036, "service {param1}: {param2}"},
    {"windows/system", 7040, "service {param1}: {param2} → {param3}"},
    {"windows/system", 7045, "service {ServiceName}, as {AccountName}\n{ImagePath}"},
    {"windows/taskscheduler", 106, "{TaskName}, by {UserContext}"},
    {"windows/taskscheduler", 129, "{TaskName}: {Path}"},
    {"windows/taskscheduler", 140, "{TaskName}, by {UserName}"},
    {"windows/taskscheduler", 141, "{TaskName}, by {UserName}"},
    {"windows/taskscheduler", 200, "{TaskName}: {ActionName}"},
    {"windows/terminalservices-localsessionmanager", 21, kSession},
    {"windows/terminalservices-localsessionmanager", 24, kSession},
    {"windows/terminalservices-localsessionmanager", 25, kSession},
    {"windows/windefend", 1006, kThreat},
    {"windows/windefend", 1116, kThreat},
    {"windows/windefend", 1117, kThreat},
    {"windows/windefend", 5007, "{Old Value} → {New Value}"},
    {"windows/wmi", 5861, "{Namespace}: {ESS} → {CONSUMER}\n{PossibleCause}"},
};

constexpr bool Earlier(const Kind& a, const Kind& b) {
  return a.source != b.source ? a.source < b.source : a.event_id < b.event_id;
}
static_assert(std::is_sorted(std::begin(kKinds), std::end(kKinds), Earlier));

// A field that says nothing is as good as none.
bool Empty(std::string_view value) { return value.empty() || value == "-"; }

// The value of a field; of several that of number `nth` (from 1), or the last where nth is 0.
std::string_view ValueOf(const Finding& f, std::string_view name, int nth) {
  std::string_view last;
  for (const FieldText& field : f.event) {
    if (field.name != name) continue;
    last = Empty(field.value) ? std::string_view() : field.value;
    if (--nth == 0) return last;
  }
  return nth < 0 ? last : std::string_view();
}

// The value of what stands between braces, shown; empty if the event has none of the fields.
std::string Resolve(std::string_view names, const Finding& f, const ShowValue& show, std::vector<FieldText>* told) {
  int nth = 1;
  if (names[0] == '>' || (names[0] >= '1' && names[0] <= '9')) {
    nth = names[0] == '>' ? 0 : names[0] - '0';
    names.remove_prefix(1);
  }
  while (!names.empty()) {
    const size_t bar = names.find('|');
    const std::string_view name = names.substr(0, bar);
    if (const std::string_view value = ValueOf(f, name, nth); !value.empty()) {
      told->push_back({name, value});
      return show(name, value);
    }
    names.remove_prefix(bar == std::string_view::npos ? names.size() : bar + 1);
  }
  return "";
}

std::string TellLine(std::string_view line, const Finding& f, const ShowValue& show, std::vector<FieldText>* told) {
  std::string out;
  bool first = true;
  while (!line.empty()) {
    const size_t open = line.find('{');
    if (open == std::string_view::npos) {
      if (!out.empty()) out.append(line);
      break;
    }
    const size_t close = line.find('}', open);
    const std::string value = Resolve(line.substr(open + 1, close - open - 1), f, show, told);
    // What separates a field from the one before it is not wanted where there is none before it.
    if (!value.empty()) out.append(first || !out.empty() ? line.substr(0, open) : "").append(value);
    line.remove_prefix(close + 1);
    first = false;
  }
  return out;
}

}  // namespace

std::string_view StoryOf(std::string_view source, uint32_t event_id) {
  const Kind wanted{source, event_id, {}};
  const Kind* found = std::lower_bound(std::begin(kKinds), std::end(kKinds), wanted, Earlier);
  if (found == std::end(kKinds) || Earlier(wanted, *found)) return {};
  return found->story;
}

std::vector<std::string> TellStory(std::string_view story, const Finding& f, const ShowValue& show,
                                   std::vector<FieldText>* told) {
  std::vector<std::string> lines;
  while (!story.empty()) {
    const size_t end = story.find('\n');
    std::string line = TellLine(story.substr(0, end), f, show, told);
    if (!line.empty()) lines.push_back(std::move(line));
    story.remove_prefix(end == std::string_view::npos ? story.size() : end + 1);
  }
  return lines;
}

}  // namespace spoor
