// The campaign: a plan made of the seed, and what each of its steps leaves in the logs.
//
// The plan says who, where and when, and in which of several ways each stage is done; each step then tells the machines
// what happens there, as the ordinary days do. Nothing here knows what anybody looks for. Times of the plan are parts
// of the whole length, with silence in between, so that a campaign of thirty days has the same shape as one of a year.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "demo/estate.h"

namespace spoor::demo {

// How the implants talk.
enum class Channel : uint8_t { kLookAlike, kCloudStorage, kRelay };

struct Implant {
  size_t host = 0;  // HostSpec::number
  Process process;  // while it runs
  StepId step = 0;  // of its talking
  int64_t since = 0;
};

class Campaign {
 public:
  explicit Campaign(Estate* estate);
  // All that the plan has for a day.
  void Day(int day);

 private:
  using Todo = std::function<void(Random*, int64_t)>;
  // What is done at `part` (0 … 1) of the whole time, near `hour` UTC of that day.
  void At(double part, int hour, const std::string& topic, Todo todo);
  void Later(int64_t time, const std::string& topic, Todo todo);
  Act Do(Random* random, int64_t time, int stage, const std::string& name, const std::string& tactic,
         const std::string& technique, size_t tenant, const std::string& host, const std::string& account,
         const std::string& text, const std::string& variant = "");

  // campaign.cc: who, where, when
  void ChoosePlaces();
  void Schedule();
  const std::string& Relay(Random* random) const;

  // campaign_wave.cc: tracking mails
  void ChooseRecipients();
  void Wave(Random* random, int64_t time, size_t number);
  void OpenMail(Random* random, int64_t time, size_t tenant, size_t recipient, const std::string& url,
                const std::string& server, StepId wave);
  // campaign_homes.cc: routers, relays
  void TakeRouter(Random* random, int64_t time, size_t router);
  // campaign_entry.cc: the defence contractor's web server, the provider
  void EnterWebServer(Random* random, int64_t time);
  void WebShell(Random* random, int64_t time);
  void UseWebShell(Random* random, int64_t time);
  void EnterProvider(Random* random, int64_t time);
  void ProviderByVpn(Random* random, int64_t time);
  void ProviderByMail(Random* random, int64_t time);
  void ProviderBySupport(Random* random, int64_t time);
  // campaign_implant.cc: implants, their talking, looking around, credentials
  void Install(Random* random, int64_t time, WindowsHost* host, const Logon& logon, const Process& parent,
               bool from_provider);
  void Talk(Random* random, int64_t time);
  void LookAround(Random* random, int64_t time, WindowsHost* host, const Process& shell, const Logon& logon,
                  int commands);
  void Dump(Random* random, int64_t time, WindowsHost* host, const Process& shell, const Logon& logon);
  void Work(Random* random, int64_t time, size_t implant, bool dump);
  // campaign_spread.cc: from the provider to its customers
  void Reach(Random* random, int64_t time, size_t server, const std::string& way);
  void TryInVain(Random* random, int64_t time, size_t host);
  // campaign_cloud.cc: mailboxes, call records
  void TryAccounts(Random* random, int64_t time, size_t tenant);
  void TakeMailbox(Random* random, int64_t time, size_t person, const std::string& way);
  void ReadMailbox(Random* random, int64_t time, size_t person);
  void CallRecords(Random* random, int64_t time);
  // campaign_theft.cc: archives out, traces away
  void Steal(Random* random, int64_t time, size_t host);
  void ClearTraces(Random* random, int64_t time, size_t host);

  Estate* estate_;
  const World& world_;
  std::vector<std::pair<int64_t, std::pair<std::string, Todo>>> plan_;

  size_t defence_ = 0;               // tenant
  std::vector<size_t> order_;        // customers, as they are reached
  std::vector<size_t> servers_;      // the fifteen, as they are reached: HostSpec::number
  std::vector<size_t> thief_;        // persons of the provider whose accounts are used
  size_t foothold_ = 0;              // the provider's machine the rest comes from
  std::vector<std::string> relays_;  // addresses
  std::string domain_, domain_ip_, storage_, folder_, program_, library_, service_, account_name_, shell_path_,
      shell_file_;
  Channel channel_ = Channel::kLookAlike;
  std::vector<Implant> implants_;
  std::vector<StepId> reading_;                              // by place in mailboxes_
  std::vector<size_t> mailboxes_;                            // persons whose mail is read
  std::vector<std::vector<std::pair<size_t, bool>>> waves_;  // recipients: person, private account
  size_t cleared_ = 0;                                       // host whose Security log is emptied
  int64_t cleared_at_ = 0;
};

}  // namespace spoor::demo
