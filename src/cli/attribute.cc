// spoor attribute: which known actor a list of techniques and software resembles, and how sure that is.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "attribution/compare.h"
#include "attribution/observations.h"
#include "base/message.h"
#include "cli/attribute_render.h"
#include "cli/message.h"
#include "cli/verbs.h"
#include "findings/output.h"
#include "store/case_file.h"

namespace spoor {
namespace {

constexpr size_t kMaxProfiles = 10'000;

struct AttributeFlags {
  std::vector<std::string> observed, visible;
  std::string profiles, table, format, output;
  size_t hypotheses = 5;
  int64_t campaign = 0;  // of a case; 0: the one of the highest score
  bool quiet = false;
};

// All of a file, or of standard input for "-". Empty, or what is wrong.
std::string ReadAll(const std::string& path, size_t most, std::string* bytes) {
  const bool standard = path == "-";
  const std::unique_ptr<FILE, int (*)(FILE*)> file(standard ? stdin : std::fopen(path.c_str(), "rb"),
                                                   standard ? [](FILE*) { return 0; } : std::fclose);
  if (file == nullptr) return std::strerror(errno);
  char block[1 << 14];
  while (const size_t n = std::fread(block, 1, sizeof block, file.get())) {
    if (bytes->size() + n > most) return fmt::format("more than {} bytes", most);
    bytes->append(block, n);
  }
  return std::ferror(file.get()) != 0 ? std::strerror(errno) : "";
}

// The user's table of ATT&CK, or the program's. nullptr: told what is wrong.
const Attack* ReadAttack(const std::string& path, std::unique_ptr<Attack>* owned) {
  if (path.empty()) return &Attack::BuiltIn();
  std::string bytes;
  if (const std::string wrong = ReadAll(path, Attack::kMaxBytes, &bytes); !wrong.empty()) {
    Complain(fmt::format("--attack: {}: {}", path, wrong));
    return nullptr;
  }
  auto read = Attack::Parse(bytes);
  if (!read.ok()) {
    Complain(fmt::format("--attack: {}: {}", path, std::string(Message(read.status()))));
    return nullptr;
  }
  *owned = *std::move(read);
  return owned->get();
}

// The user's profiles, in order of their names. False: there is no such folder. A profile that cannot be used is told.
bool ReadProfiles(const std::string& folder, const Attack& attack, std::vector<Profile>* profiles, bool* partly) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string extension = it->path().extension().string();
    if (extension == ".yml" || extension == ".yaml") files.push_back(it->path().string());
  }
  if (error || files.size() > kMaxProfiles) {
    Complain(fmt::format("--profiles: {}: {}", folder, error ? error.message() : "too many profiles"));
    return false;
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) Complain(fmt::format("--profiles: {} holds no .yml file", folder));
  *partly = *partly || files.empty();
  for (const std::string& file : files) {
    std::string bytes;
    std::string wrong = ReadAll(file, kMaxProfileBytes, &bytes);
    if (wrong.empty()) {
      auto profile = ParseProfile(bytes, file, attack);
      if (profile.ok()) {
        // The user's profile of an actor stands for the program's own.
        std::erase_if(*profiles, [&](const Profile& p) { return p.file == "built-in" && p.id == profile->id; });
        profiles->push_back(*std::move(profile));
        continue;
      }
      wrong = std::string(Message(profile.status()));
    }
    Complain(fmt::format("{}: {}", file, wrong));
    *partly = true;
  }
  return true;
}

// What a campaign of a case showed, and could have shown. False: told what is wrong.
bool ReadCase(const std::string& path, const AttributeFlags& flags, ObservationReader* reader, std::string* visible) {
  const auto campaigns = CaseFile::ReadObserved(path);
  if (!campaigns.ok()) {
    Complain(fmt::format("{}: {}", path, std::string(Message(campaigns.status()))));
    return false;
  }
  if (campaigns->empty()) {
    Complain(fmt::format("{}: no campaign is in this case: spoor trace {} looks for some", path, path));
    return false;
  }
  const int64_t wanted = flags.campaign == 0 ? campaigns->front().campaign : flags.campaign;
  const auto is_wanted = [&](const CaseObserved& c) { return c.campaign == wanted; };
  const auto of = std::find_if(campaigns->begin(), campaigns->end(), is_wanted);
  if (of == campaigns->end()) {
    Complain(fmt::format("{}: no campaign {}: this case has {}, from 1", path, wanted, campaigns->size()));
    return false;
  }
  if (campaigns->size() > 1 && flags.campaign == 0 && !flags.quiet) {
    Complain(fmt::format("{}: taken is campaign 1 of {}, which has the highest score; --campaign N takes another", path,
                         campaigns->size()));
  }
  for (const ObservedTechnique& t : of->observed.techniques) {
    reader->Add(fmt::format("{}@{:.6f}", t.id, t.certainty), t.how, path);
  }
  for (const std::string& tactic : of->observed.tactics) *visible += (visible->empty() ? "" : ",") + tactic;
  return true;
}

