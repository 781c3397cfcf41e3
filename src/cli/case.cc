#include "cli/case.h"

#include <fmt/format.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <filesystem>

#include "cli/message.h"

namespace spoor {
namespace {

std::string WorkingFolder() {
  char folder[PATH_MAX];
  return getcwd(folder, sizeof folder) == nullptr ? std::string() : std::string(folder);
}

// As it was given, where that still means the same file.
std::string PathFrom(const CaseInput& input) {
  if (input.path.starts_with('/') || input.folder == WorkingFolder()) return input.path;
  return input.folder + "/" + input.path;
}

}  // namespace

bool CaseWriter::Begin(const std::string& path, bool anew) {
  path_ = path;
  auto opened = CaseFile::Open(path);
  if (!opened.ok()) {
    Complain(std::string(opened.status().message()));
    return false;
  }
  file_ = *std::move(opened);
  if (const absl::Status s = file_->Begin(anew); !s.ok()) {
    Complain(path + ": " + std::string(s.message()));
    return false;
  }
  return true;
}

void CaseWriter::TakeFindings(HuntOptions* options) {
  renderer_ = MakeRecordRenderer(true);
  output_ = std::make_unique<RecordOutput>([this](const FindingRecord& finding) { return file_->PutFinding(finding); });
  options->also_renderer = renderer_.get();
  options->also_output = output_.get();
}

void CaseWriter::PutInputs(const RunFlags& flags, const std::vector<std::string>& rules, const std::string& roster) {
  const std::string folder = WorkingFolder();
  std::vector<CaseInput> inputs = file_->inputs();
  const auto add = [&](CaseInput input) {
    for (const CaseInput& known : inputs) {
      if (known.tenant == input.tenant && PathFrom(known) == input.path) return;
    }
    inputs.push_back(std::move(input));
  };
  for (const std::string& path : flags.paths) add({"", path, folder});
  for (const std::string& tenant : flags.tenants) {
    const size_t equals = tenant.find('=');
    add({tenant.substr(0, equals), tenant.substr(equals + 1), folder});
  }
  std::vector<std::pair<std::string, std::string>> settings;
  settings.reserve(rules.size());
  for (const std::string& rule : rules) settings.emplace_back("rules", rule);
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) settings.emplace_back(name, value);
  };
  set("tenants", flags.tenants_folder);
  set("logsource", flags.evidence.log_source);
  set("mapping", flags.evidence.mapping);
  set("timezone", flags.evidence.timezone);
  set("since", flags.since);
  set("until", flags.until);
  std::error_code wrong;  // where the folder is gone, the path as it was given
  const std::filesystem::path whole = std::filesystem::absolute(roster, wrong);
  if (!roster.empty()) set("roster", wrong ? roster : whole.string());
  Note(file_->PutInputs(inputs, settings));
}

std::string CaseWriter::Setting(const std::string& name) const {
  for (const auto& [known, value] : file_->settings()) {
    if (known == name) return value;
  }
  return {};
}

bool CaseWriter::Commit(const char* verb, bool partial, bool told, const Redactor* redact) {
  absl::StatusOr<CaseChange> change = status_.ok() ? file_->Commit(verb, partial) : absl::StatusOr<CaseChange>(status_);
  if (!change.ok()) {
    Complain(path_ + ": " + std::string(change.status().message()) + "; the case is as it was");
    return false;
  }
  if (!told) return true;
  Complain(fmt::format("{}: new files of evidence: {}; findings: {}, before {}", path_, change->evidence_new,
                       change->findings, change->findings_before));
  for (const std::string& line : change->lines) {
    Complain(path_ + ": " + (redact == nullptr ? line : redact->Text(line)));
  }
  return true;
}

void AddFromCase(const CaseFile& file, RunFlags* flags, std::vector<std::string>* rules) {
  std::vector<std::string> paths, tenants;
  for (const CaseInput& input : file.inputs()) {
    if (input.tenant.empty()) {
      paths.push_back(PathFrom(input));
    } else {
      tenants.push_back(input.tenant + "=" + PathFrom(input));
    }
  }
  flags->paths.insert(flags->paths.begin(), paths.begin(), paths.end());
  flags->tenants.insert(flags->tenants.begin(), tenants.begin(), tenants.end());
  const bool own_rules = !rules->empty();
  for (const auto& [name, value] : file.settings()) {
    const auto take = [&value = value](std::string* flag) {
      if (flag->empty()) *flag = value;
    };
    if (name == "rules" && !own_rules) rules->push_back(value);
    if (name == "tenants") take(&flags->tenants_folder);
    if (name == "logsource") take(&flags->evidence.log_source);
    if (name == "mapping") take(&flags->evidence.mapping);
    if (name == "timezone") take(&flags->evidence.timezone);
    if (name == "since") take(&flags->since);
    if (name == "until") take(&flags->until);
  }
}

}  // namespace spoor
