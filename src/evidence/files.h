// What the user gave: files, folders, standard input, as a list in a stable order.
//
// Folders are walked down to the last file, names byte-wise sorted; symbolic links to folders are followed only where
// the user named them. Nothing is opened here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace spoor {

struct EvidenceFile {
  std::string path;    // as shown to people: as given, or below the folder given; "-" for standard input
  std::string tenant;  // empty: none
};

struct Unread {
  std::string path, reason;
};

struct EvidenceList {
  std::vector<EvidenceFile> files;  // in order of path; a file given twice stands once
  std::vector<Unread> unread;       // folders that could not be listed
};

// `paths` of no tenant, `tenants` as (name, path). Fails if a path given does not exist.
absl::StatusOr<EvidenceList> ListEvidence(const std::vector<std::string>& paths,
                                          const std::vector<std::pair<std::string, std::string>>& tenants);

}  // namespace spoor
