// What is amiss with the logs of each host.
#include <algorithm>

#include "base/text.h"
#include "hunt/coverage.h"

namespace spoor {
namespace {

bool IsDated(const SeenLog& log) { return log.first <= log.last; }

// The hours of all logs of a host together.
std::vector<ActiveHour> HoursOf(const std::vector<const LogCoverage*>& logs, int* level) {
  *level = 0;
  size_t count = 0;
  for (const LogCoverage* l : logs) {
    *level = std::max(*level, l->log->hours.level());
    count += l->log->hours.size();
  }
  std::vector<ActiveHour> hours;
  hours.reserve(count);
  for (const LogCoverage* l : logs) {
    hours.insert(hours.end(), l->log->hours.entries().begin(), l->log->hours.entries().end());
  }
  const auto cell = [&](const ActiveHour& hour) { return hour.CellAt(*level); };
  std::sort(hours.begin(), hours.end(), [&](const auto& a, const auto& b) { return cell(a) < cell(b); });
  size_t kept = 0;
  for (const ActiveHour& hour : hours) {
    if (kept > 0 && cell(hours[kept - 1]) == cell(hour)) {
      hours[kept - 1].Join(hour);
    } else {
      hours[kept++] = hour;
    }
  }
  hours.resize(kept);
  return hours;
}

// True if the host is silent as a whole for most of that time.
bool Covers(const Silences& host, const Silence& silence) {
  return std::any_of(host.found.begin(), host.found.end(), [&](const Silence& of_host) {
    const int64_t common = std::min(of_host.to, silence.to) - std::max(of_host.from, silence.from);
    return common > (silence.to - silence.from) / 2;
  });
}

bool IsOfService(const LogKey& key, const std::vector<std::string>& channels) {
  return key.of_windows() && std::any_of(channels.begin(), channels.end(), [&](const std::string& channel) {
           return EqualsIgnoreAsciiCase(channel, key.channel);
         });
}

void JudgeHost(const std::vector<LogCoverage*>& logs, const sigma::SourceMap& sources, const sigma::SwitchOn& known,
               HostCoverage* host) {
  const std::vector<const LogCoverage*> all(logs.begin(), logs.end());
  for (const LogCoverage* l : all) {
    host->windows |= l->key->of_windows();
    host->events += l->log->events;
    ++host->logs;
    host->first = std::min(host->first, l->log->first);
    host->last = std::max(host->last, l->log->last);
  }
  int level = 0;
  const std::vector<ActiveHour> hours = HoursOf(all, &level);
  host->silences = FindSilences(hours, level);
  for (LogCoverage* l : logs) {
    std::vector<Silence> own;
    for (Silence& silence : l->silences.found) {
      if (Covers(host->silences, silence)) continue;  // told of the host
      // The log has no event within it, so all there are, are elsewhere.
      silence.elsewhere = EventsWithin(hours, silence.from + 1, silence.to - 1);
      own.push_back(silence);
    }
    l->silences.found = std::move(own);
    if (!IsDated(*l->log) || !l->silences.unusual) continue;
    const int64_t long_enough = std::max(kRolledOver, *l->silences.unusual);
    if (l->log->first - host->first >= long_enough) l->begins_late = l->log->first - host->first;
    if (host->last - l->log->last >= long_enough) l->ends_early = host->last - l->log->last;
  }
  if (!host->windows) return;
  for (const std::string& service : known.expected()) {
    sigma::LogSource source;
    source.product = sources.product();
    source.service = service;
    const std::vector<sigma::Target> targets = sources.Resolve(source);
    const bool there = std::any_of(all.begin(), all.end(), [&](const LogCoverage* l) {
      return std::any_of(targets.begin(), targets.end(),
                         [&](const sigma::Target& t) { return IsOfService(*l->key, t.channels); });
    });
    if (!there) host->lacks.push_back(service);
  }
}

}  // namespace

void JudgeLogs(const Seen& seen, const sigma::SourceMap& sources, const sigma::SwitchOn& known, Coverage* coverage) {
  for (const auto& [key, log] : seen.logs) {
    LogCoverage l;
    l.key = &key;
    l.log = &log;
    l.numbers = JudgeRecordNumbers(log.runs.entries());
    l.runs_level = log.runs.level();
    l.silences = FindSilences(log.hours.entries(), log.hours.level());
    if (IsDated(log)) {
      coverage->first = std::min(coverage->first, log.first);
      coverage->last = std::max(coverage->last, log.last);
    }
    coverage->logs.push_back(std::move(l));
  }
  // Logs are in order of host.
  for (size_t i = 0; i < coverage->logs.size();) {
    HostCoverage host;
    host.host = coverage->logs[i].key->host;
    std::vector<LogCoverage*> logs;
    for (; i < coverage->logs.size() && coverage->logs[i].key->host == host.host; ++i) {
      logs.push_back(&coverage->logs[i]);
    }
    JudgeHost(logs, sources, known, &host);
    coverage->windows_hosts += host.windows;
    coverage->hosts.push_back(std::move(host));
  }
}

}  // namespace spoor
