#include "world/first_look.h"

#include <algorithm>

#include "hunt/feed.h"
#include "world/facts.h"

namespace spoor {

void FirstLook::Begin(const Piece& piece, std::string_view tenant) {
  file_ = piece.file;
  tenant_ = tenant;
  last_ = nullptr;
  if (states_.size() <= file_) states_.resize(file_ + 1, false);
}

void FirstLook::OnEvent(const Event& event) {
  waves.Take(event, file_, tenant_);
  if (event.shape == last_) return;
  last_ = event.shape;
  const auto [it, fresh] = shapes_.try_emplace(event.shape, true);
  if (fresh && !event.shape->source.is_windows_log()) {
    const EventFacts* const facts = Facts::BuiltIn().OfSource(event.shape->source);
    it->second = facts != nullptr && !facts->only_found;
  }
  if (it->second) states_[file_] = true;
}

void FirstLook::ShapesDropped() {
  last_ = nullptr;
  shapes_.clear();
  waves.ShapesDropped();
}

SilentFiles::SilentFiles(const FileTable& files, const std::vector<std::unique_ptr<FirstLook>>& looks) {
  const auto silent = [&](uint32_t file) {
    return std::none_of(looks.begin(), looks.end(), [&](const auto& look) { return look->States(file); });
  };
  for (uint32_t file = 0; file < files.listed(); ++file) listed_.push_back(silent(file));
  std::vector<uint32_t> talk;
  for (uint32_t file = files.listed(); file < files.size(); ++file) {
    if (silent(file)) {
      in_containers_.emplace(files[file].path, files[file].tenant);
    } else {
      talk.push_back(file);
    }
  }
  // Of several files of one path, all are read again if one is.
  for (const uint32_t file : talk) in_containers_.erase({files[file].path, files[file].tenant});
}

bool SilentFiles::Has(const FileTable& files, uint32_t file) const {
  if (file < files.listed()) return listed_[file];
  return in_containers_.contains({files[file].path, files[file].tenant});
}

}  // namespace spoor
