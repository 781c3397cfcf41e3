// spoor rules check: what is wrong with rule files, for authors and for CI.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <thread>

#include "base/text.h"
#include "cli/message.h"
#include "cli/placeholders.h"
#include "cli/verbs.h"
#include "sigma/check.h"

namespace spoor {
namespace {

using sigma::Problem;

struct CheckFlags {
  std::vector<std::string> paths;
  std::string format = "text", placeholders;
  bool strict = false, quiet = false;
};

const char* NameOf(Problem::Severity severity) { return severity == Problem::Severity::kError ? "error" : "warning"; }

std::string AsText(const sigma::CheckResult& result) {
  std::string out;
  for (const Problem& p : result.problems) {
    std::string place = p.path;
    if (p.line > 0) place += fmt::format(":{}", p.line);
    if (p.line > 0 && p.column > 0) place += fmt::format(":{}", p.column);
    AppendVisible(fmt::format("{}: {}: {} [{}]", place, NameOf(p.severity), p.message, p.code), &out);
    out += '\n';
  }
  return out;
}

std::string AsJson(const sigma::CheckResult& result) {
  std::string out = fmt::format("{{\"files\":{},\"rules\":{},\"errors\":{},\"warnings\":{},\"problems\":[",
                                result.files, result.rules, result.errors, result.warnings);
  for (size_t i = 0; i < result.problems.size(); ++i) {
    const Problem& p = result.problems[i];
    out += fmt::format(
        "{}{{\"severity\":\"{}\",\"code\":{},\"path\":{},\"line\":{},\"column\":{},\"rule\":{},\"message\":{}}}",
        i > 0 ? ",\n" : "\n", NameOf(p.severity), JsonString(p.code), JsonString(p.path), p.line, p.column,
        JsonString(p.rule), JsonString(p.message));
  }
  return out + "\n]}\n";
}

// Static Analysis Results Interchange Format (OASIS SARIF 2.1.0).
std::string AsSarif(const sigma::CheckResult& result) {
  std::string out =
      "{\"version\":\"2.1.0\",\"$schema\":\"https://json.schemastore.org/"
      "sarif-2.1.0.json\",\"runs\":[{\"tool\":{\"driver\":{"
      "\"name\":\"spoor\",\"version\":\"" SPOOR_VERSION "\",\"rules\":[";
  bool first = true;
  for (const sigma::CheckCode& code : sigma::CheckCodes()) {
    out += fmt::format("{}\n{{\"id\":{},\"shortDescription\":{{\"text\":{}}}}}", first ? "" : ",",
                       JsonString(code.code), JsonString(code.meaning));
    first = false;
  }
  out += "]}},\"results\":[";
  first = true;
  for (const Problem& p : result.problems) {
    std::string region;
    if (p.line > 0) {
      region = fmt::format(",\"region\":{{\"startLine\":{}{}}}", p.line,
                           p.column > 0 ? fmt::format(",\"startColumn\":{}", p.column) : "");
    }
    out += fmt::format(
        "{}\n{{\"ruleId\":{},\"level\":\"{}\",\"message\":{{\"text\":{}}},\"locations\":[{{\"physicalLocation\":"
        "{{\"artifactLocation\":{{\"uri\":{}}}{}}}}}]}}",
        first ? "" : ",", JsonString(p.code), NameOf(p.severity), JsonString(p.message), JsonString(p.path), region);
    first = false;
  }
  return out + "]}]}\n";
}

// Workflow commands, which GitHub shows beside the lines of a change.
std::string AsGithub(const sigma::CheckResult& result) {
  const auto escaped = [](std::string_view text, bool property) {
    std::string out;
    for (const char c : text) {
      if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
        out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
      } else {
        out += c;
      }
    }
    return out;
  };
  std::string out;
  for (const Problem& p : result.problems) {
    std::string place = "file=" + escaped(p.path, true);
    if (p.line > 0) place += fmt::format(",line={}", p.line);
    if (p.column > 0) place += fmt::format(",col={}", p.column);
    out += fmt::format("::{} {},title={}::{}\n", NameOf(p.severity), place, escaped(p.code, true),
                       escaped(p.message, false));
  }
  return out;
}

int RunCheck(const CheckFlags& flags) {
  sigma::LoadOptions options;
  options.jobs = std::max(1u, std::thread::hardware_concurrency());
  if (!AddPlaceholders(flags.placeholders, &options.placeholders)) return kCannotStart;
  const sigma::CheckResult result = sigma::CheckRules(flags.paths, options, sigma::SourceMap::BuiltIn());
  const std::string text = flags.format == "json"     ? AsJson(result)
                           : flags.format == "sarif"  ? AsSarif(result)
                           : flags.format == "github" ? AsGithub(result)
                                                      : AsText(result);
  Print(text);
  if (!flags.quiet) {
    std::fprintf(stderr, "%s\n",
                 fmt::format("{} rules in {} files: {} errors, {} warnings", result.rules, result.files, result.errors,
                             result.warnings)
                     .c_str());
  }
  if (result.files == 0) {
    Complain("no rule file there");
    return kCannotStart;
  }
  return result.errors > 0 || (flags.strict && result.warnings > 0) ? kPartly : kDone;
}

}  // namespace

Run AddRulesCheck(CLI::App* app) {
  auto f = std::make_shared<CheckFlags>();
  app->add_option("PATH", f->paths, "Rule files, folders (with all that is in them)")->required();
  app->add_option("-f,--format", f->format, "text (default), json, sarif, github (annotations of a workflow)")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}));
  app->add_option("--placeholders", f->placeholders, "YAML file with the values of placeholders")->type_name("FILE");
  app->add_flag("--strict", f->strict, "Exit code 1 for warnings, too");
  app->add_flag("-q,--quiet", f->quiet, "No count at the end");
  std::string codes = "Errors: invalid, never-holds. All others are warnings:\n";
  for (const sigma::CheckCode& code : sigma::CheckCodes())
    codes += fmt::format("  {:<20} {}\n", code.code, code.meaning);
  app->footer(codes + "Exit codes: 0 no error; 1 errors; 2 could not start.");
  return [f] { return RunCheck(*f); };
}

}  // namespace spoor
