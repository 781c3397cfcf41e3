#include "cli/people.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>

#include "campaign/persons.h"
#include "cli/message.h"
#include "story/notify.h"

namespace spoor {
namespace {

// A file of at most so many bytes, and one more where it has more. Empty, or why it cannot be read.
std::string ReadSome(const std::string& path, size_t most, std::string* bytes) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (file == nullptr) return std::strerror(errno);
  char block[1 << 16];
  while (bytes->size() <= most) {
    const size_t n = std::fread(block, 1, std::min(sizeof block, most + 1 - bytes->size()), file.get());
    if (n == 0) break;
    bytes->append(block, n);
  }
  return std::ferror(file.get()) != 0 ? std::strerror(errno) : "";
}

std::string DrawKey() {
  std::random_device random;  // of the system; not a generator
  std::string key;
  while (key.size() < 32) {
    const unsigned word = random();
    key.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  return key;
}

}  // namespace

void PeopleFlags::AddTo(CLI::App* app) {
  app->add_option("--roster", roster, "Who is who (CSV): victims are told as people, with role and family")
      ->type_name("FILE");
  app->add_option("--notify", notify, "Also write whom to tell to FILE (CSV), which appears when it is complete")
      ->type_name("FILE");
  app->add_flag("--redact", redact, "Names of people and accounts are replaced by pseudonyms in all that is written");
  app->add_option(
         "--redact-key", redact_key,
         "What pseudonyms are made with, for them to be the same elsewhere; default: the case's own, else a new "
         "one for each run")
      ->type_name("FILE");
}

bool People::ReadRoster(const std::string& path, bool told) {
  path_ = path;
  std::string bytes;
  if (const std::string wrong = ReadSome(path, Roster::kMaxBytes, &bytes); !wrong.empty()) {
    Complain("--roster: " + path + ": " + wrong);
    return false;
  }
  std::vector<std::string> notes;
  auto roster = Roster::Read(bytes, path, &notes);
  if (!roster.ok()) {
    Complain("--roster: " + std::string(roster.status().message()));
    return false;
  }
  if (told) {
    for (const std::string& note : notes) Complain("--roster: " + note);
  }
  roster_ = *std::move(roster);
  return true;
}

bool People::ReadKey(const std::string& path) {
  constexpr size_t kLeast = 16, kMost = 4096;
  std::string wrong = ReadSome(path, kMost, &key_);
  while (key_.ends_with('\n') || key_.ends_with('\r')) key_.pop_back();
  if (wrong.empty() && (key_.size() < kLeast || key_.size() > kMost)) {
    wrong = fmt::format("a key has {} to {} bytes", kLeast, kMost);
  }
  if (!wrong.empty()) Complain("--redact-key: " + path + ": " + wrong);
  return wrong.empty();
}

bool People::Begin(const PeopleFlags& flags, bool told) {
  redact_ = flags.redact;
  if (!flags.redact_key.empty() && !flags.redact) {
    Complain("--redact-key is for --redact");
    return false;
  }
  if (!flags.roster.empty() && !ReadRoster(flags.roster, told)) return false;
  if (!flags.redact_key.empty() && !ReadKey(flags.redact_key)) return false;
  if (flags.notify.empty()) return true;
  if (flags.notify == "-") {
    Complain("--notify: standard output has the trace; name a file");
    return false;
  }
  auto list = Output::Open(flags.notify);
  if (!list.ok()) {
    Complain("--notify: " + std::string(list.status().message()));
    return false;
  }
  list_ = *std::move(list);
  return true;
}

void People::Learn(TraceResult* result, const std::string& key, bool told) {
  if (roster_) {
    size_t persons = 0;
    for (Campaign& campaign : result->found.campaigns) persons += AddPersons(*roster_, &campaign);
    if (told) {
      Complain(fmt::format("--roster: {}: {} people, {} of them among the victims", path_, roster_->persons().size(),
                           persons));
    }
  }
  if (!redact_) return;
  if (key_.empty()) key_ = key.empty() ? DrawKey() : key;
  redactor_ = RedactorOf(key_, *result, roster_ ? &*roster_ : nullptr);
}

absl::Status People::Notify(const TraceResult& result) {
  if (list_ == nullptr) return absl::OkStatus();
  if (absl::Status s = list_->Write(NotifyCsv(result, redactor())); !s.ok()) return s;
  return list_->Commit();
}

}  // namespace spoor
