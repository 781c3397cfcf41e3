// What goes out: archives made, staged and sent; and, near the end, a log emptied.
#include <fmt/format.h>

#include "demo/campaign.h"
#include "demo/table.h"

namespace spoor::demo {

void Campaign::Steal(Random* r, int64_t time, size_t number) {
  const HostSpec& spec = world_.hosts[number];
  WindowsHost& host = *estate_->hosts[number];
  const Implant* implant = nullptr;
  for (const Implant& i : implants_) {
    if (i.host == number) implant = &i;
  }
  if (implant == nullptr) return;  // reached only
  const std::vector<std::string> images = CommandsTable().Column("image", "purpose", "archive"),
                                 lines = CommandsTable().Column("command", "purpose", "archive");
  const size_t which = r->Below(images.size());
  const std::string word = r->Text(6, "abcdefghijklmnopqrstuvwxyz"),
                    tool = r->Percent(50) ? images[which] : r->Text(2, "abcdefgh") + ".exe";
  const Act pack = Do(r, time, 12, "archives", "collection", "T1560.001", spec.tenant, spec.name, "SYSTEM",
                      "documents are packed", images[which]);
  const Process shell =
      host.Start(pack, time, implant->process, "C:\\Windows\\System32\\cmd.exe", "cmd.exe", host.system());
  const bool own = images[which] != "makecab.exe";
  if (own) host.WriteFile(pack, time + kSecond, implant->process, "C:\\Windows\\Temp\\" + tool);
  std::string extension = images[which] == "rar.exe" ? ".rar" : own ? ".7z" : ".cab";
  for (int64_t n = r->Between(1, 3); n > 0; --n) {
    const std::string name = word + std::to_string(n);
    const Process p = host.Start(
        pack, time + n * 4 * kMinute, shell, own ? "C:\\Windows\\Temp\\" + tool : "C:\\Windows\\System32\\makecab.exe",
        Filled(
            lines[which],
            {{"tool", tool}, {"word", name}, {"source", n % 2 == 0 ? "D:\\share\\projects" : "D:\\share\\committee"}}),
        host.system());
    host.WriteFile(pack, time + n * 4 * kMinute + 20 * kSecond, p, "C:\\Windows\\Temp\\" + name + extension);
    host.End(pack, time + n * 4 * kMinute + 90 * kSecond, p);
  }
  const bool cloud = channel_ == Channel::kCloudStorage || r->Percent(50);
  const std::string relay = Relay(r), to = cloud ? storage_ : channel_ == Channel::kLookAlike ? domain_ : relay;
  const std::string address = cloud ? AddressOf(storage_) : channel_ == Channel::kLookAlike ? domain_ip_ : relay;
  const int64_t at = time + r->Between(30, 90) * kMinute;
  const Act send = Do(r, at, 12, "theft", "exfiltration", cloud ? "T1567.002" : "T1041", spec.tenant, spec.name,
                      "SYSTEM", "the archives go out", cloud ? "cloud storage" : "the channel of the implant");
  for (int64_t n = r->Between(2, 6); n > 0; --n) {
    const int64_t when = at + n * r->Between(60, 400) * kSecond;
    host.Connect(send, when, implant->process, address, to == relay ? "" : to, 443);
    Visit v;
    v.client = spec.ip;
    v.agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Trident/7.0; rv:11.0) like Gecko";
    v.method = "POST";
    v.url = fmt::format("https://{}/{}", to, cloud ? "2/files/upload" : "owa/attachment.ashx");
    v.server = address;
    v.sent = r->Between(8'000'000, 60'000'000);
    v.received = 700;
    v.milliseconds = r->Between(20'000, 400'000);
    v.type = "application/json";
    Surf(estate_, send, when + 5000, spec.tenant, v);
  }
}

void Campaign::ClearTraces(Random* r, int64_t time, size_t number) {
  const HostSpec& spec = world_.hosts[number];
  WindowsHost& host = *estate_->hosts[number];
  const Act act = Do(r, time, 13, "log emptied", "defense-evasion", "T1070.001", spec.tenant, spec.name, "SYSTEM",
                     "the Security log was emptied; what stood in it is missing");
  const Process parent = host.Standing("agent");
  const Process shell =
      host.Start(act, time - 2 * kSecond, parent, "C:\\Windows\\System32\\cmd.exe", "cmd.exe", host.system());
  host.Start(act, time - kSecond, shell, "C:\\Windows\\System32\\wevtutil.exe", "wevtutil  cl Security", host.system());
  host.ClearLog(act, time + 10 * kSecond, host.system(), "Security");
}

}  // namespace spoor::demo
