// Takes what events tell of mails and of what machines asked for, and finds waves of tracking mails in it.
//
//     one collector a worker: Take(event, …) for each event;  ShapesDropped() when its reader says so
//     in the end:             first.Add(std::move(others)…);  first.FindWaves()
//
// The result is the same whatever the order of events and their split among collectors. Memory is bounded (kept.h).
// Not thread-safe. What it takes:
//
//     mailboxes            product mail, service message (formats/mail)
//     gateways             Exchange message tracking, message traces, Postfix and its like
//     what was asked for   proxies, web and DNS logs, Zeek, Suricata, Sysmon: any event with a name or a URL and a
//     client;
//                          flows, by the addresses that names were resolved to
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "event/event.h"
#include "mail/kept.h"
#include "mail/wave.h"

namespace spoor {

class WaveCollector {
 public:
  WaveCollector();
  ~WaveCollector();
  WaveCollector(WaveCollector&&) noexcept;
  WaveCollector& operator=(WaveCollector&&) noexcept;

  // `file`: its number, put into places; `tenant`: the organisation it is of. The event is not needed afterwards.
  void Take(const Event& event, uint32_t file, std::string_view tenant);
  // What is kept is bounded for both together. Before either takes anything; they may then be used by two threads.
  void ShareBounds(const WaveCollector& other);
  void ShapesDropped();
  void Add(WaveCollector&& other);
  TrackingWaves FindWaves();

 private:
  struct Plan;
  struct Texts {
    std::string url, address, path, client, text;
  };
  const Plan& PlanOf(const Shape& shape);
  void TakeMessage(const Event& event, const Plan& plan, uint32_t file, std::string_view tenant);
  void TakeGateway(const Event& event, const Plan& plan, uint32_t file, std::string_view tenant);
  void TakeQueueLine(const Event& event, const Plan& plan, uint32_t file, std::string_view tenant);
  void TakeRequest(const Event& event, const Plan& plan, uint32_t file, std::string_view tenant);
  void Keep(KeptMail mail, std::string_view tenant);

  std::unique_ptr<Kept> kept_;
  Texts texts_;  // of the event that is taken
  absl::flat_hash_map<const Shape*, std::unique_ptr<Plan>> plans_;
  const Shape* last_ = nullptr;  // of the last event: the next one's is nearly always the same
  const Plan* last_plan_ = nullptr;
};

// Of what collectors kept. Postfix's lines must have become mails.
TrackingWaves FindWaves(const Kept& kept);
// Makes mails of the lines that a mail server wrote of each.
void JoinQueueLines(Kept* kept);

}  // namespace spoor
