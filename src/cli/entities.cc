// spoor entities: the hosts and users in evidence, by all their names.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/verbs.h"
#include "findings/output.h"
#include "hunt/collect_names.h"

namespace spoor {
namespace {

struct EntitiesFlags {
  RunFlags run;  // those of it that are flags here
};

std::string Visible(std::string_view text) {
  std::string out;
  AppendVisible(text, &out);
  return out;
}

std::string Json(const Entity& entity, const FileTable& files) {
  std::string out = "{";
  if (!entity.tenant.empty()) out += "\"tenant\":" + JsonString(entity.tenant) + ",";
  out += fmt::format("\"kind\":\"{}\",\"names\":[", entity.kind == EntityKind::kHost ? "host" : "user");
  for (const EntityName& name : entity.names) {
    if (out.back() != '[') out += ',';
    out += fmt::format("{{\"name\":{},\"form\":\"{}\"", JsonString(name.name), NameFormName(name.form));
    if (name.shared) out += ",\"shared\":true";
    out += fmt::format(",\"evidence\":{{\"path\":{},\"record\":{},\"offset\":{}}}}}",
                       JsonString(files[name.proof.file].path), name.proof.record, name.proof.offset);
  }
  out += fmt::format("],\"events\":{}", entity.events);
  if (entity.first != 0) {
    out += fmt::format(",\"first\":\"{}\",\"last\":\"{}\"", FormatTime(entity.first), FormatTime(entity.last));
  }
  return out + "}\n";
}

// The name people know: an account or a full name rather than a number.
const EntityName& BestName(const Entity& entity) {
  const EntityName* best = &entity.names.front();
  for (const EntityName& name : entity.names) {
    if (best->form == NameForm::kSid || best->form == NameForm::kId) best = &name;
    if (name.form == NameForm::kAccount && !name.shared && best->form != NameForm::kAccount) best = &name;
  }
  return *best;
}

std::string Text(const NamesFound& found) {
  std::vector<std::pair<const Entity*, const EntityName*>> order;
  for (const Entity& e : found.entities) order.emplace_back(&e, &BestName(e));
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first->tenant, a.first->kind, a.second->name) <
           std::tie(b.first->tenant, b.first->kind, b.second->name);
  });
  std::string out;
  const Entity* before = nullptr;
  const auto minute = [](int64_t time) { return time == 0 ? std::string("-") : FormatTime(time).substr(0, 16); };
  for (const auto& [entity, best] : order) {
    const Entity& e = *entity;
    if (before == nullptr || before->tenant != e.tenant || before->kind != e.kind) {
      if (before != nullptr) out += '\n';
      out += e.kind == EntityKind::kHost ? "Hosts" : "Users";
      if (!e.tenant.empty()) out += " of " + Visible(e.tenant);
      out += '\n';
    }
    before = &e;
    out += fmt::format("  {:<46} {:>12} events  {} to {}\n", Visible(best->name), e.events, minute(e.first),
                       minute(e.last));
    for (const EntityName& name : e.names) {
      if (&name == best) continue;
      out += fmt::format("    {:<11} {:<48} {}{} · record {}\n", NameFormName(name.form), Visible(name.name),
                         name.shared ? "(of several) " : "", Visible((*found.files)[name.proof.file].path),
                         name.proof.record);
    }
  }
  return out;
}

int RunEntities(const EntitiesFlags& flags) {
  Prepared prepared;
  if (!Prepare(flags.run, {}, "no evidence given: spoor entities PATH…  (spoor entities --help tells more)",
               &prepared)) {
    return kCannotStart;
  }
  auto output = Output::Open(flags.run.output);
  if (!output.ok()) {
    Complain(std::string(output.status().message()));
    return kCannotStart;
  }
  const std::atomic<bool>& stop = StopWhenInterrupted();
  ProgressBar bar(flags.run.quiet);
  const NamesFound found = CollectNames(prepared.evidence, sigma::SourceMap::BuiltIn(), prepared.options, stop,
                                        [&](const HuntProgress& p) { bar.Show(p); });
  bar.Clear();
  if (!flags.run.quiet) {
    for (const Unread& u : found.unread) Complain(fmt::format("not read: {}: {}", u.path, u.reason));
    if (found.damage > 0) Complain(fmt::format("damaged: {} places (spoor hunt tells where)", found.damage));
  }
  if (found.left_out > 0) {
    Complain(fmt::format("too many names for memory: {} were left out; give fewer tenants or files at a time",
                         found.left_out));
  }
  if (found.files_read == 0) {
    Complain("nothing could be read");
    return kCannotStart;
  }
  absl::Status status;
  if (flags.run.format == "jsonl") {
    for (const Entity& e : found.entities) {
      if (status.ok()) status = (*output)->Write(Json(e, *found.files));
    }
  } else {
    status = (*output)->Write(Text(found));
  }
  if (status.ok()) status = (*output)->Commit();
  if (absl::IsCancelled(status)) return kDone;  // the reader has what it wanted
  if (!status.ok()) {
    Complain(std::string(status.message()));
    return kPartly;
  }
  return found.unread.empty() && found.damage == 0 && !found.partial && found.left_out == 0 ? kDone : kPartly;
}

}  // namespace

Run AddEntities(CLI::App* app) {
  auto f = std::make_shared<EntitiesFlags>();
  RunFlags& run = f->run;
  run.format = "text";
  app->add_option("PATH", run.paths, "Files, folders and archives (with all that is in them), or - for standard input");
  run.AddTenantsTo(app);
  app->add_option("-f,--format", run.format, "text (default) or jsonl")->check(CLI::IsMember({"text", "jsonl"}));
  app->add_option("-o,--output", run.output, "Write to FILE, which appears when it is complete")->type_name("FILE");
  run.evidence.AddTo(app);
  app->add_option("-j,--jobs", run.jobs, "Threads; default: all cores")->type_name("N")->check(CLI::Range(1, 512));
  app->add_flag("-q,--quiet", run.quiet, "No progress, no messages about evidence");
  app->footer(
      "Hosts and users, each by all names it has: WS1 and ws1.acme.example; S-1-5-21-…-1104, ACME\\jane and\n"
      "jane@acme.example. Behind a name stands the record that shows it together with the others.\n"
      "Examples:\n"
      "  spoor entities case.zip\n"
      "  spoor entities --tenants customers/ -f jsonl -o who.jsonl\n"
      "Exit codes: 0 done; 1 done, but part of the evidence could not be read; 2 could not start.");
  return [f] { return RunEntities(*f); };
}

}  // namespace spoor
