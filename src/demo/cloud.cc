// Clouds: Entra's sign-ins (as Microsoft Graph exports them), Microsoft 365's unified audit log (Management API),
// CloudTrail. One JSON object a line.
#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"
#include "demo/estate.h"

namespace spoor::demo {
namespace {

struct App {
  const char *name, *id;
};
constexpr App kApps[] = {{"Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000"},
                         {"Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264"},
                         {"Office 365 SharePoint Online", "00000003-0000-0ff1-ce00-000000000000"},
                         {"Microsoft Office", "d3590ed6-52b3-4102-aeff-aad2292ab01c"},
                         {"Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"}};

std::string Second(int64_t time) { return FormatTime(time).substr(0, 19); }

}  // namespace

void CloudSignIn(Estate* estate, const Act& act, int64_t time, const SignIn& s) {
  const Person& p = estate->world.people[s.person];
  std::string app_id = kApps[3].id;
  for (const App& app : kApps) {
    if (s.app == app.name) app_id = app.id;
  }
  const std::string& agent = s.agent.empty() ? p.agent : s.agent;
  const bool mac = agent.find("Mac") != std::string::npos, phone = agent.find("iPhone") != std::string::npos;
  estate->logbook.Add(
      estate->logs[p.tenant].signins, time,
      fmt::format(
          "{{\"id\":\"{}\",\"createdDateTime\":\"{}Z\",\"userDisplayName\":{},\"userPrincipalName\":\"{}\",\"userId\":"
          "\"{}\","
          "\"appId\":\"{}\",\"appDisplayName\":\"{}\",\"ipAddress\":\"{}\",\"clientAppUsed\":\"{}\",\"userAgent\":{},"
          "\"correlationId\":\"{}\",\"conditionalAccessStatus\":\"notApplied\",\"isInteractive\":true,\"riskDetail\":"
          "\"none\","
          "\"riskLevelAggregated\":\"none\",\"riskState\":\"none\",\"resourceDisplayName\":\"{}\",\"resourceId\":\"{}"
          "\","
          "\"status\":{{\"errorCode\":{},\"failureReason\":\"{}\",\"additionalDetails\":null}},\"deviceDetail\":{{"
          "\"deviceId\":\"{}\","
          "\"displayName\":\"\",\"operatingSystem\":\"{}\",\"browser\":\"{}\",\"isCompliant\":{},\"isManaged\":{},"
          "\"trustType\":\"{}\"}},"
          "\"location\":{{\"city\":\"{}\",\"state\":\"\",\"countryOrRegion\":\"{}\",\"geoCoordinates\":{{\"altitude\":"
          "null,"
          "\"latitude\":null,\"longitude\":null}}}}}}",
          act.random->Uuid(), Second(time), JsonString(p.name), p.mail, p.entra_id, app_id, s.app, s.address, s.client,
          JsonString(agent), act.random->Uuid(), s.app, app_id, s.error,
          s.error == 0       ? "Other."
          : s.error == 50126 ? "Error validating credentials due to invalid username or password."
                             : "User needs to perform multi-factor authentication.",
          s.managed ? act.random->Uuid() : "",
          phone ? "Ios 17.4"
          : mac ? "MacOs"
                : "Windows10",
          phone || mac ? "Safari 17.4" : "Chrome 124.0.0", s.managed, s.managed,
          s.managed ? "Hybrid Azure AD joined" : "", s.city, s.country),
      act.step);
}

void Audit(Estate* estate, const Act& act, int64_t time, size_t tenant, const std::string& user,
           const std::string& operation, int record_type, const std::string& workload, const std::string& address,
           const std::string& more) {
  const Tenant& t = estate->world.tenants[tenant];
  estate->logbook.Add(
      estate->logs[tenant].audit, time,
      fmt::format(
          "{{\"CreationTime\":\"{}\",\"Id\":\"{}\",\"Operation\":{},\"OrganizationId\":\"{}\",\"RecordType\":{},"
          "\"ResultStatus\":\"{}\",\"UserKey\":\"{}\",\"UserType\":0,\"Version\":1,\"Workload\":\"{}\","
          "\"ClientIP\":\"{}\",\"UserId\":\"{}\"{}}}",
          Second(time), act.random->Uuid(), JsonString(operation), t.tenant_id, record_type,
          workload == "Exchange" && record_type == 1 ? "True" : "Succeeded", act.random->UpperHex(16), workload,
          address, user, more),
      act.step);
}

void MailRead(Estate* estate, const Act& act, int64_t time, size_t person, const std::string& reader,
              const std::string& address, const std::string& client, const std::string& access, int count) {
  const Person& p = estate->world.people[person];
  const Tenant& t = estate->world.tenants[p.tenant];
  std::string items;
  for (int i = 0; i < count; ++i) {
    items += fmt::format("{}{{\"Id\":\"Rg{}\",\"InternetMessageId\":\"<{}@mx.{}>\",\"SizeInBytes\":{}}}",
                         i == 0 ? "" : ",", act.random->Text(20, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789"),
                         act.random->Hex(20), t.domain, act.random->Between(3000, 90000));
  }
  const std::string mailbox = Random(estate->world.options.seed, "mailbox", person).Uuid();
  const bool bind = access == "Bind";
  Audit(estate, act, time, p.tenant, reader, "MailItemsAccessed", 50, "Exchange", address,
        fmt::format(
            ",\"ClientIPAddress\":\"{}\",\"ClientInfoString\":{},\"ExternalAccess\":false,\"InternalLogonType\":0,"
            "\"LogonType\":{},"
            "\"LogonUserSid\":\"{}\",\"MailboxGuid\":\"{}\",\"MailboxOwnerSid\":\"{}\",\"MailboxOwnerUPN\":\"{}\","
            "\"OperationProperties\":[{{\"Name\":\"MailAccessType\",\"Value\":\"{}\"}},{{\"Name\":\"IsThrottled\","
            "\"Value\":\"False\"}}],"
            "\"OrganizationName\":\"{}\",\"OriginatingServer\":\"AM0PR0{}MB{}\",\"SessionId\":\"{}\",\"Folders\":[{{"
            "\"FolderItems\":[{}],"
            "\"Id\":\"LgAAAAB{}\",\"Path\":\"\\\\Inbox\"}}],\"OperationCount\":{}",
            address, JsonString(client), reader == p.mail ? 0 : 1, SidOf(estate->world, p), mailbox,
            SidOf(estate->world, p), p.mail, access, t.domain, person % 9, 1000 + person % 8999, act.random->Uuid(),
            bind ? items : "", act.random->Hex(12), bind ? count : 1));
}

void CloudTrail(Estate* estate, const Act& act, int64_t time, size_t tenant, const std::string& user,
                const std::string& service, const std::string& event, const std::string& address,
                const std::string& agent, const std::string& parameters) {
  const Tenant& t = estate->world.tenants[tenant];
  if (t.kind != "telecom") return;
  Random account(estate->world.options.seed, "aws account", tenant);
  const std::string number = account.Text(12, "0123456789");
  const bool data = event == "GetObject" || event == "PutObject";
  estate->logbook.Add(
      estate->logs[tenant].cloudtrail, time,
      fmt::format(
          "{{\"eventVersion\":\"1.09\",\"userIdentity\":{{\"type\":\"IAMUser\",\"principalId\":\"AIDA{}\",\"arn\":"
          "\"arn:aws:iam::{}:user/{}\","
          "\"accountId\":\"{}\",\"userName\":\"{}\"}},\"eventTime\":\"{}Z\",\"eventSource\":\"{}.amazonaws.com\","
          "\"eventName\":\"{}\","
          "\"awsRegion\":\"eu-central-1\",\"sourceIPAddress\":\"{}\",\"userAgent\":{},\"requestParameters\":{},"
          "\"responseElements\":null,"
          "\"requestID\":\"{}\",\"eventID\":\"{}\",\"readOnly\":{},\"eventType\":\"AwsApiCall\",\"managementEvent\":{},"
          "\"recipientAccountId\":\"{}\",\"eventCategory\":\"{}\"}}",
          Random(estate->world.options.seed, user).Text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), number, user, number,
          user, Second(time), service, event, address, JsonString(agent), parameters, act.random->UpperHex(16),
          act.random->Uuid(), event != "PutObject", !data, number, data ? "Data" : "Management"),
      act.step);
}

}  // namespace spoor::demo
