// spoor demo: writes the example campaign as evidence.
#include "demo/demo.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/message.h"
#include "base/time.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/verbs.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

struct DemoFlags {
  std::string folder;
  demo::DemoOptions options;
  bool without_attack = false, force = false, quiet = false;
};

// Makes sure that the folder may be written to; with --force what a demo wrote before goes. "" or what is wrong.
std::string PrepareFolder(const DemoFlags& flags) {
  std::error_code error;
  const fs::path folder = flags.folder;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) return flags.folder + ": is no folder";
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    if (error) return flags.folder + ": " + error.message();
    if (!flags.force)
      return flags.folder + ": is not empty; give another folder, or --force to replace what spoor demo wrote there";
    if (!fs::exists(folder / "truth.json")) {
      return flags.folder +
             ": is not empty, and has no truth.json: spoor demo did not write it, so --force does not replace it";
    }
    for (const char* name : {"evidence", "truth.json", "roster.csv", "README.txt"}) {
      fs::remove_all(folder / name, error);
      if (error) return flags.folder + "/" + name + ": " + error.message();
    }
  }
  fs::create_directories(folder, error);
  return error ? flags.folder + ": " + error.message() : "";
}

int RunDemo(DemoFlags flags) {
  flags.options.attack = !flags.without_attack;
  if (flags.folder.empty()) {
    Complain("no folder given: spoor demo DIR  (spoor demo --help tells more)");
    return kCannotStart;
  }
  std::string wrong = demo::CheckOptions(flags.options);
  if (wrong.empty()) wrong = PrepareFolder(flags);
  if (!wrong.empty()) {
    Complain(wrong);
    return kCannotStart;
  }
  const std::atomic<bool>& stop = StopWhenInterrupted();
  const bool bar = !flags.quiet && isatty(STDERR_FILENO) != 0;
  const double start = MonotonicSeconds();
  const auto result = demo::WriteDemo(flags.options, flags.folder, [&](const demo::DemoProgress& p) {
    if (bar) std::fprintf(stderr, "\r day %d of %d  %s\x1b[K", p.day, p.days, HumanBytes(p.bytes).c_str());
    return !stop.load();
  });
  if (bar) std::fprintf(stderr, "\r\x1b[K");
  if (!result.ok()) {
    Complain(std::string(Message(result.status())));
    return kPartly;
  }
  if (result->stopped) {
    Complain(flags.folder + ": interrupted; what lies there ends early");
    return kPartly;
  }
  if (flags.quiet) return kDone;
  Print(fmt::format("{}: {} records in {} files, {}, in {:.1f} s\n", flags.folder, Grouped(result->records),
                    Grouped(result->files), HumanBytes(result->bytes), MonotonicSeconds() - start));
  if (flags.options.attack) {
    Print(fmt::format(
        "The campaign: {} steps; {} servers reached on {} customers' networks. What happened: {}/truth.json\n",
        result->steps, result->servers, result->networks, flags.folder));
  } else {
    Print("Ordinary days only: nobody attacked.\n");
  }
  Print(fmt::format("Now: spoor hunt --tenants {}/evidence\n", flags.folder));
  return kDone;
}

}  // namespace

Run AddDemo(CLI::App* app) {
  auto f = std::make_shared<DemoFlags>();
  app->add_option("DIR", f->folder, "Folder to write to; it is made, and must be empty");
  app->add_option("--seed", f->options.seed,
                  "Names, times, places, ways: another campaign for each number (default: 1)")
      ->type_name("N");
  app->add_option("--tenants", f->options.tenants,
                  "Organisations, the provider among them: 8 (default) to 16. Seven customers are\nreached whatever "
                  "their number; the others only have ordinary days")
      ->type_name("N");
  app->add_option("--days", f->options.days, "Length: 30 to 730 (default: 120)")->type_name("N");
  app->add_option("--noise", f->options.noise, "Ordinary work, times so much (default: 1); 0 writes none")
      ->type_name("N");
  app->add_flag("--without-attack", f->without_attack, "The same ordinary days, and nobody attacks");
  app->add_flag("--force", f->force, "Replace what spoor demo wrote to DIR before");
  app->add_flag("-q,--quiet", f->quiet, "No progress, no summary");
  app->footer(
      "Writes what the logs of a provider and its customers would say of a long espionage campaign, between the work "
      "of\n"
      "ordinary days: tracking mails, home routers, a web server taken, an implant, servers of seven customers "
      "reached\n"
      "through their provider, mail read for months. Logs and mail only; people, domains and addresses are invented.\n"
      "  DIR/evidence/TENANT/  evidence, a folder for each organisation\n"
      "  DIR/truth.json        what happened: steps with their records, hosts, accounts, what is missing "
      "(docs/demo.md)\n"
      "  DIR/roster.csv        people, accounts, families\n"
      "The same options give the same bytes.\n"
      "Examples:\n"
      "  spoor demo campaign/ && spoor hunt --tenants campaign/evidence\n"
      "  spoor demo quiet/ --seed 7 --without-attack      # what an innocent year looks like to your rules\n"
      "Exit codes: 0 done; 1 begun, but not all could be written; 2 could not start.");
  return [f] { return RunDemo(*f); };
}

}  // namespace spoor
