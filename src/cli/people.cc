#include "cli/people.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "campaign/persons.h"
#include "cli/message.h"

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

}  // namespace

void PeopleFlags::AddTo(CLI::App* app) {
  app->add_option("--roster", roster, "Who is who (CSV): victims are told as people, with role and family")
      ->type_name("FILE");
}

bool People::Read(const PeopleFlags& flags, bool told) {
  if (flags.roster.empty()) return true;
  path_ = flags.roster;
  std::string bytes;
  if (const std::string wrong = ReadSome(path_, Roster::kMaxBytes, &bytes); !wrong.empty()) {
    Complain("--roster: " + path_ + ": " + wrong);
    return false;
  }
  std::vector<std::string> notes;
  auto roster = Roster::Read(bytes, path_, &notes);
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

void People::Name(TraceResult* result, bool told) const {
  if (!roster_) return;
  size_t persons = 0;
  for (Campaign& campaign : result->found.campaigns) persons += AddPersons(*roster_, &campaign);
  if (told) {
    Complain(fmt::format("--roster: {}: {} people, {} of them among the victims", path_, roster_->persons().size(),
                         persons));
  }
}

}  // namespace spoor
