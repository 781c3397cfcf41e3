// What verbs share that write a case file.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/run.h"
#include "store/case_file.h"
#include "story/redact.h"

namespace spoor {

// A case and a hunt's second output into it.
class CaseWriter {
 public:
  // Opens the case and begins to write. False: what is wrong has been told.
  bool Begin(const std::string& path, bool anew);
  // Lets a hunt with these options write its findings into the case.
  void TakeFindings(HuntOptions* options);
  // What the flags name, beside what the case knows already. `roster`: "": none.
  void PutInputs(const RunFlags& flags, const std::vector<std::string>& rules, const std::string& roster = "");
  // The first of a name; "": the case has none.
  std::string Setting(const std::string& name) const;
  CaseFile* file() { return file_.get(); }
  void Note(const absl::Status& status) {
    if (status_.ok()) status_ = status;
  }
  // False: what went wrong has been told, and the case is as it was. `told`: what changed is told, without the names
  // that `redact`, if given, replaces.
  bool Commit(const char* verb, bool partial, bool told, const Redactor* redact = nullptr);

 private:
  std::string path_;
  std::unique_ptr<CaseFile> file_;
  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<RecordOutput> output_;
  absl::Status status_;
};

// Adds what a case knows to flags that do not say otherwise: its evidence, and its settings.
void AddFromCase(const CaseFile& file, RunFlags* flags, std::vector<std::string>* rules);

}  // namespace spoor
