// Puts the notes of pieces (noter.h) together to all that is seen.
#pragma once

#include <cstddef>
#include <mutex>

#include "hunt/noter.h"
#include "hunt/seen.h"

namespace spoor {

// What comes out does not depend on the order in which notes come. Thread-safe until Finish.
class SeenWhole {
 public:
  // REQUIRES: all arguments outlive the object.
  SeenWhole(const sigma::SwitchOn& known, const FileTable& files) : known_(known), files_(files) {}

  // The notes are moved from.
  void Take(PieceNotes* notes);
  // Without files, bytes and damage. To be called once.
  Seen Finish();

 private:
  void TakeLog(const LogKey& key, const LogNotes& notes);
  void TakeKind(const KindKey& key, const SeenKind& notes);
  void TakeLogEvent(SeenLogEvent event);
  void KeepShare(SeenKind* kind) const;
  void ShareFields();
  void Limit();

  const sigma::SwitchOn& known_;
  const FileTable& files_;
  std::mutex mutex_;
  Seen seen_;
  size_t runs_held_ = 0, hours_held_ = 0, fields_held_ = 0;
};

}  // namespace spoor
