// print_waves FOLDER [JOBS]: the waves of tracking mails that a trace finds in evidence, a folder for each
// organisation, as one JSON object a line.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "base/time.h"
#include "campaign/trace.h"
#include "sigma/load.h"

namespace spoor {
namespace {

std::string List(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + JsonString(text);
  return out + "]";
}

std::string Places(const FileTable& files, const std::vector<MailPlace>& places) {
  std::string out = "[";
  for (const MailPlace& place : places) {
    out +=
        (out.size() > 1 ? ",[" : "[") + JsonString(files[place.file].path) + "," + std::to_string(place.record) + "]";
  }
  return out + "]";
}

void Print(const TrackingWave& wave, const FileTable& files) {
  std::string recipients, openings, reasons;
  for (const WaveRecipient& to : wave.recipients) {
    recipients += (recipients.empty() ? "" : ",") + ("{\"tenant\":" + JsonString(to.tenant)) +
                  ",\"address\":" + JsonString(to.address) + ",\"time\":" + JsonString(FormatTime(to.time)) +
                  ",\"places\":" + Places(files, to.places) + "}";
  }
  for (const WaveOpening& o : wave.openings) {
    openings += (openings.empty() ? "" : ",") + ("{\"tenant\":" + JsonString(o.tenant)) +
                ",\"recipient\":" + JsonString(o.recipient) + ",\"client\":" + JsonString(o.client) +
                ",\"joined\":" + std::to_string(o.joined) + ",\"time\":" + JsonString(FormatTime(o.time)) +
                ",\"places\":" + Places(files, o.places) + "}";
  }
  for (const WaveReason& reason : wave.reasons) {
    char points[32];
    std::snprintf(points, sizeof points, "%+.1f ", reason.points);
    reasons += (reasons.empty() ? "" : ",") + JsonString(points + reason.text);
  }
  std::printf(
      "{\"senders\":%s,\"names\":%s,\"outlet\":%s,\"imitated\":%s,\"hosts\":%s,\"subjects\":%s,\"first\":%s,\"last\":%"
      "s,"
      "\"messages\":%llu,\"weight\":%.3f,\"reasons\":[%s],\"recipients\":[%s],\"openings\":[%s]}\n",
      List(wave.senders).c_str(), List(wave.names).c_str(), JsonString(wave.outlet).c_str(),
      JsonString(wave.imitated).c_str(), List(wave.link_hosts).c_str(), List(wave.subjects).c_str(),
      JsonString(FormatTime(wave.first)).c_str(), JsonString(FormatTime(wave.last)).c_str(),
      static_cast<unsigned long long>(wave.messages), wave.weight, reasons.c_str(), recipients.c_str(),
      openings.c_str());
}

int Main(const std::string& folder, unsigned jobs) {
  std::vector<std::pair<std::string, std::string>> tenants;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    tenants.emplace_back(entry.path().filename().string(), entry.path().string());
  }
  const auto evidence = ListEvidence({}, tenants);
  if (!evidence.ok()) return 2;
  HuntOptions options;
  options.digest = false;
  options.jobs = jobs;
  const std::atomic<bool> stop{false};
  const sigma::RuleSet rules;
  const TraceResult result = Trace(*evidence, rules, sigma::SourceMap::BuiltIn(), options, {}, stop, nullptr);
  for (const TrackingWave& wave : result.waves.waves) Print(wave, *result.files);
  std::fprintf(stderr, "%llu left out, second pass %.2f s\n", static_cast<unsigned long long>(result.waves.left_out),
               result.second_pass_seconds);
  return 0;
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return spoor::Main(argv[1], argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 2);
}