// `visible`: what a case could have shown, added to what the flags say.
bool ReadObservations(const AttributeFlags& flags, ObservationReader* reader, std::vector<std::string>* visible) {
  *visible = flags.visible;
  for (const std::string& word : flags.observed) {
    std::error_code error;
    if (word != "-" && std::filesystem::is_regular_file(word, error) && CaseFile::IsCase(word)) {
      std::string of_case;
      if (!ReadCase(word, flags, reader, &of_case)) return false;
      if (!of_case.empty()) visible->push_back(of_case);
      continue;
    }
    if (word != "-" && !std::filesystem::is_regular_file(word, error)) {
      reader->Add(word);
      continue;
    }
    std::string bytes;
    if (const std::string wrong = ReadAll(word, kMaxListBytes, &bytes); !wrong.empty()) {
      Complain(fmt::format("{}: {}", word, wrong));
      return false;
    }
    reader->AddFile(bytes, word == "-" ? "standard input" : word);
  }
  for (const std::string& list : *visible) {
    if (reader->AddVisible(list)) continue;
    Complain(reader->problems().back());
    return false;
  }
  return true;
}

int RunAttribute(const AttributeFlags& flags) {
  if (flags.observed.empty()) {
    Complain("nothing observed: spoor attribute T1598.003 S0153 …  (spoor attribute --help tells more)");
    return kCannotStart;
  }
  std::unique_ptr<Attack> owned;
  const Attack* attack = ReadAttack(flags.table, &owned);
  if (attack == nullptr) return kCannotStart;
  bool partly = false;
  std::vector<Profile> profiles = BuiltInProfiles(*attack);
  if (!flags.profiles.empty() && !ReadProfiles(flags.profiles, *attack, &profiles, &partly)) return kCannotStart;
  const Knowledge knowledge(*attack, profiles);

  ObservationReader reader(knowledge);
  std::vector<std::string> visible;
  if (!ReadObservations(flags, &reader, &visible)) return kCannotStart;
  if (!flags.quiet) {
    for (const std::string& note : reader.notes()) Complain(note);
  }
  for (const std::string& problem : reader.problems()) Complain(problem);
  partly = partly || !reader.problems().empty();
  const Evidence& evidence = reader.evidence();
  if (evidence.techniques.empty() && evidence.software.empty() && evidence.traits.empty()) {
    Complain("nothing was observed that could be held against an actor");
    return kCannotStart;
  }
  const Model model(knowledge);
  const Comparison comparison = Compare(model, evidence);

  auto output = Output::Open(flags.output);
  if (!output.ok()) {
    Complain(std::string(output.status().message()));
    return kCannotStart;
  }
  AttributionShown shown{comparison,        knowledge, flags.hypotheses, profiles.size(),
                         evidence.IsBare(), visible,   reader.notes()};
  shown.notes.insert(shown.notes.end(), reader.problems().begin(), reader.problems().end());
  std::string format = flags.format;
  if (format.empty()) format = flags.output.empty() && isatty(STDOUT_FILENO) ? "table" : "json";
  absl::Status status = (*output)->Write(format == "table" ? AttributionText(shown) : AttributionJson(shown));
  if (status.ok()) status = (*output)->Commit();
  if (!status.ok() && !absl::IsCancelled(status)) {
    Complain(std::string(status.message()));
    return kPartly;
  }
  return partly ? kPartly : kDone;
}

}  // namespace

Run AddAttribute(CLI::App* app) {
  auto f = std::make_shared<AttributeFlags>();
  app->add_option(
      "OBSERVED", f->observed,
      "Techniques and software by identifier, software by name, traits (KIND=VALUE), files with one a line, "
      "- for standard input, or a case file for what a campaign of it showed; @0.6 behind one says how certain it is");
  app->add_option("--campaign", f->campaign, "Of a case file: which campaign; default: 1, of the highest score")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  app->add_option("--visible", f->visible,
                  "Tactics and techniques that the evidence could have shown, separated by commas; default: all")
      ->type_name("LIST")
      ->allow_extra_args(false);
  app->add_option("-n,--hypotheses", f->hypotheses, "How many actors to show; default: 5")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  app->add_option("--profiles", f->profiles, "Folder of actor profiles (*.yml), besides ATT&CK's groups")
      ->type_name("DIR");
  app->add_option("--attack", f->table, "A table made by tools/make_attack_table, instead of the built-in one")
      ->type_name("FILE");
  app->add_option("-f,--format", f->format, "table (default on a terminal) or json (default elsewhere)")
      ->check(CLI::IsMember({"table", "json"}));
  app->add_option("-o,--output", f->output, "Write to FILE, which appears when it is complete")->type_name("FILE");
  app->add_flag("-q,--quiet", f->quiet, "Do not tell what was understood another way than it was written");
  app->footer(
      std::string(
          "Which known actor does this resemble, how sure is that, what speaks against it, and what would tell\n"
          "the first two apart? \"None of these\" is always among the answers. docs/attribution.md tells what\n"
          "the numbers mean, and what they cannot say.\n"
          "Examples:\n"
          "  spoor attribute T1598.003 T1665 T1584.008 S0153 sector=legislature\n"
          "  spoor attribute techniques.txt --visible initial-access,execution,T1071 -n 10\n"
          "  cat techniques.txt | spoor attribute - -f json -o who.json\n"
          "  spoor attribute acme.case S0153 sector=legislature    what a trace found, and what is known beside it\n"
          "Exit codes: 0 done; 1 done, but part of what was given is not known; 2 could not start.\n") +
      kAttackNotice);
  return [f] { return RunAttribute(*f); };
}

}  // namespace spoor
