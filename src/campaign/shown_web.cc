#include "campaign/shown_web.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr size_t kFew = 10;  // addresses that ask for a page
constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kEarly = 4 * kSecond, kLate = 6 * kSecond;  // clocks differ; logs of requests have whole seconds
constexpr int64_t kWritten = 7 * int64_t{86'400} * kSecond;   // a file written so long before the first request
constexpr size_t kMaxPlaces = 200;                            // records of a step
// Files that a program wrote: from so many on it puts up, or brings up to date, whole applications.
constexpr size_t kDeployed = 3, kUpdated = 20;

bool IsOneOf(std::string_view image, std::initializer_list<std::string_view> names) {
  const std::string name = Folded(BaseName(image));
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsWorker(std::string_view image) {
  return IsOneOf(image, {"w3wp.exe", "httpd.exe", "nginx.exe", "php-cgi.exe", "tomcat.exe", "tomcat9.exe", "httpd",
                         "apache2", "nginx", "php-fpm", "java"});
}

bool IsShell(std::string_view image) {
  return IsOneOf(image, {"cmd.exe", "powershell.exe", "pwsh.exe", "bash.exe", "sh", "bash", "dash"});
}

struct Page {
  std::vector<const Act*> posted;
  std::set<std::string> askers;  // by address, of those who sent data
  size_t others = 0;             // who asked otherwise
};

class WebReader {
 public:
  WebReader(const World& world, const std::set<std::string>& theirs) : world_(world), theirs_(theirs) {}

  WebShown Run() {
    std::map<ThingId, Page> pages;
    for (const Act& act : world_.acts.all()) {
      if (act.on == kNoThing || At(act.on).kind != ThingKind::kUrl) continue;
      Page& page = pages[act.on];
      if (act.kind == ActKind::kPosted && act.from != kNoThing) {
        page.posted.push_back(&act);
        page.askers.insert(At(act.from).name);
      } else if (act.kind == ActKind::kAsked) {
        page.others += act.ways.size();
      }
    }
    std::erase_if(pages, [](const auto& page) {
      return page.second.posted.empty() || page.second.askers.size() > kFew || page.second.others > kFew;
    });
    if (pages.empty()) return {};
    FindMachines();
    for (const auto& [url, page] : pages) Look(url, page);
    return std::move(result_);
  }

 private:
  const Thing& At(ThingId thing) const { return world_.things()[thing]; }

  void FindMachines() {
    for (const Link& link : world_.links()) {
      if (link.kind == LinkKind::kWrote) {
        written_[At(link.to).host].push_back(&link);
        ++files_[link.from];
      } else if (link.kind == LinkKind::kStarted && IsWorker(world_.FindProcess(link.from)->image) &&
                 IsShell(world_.FindProcess(link.to)->image)) {
        shells_[At(link.to).host].push_back(&link);
      }
    }
  }

  void Look(ThingId url, const Page& page) {
    const ThingId at = At(url).host;
    const ThingId host = at == kNoThing || world_.HostOf(at) == kNoThing ? at : world_.HostOf(at);
    if (host == kNoThing) return;
    Shown shown;
    uint64_t requests = 0;
    for (const Act* act : page.posted) {
      shown.places.insert(shown.places.end(), act->places.begin(), act->places.end());
      shown.addresses.emplace_back(act->from, act->places.front());
      requests += act->count;
    }
    std::stable_sort(shown.places.begin(), shown.places.end(),
                     [](const RecordPlace& a, const RecordPlace& b) { return a.time < b.time; });
    if (shown.places.size() > kMaxPlaces) shown.places.resize(kMaxPlaces);
    shown.place = shown.places.front();
    shown.time = shown.place.time;
    shown.last = shown.places.back().time;

    std::string file = At(url).name;  // "/api/x.aspx" lies at …\api\x.aspx, or below another root
    std::replace(file.begin(), file.end(), '/', '\\');
    const Link* wrote = nullptr;
    for (const Link* link : written_[host]) {
      std::string name = At(link->to).name;
      std::replace(name.begin(), name.end(), '/', '\\');
      const bool same = name.ends_with(file);
      const std::string_view image = world_.FindProcess(link->from)->image;
      if (files_[link->from] >= (IsWorker(image) || IsShell(image) ? kUpdated : kDeployed)) continue;
      if (same && link->first() <= shown.time + kEarly && link->first() >= shown.time - kWritten) wrote = link;
    }
    const Link* started = nullptr;
    for (const Link* link : shells_[host]) {
      const bool close = std::any_of(shown.places.begin(), shown.places.end(), [&](const RecordPlace& place) {
        return link->first() >= place.time - kEarly && link->first() <= place.time + kLate;
      });
      if (close && started == nullptr) started = link;
    }
    const auto theirs = static_cast<size_t>(std::count_if(
        page.askers.begin(), page.askers.end(), [&](const std::string& from) { return theirs_.contains(from); }));
    const bool by_them = theirs >= 2 && theirs * 2 >= page.askers.size();
    if (wrote == nullptr && started == nullptr && !by_them) return;
    const bool shell = wrote != nullptr || started == nullptr;
    shown.title = wrote != nullptr ? "Page that few ask was sent data; its file had just been written"
                  : started != nullptr
                      ? "Page that few ask was sent data; the web server started a shell"
                      : "Page that few ask was sent data from addresses that the intruder used elsewhere";
    shown.techniques = {shell ? "T1505.003" : "T1190"};
    shown.tactics = {shell ? "persistence" : "initial-access"};
    shown.weight = wrote != nullptr ? 5 : 4;
    shown.because = wrote != nullptr ? wrote->from : started != nullptr ? started->to : kNoThing;
    shown.about = url;
    shown.host = host;
    shown.summary = fmt::format("{}, {} requests from {} addresses", At(url).name, requests, shown.addresses.size());
    for (const auto& [from, place] : shown.addresses) Mark(At(from).name, {place.time}, &result_.marked);
    result_.shown.push_back(std::move(shown));
  }

  const World& world_;
  const std::set<std::string>& theirs_;
  std::map<ThingId, std::vector<const Link*>> written_, shells_;  // by machine
  std::map<ThingId, size_t> files_;                               // written, by process
  WebShown result_;
};

}  // namespace

WebShown ShownByWeb(const World& world, const std::set<std::string>& theirs) { return WebReader(world, theirs).Run(); }

}  // namespace spoor
