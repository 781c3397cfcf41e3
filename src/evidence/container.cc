#include "evidence/container.h"

#include <algorithm>
#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "evidence/budget.h"
#include "evidence/spool.h"
#include "evidence/unpacker.h"
#include "fmt/format.h"

namespace spoor {
namespace {

constexpr uint64_t kSpoolMemory = 16 << 20;  // of all that is put aside at a time, in memory; the rest in files
constexpr int kMaxDamagedInARow = 1000;      // entries whose header cannot be read
// A damaged entry of a zip ends libarchive's reading of all of it; it is then opened again and led past that entry.
// Headers that may be read again so, for one container.
constexpr uint64_t kMaxReread = 2'000'000;
constexpr char kYourself[] = "unpack it yourself and give the folder if you trust it";

bool NeedsSeeking(ContainerKind kind) { return kind == ContainerKind::kZip || kind == ContainerKind::kSevenZip; }

// Where an entry that is not wanted costs no more than its bytes in the archive.
bool SkipsCheaply(ContainerKind kind) {
  return kind == ContainerKind::kZip || kind == ContainerKind::kTar || kind == ContainerKind::kCpio ||
         kind == ContainerKind::kAr || kind == ContainerKind::kIso;
}

// A name as it is shown: where a zip was made on Windows by a program that did not know better, with its separators
// turned, and without a root.
std::string Shown(std::string name, ContainerKind kind) {
  if (kind == ContainerKind::kZip) std::replace(name.begin(), name.end(), '\\', '/');
  const size_t first = name.find_first_not_of('/');
  return first == std::string::npos ? "unnamed" : name.substr(first);
}

std::string LastPart(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));  // npos + 1 == 0
}

std::string WithoutControls(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

// A container that is being read. Levels stand in each other: the bytes of one are the present entry of the one below,
// read as they are needed or put aside before.
struct Level {
  ContainerKind kind = ContainerKind::kNone;
  bool in_order = false;
  std::string self;    // its own path; empty: the outermost
  std::string name;    // of the file, without folders
  std::string prefix;  // of the paths of what lies in it
  int depth = 1;
  bool streamed = true;  // nothing was put aside on the way to it
  std::unique_ptr<Spool> spool;
  ByteSource source;
  std::unique_ptr<Unpacker> unpacker;
  Budget::Share share;
  int headers = 0;
  int damaged = 0;      // headers in a row
  uint64_t reread = 0;  // headers read a second time
  // Hash of a path -> how often it was there. Two paths of one hash cost one of them a needless "#2".
  absl::flat_hash_map<size_t, uint32_t> seen;

  // The present entry.
  Unpacker::Entry entry;
  std::string path;
  Budget::Share entry_share;
  std::vector<uint8_t> head;  // read to recognise it, and how much of that was handed out since
  size_t head_at = 0;
  bool open = false;  // there may be bytes left in the archive
  absl::Status error;
  bool cut_by_limit = false;
};

// Which path a problem with the present entry is told of: a compressed file is its only entry.
static const std::string& Culprit(const Level& level) {
  return IsMerelyCompressed(level.kind) ? level.self : level.path;
}

struct Container::Impl {
  Impl(ReadAt read, uint64_t size, std::string name, ContainerOptions options)
      : read(std::move(read)),
        size(size),
        name(std::move(name)),
        options(std::move(options)),
        budget(this->options.max_ratio, this->options.max_free, 2 * ByteSource::kBlock) {}
  ~Impl() {
    while (!levels.empty()) levels.pop_back();  // the innermost first
  }

  const ContainerEntry* Next();
  absl::StatusOr<size_t> ReadEntry(Level& level, uint8_t* to, size_t size);

  void OpenOutermost();
  void Begin(Level* level);
  void Enter(Level& below, ContainerKind kind);
  absl::Status PutAside(Level* level, const std::function<absl::StatusOr<size_t>(uint8_t*, size_t)>& next);
  bool LeaveEntry(Level& level);
  bool OpenAgain(Level& level);
  bool NextEntry(Level& level);
  bool Offer(Level& level);
  void Fail(Level& level, const std::string& path, bool reading);
  std::string Reason(const Level& level, bool reading) const;
  absl::Status Count(Level& level, size_t bytes);
  void Stop(std::string reason);
  void Problem(const std::string& path, std::string reason);
  absl::StatusOr<size_t> ReadOutermost(uint64_t offset, uint8_t* to, size_t wanted);

  ReadAt read;
  uint64_t size;
  std::string name;
  ContainerOptions options;
  Budget budget;
  bool opened = false, stopped = false;
  uint64_t consumed = 0;  // bytes read of the outermost container
  uint64_t earned = 0;    // of these, what was counted as having gone in: reading a part again earns nothing
  uint64_t entries = 0;
  uint64_t names = 0;               // bytes of the paths handed out
  std::vector<uint8_t> outer_head;  // of a pipe
  std::vector<std::unique_ptr<Level>> levels;
  std::vector<ContainerProblem> problems;
  ContainerEntry current;
  std::vector<uint8_t> scratch;
};

void Container::Impl::Problem(const std::string& path, std::string reason) {
  if (problems.size() > kMaxProblems) return;
  if (problems.size() == kMaxProblems) {
    problems.push_back({"", fmt::format("more than {} problems; the others are not listed", kMaxProblems)});
    return;
  }
  problems.push_back({path, WithoutControls(std::move(reason))});
}

void Container::Impl::Stop(std::string reason) {
  Problem("", std::move(reason));
  stopped = true;
}

absl::StatusOr<size_t> Container::Impl::ReadOutermost(uint64_t offset, uint8_t* to, size_t wanted) {
  size_t have = 0;
  while (have < wanted && offset + have < outer_head.size()) {
    const size_t n = std::min(wanted - have, outer_head.size() - static_cast<size_t>(offset + have));
    std::memcpy(to + have, outer_head.data() + offset + have, n);
    have += n;
  }
  if (have < wanted) {
    absl::StatusOr<size_t> n = read(offset + have, to + have, wanted - have);
    if (!n.ok()) return n;
    have += *n;
  }
  consumed += have;
  const uint64_t more = std::min<uint64_t>(have, size - std::min(size, earned));
  earned += more;
  budget.In(more);
  return have;
}

// Puts aside all that `next` gives. What came before an error is kept.
absl::Status Container::Impl::PutAside(Level* level,
                                       const std::function<absl::StatusOr<size_t>(uint8_t*, size_t)>& next) {
  uint64_t used = 0;
  for (const auto& other : levels) used += other->spool == nullptr ? 0 : other->spool->in_memory();
  level->spool = std::make_unique<Spool>(kSpoolMemory - std::min(used, kSpoolMemory));
  scratch.resize(ByteSource::kBlock);
  while (true) {
    absl::StatusOr<size_t> n = next(scratch.data(), scratch.size());
    if (!n.ok() || *n == 0) break;  // an error was reported where it happened
    if (absl::Status status = level->spool->Append(scratch.data(), *n); !status.ok()) return status;
  }
  level->streamed = false;
  const Spool* spool = level->spool.get();
  level->source.read = [spool](uint64_t offset, uint8_t* to, size_t wanted) {
    return spool->ReadAt(offset, to, wanted);
  };
  level->source.size = spool->size();
  return absl::OkStatus();
}

void Container::Impl::OpenOutermost() {
  opened = true;
  outer_head.resize(kHead);
  absl::StatusOr<size_t> n = read(0, outer_head.data(), kHead);
  if (!n.ok()) return Stop(std::string(n.status().message()));
  outer_head.resize(*n);
  auto level = std::make_unique<Level>();
  level->kind = RecogniseContainer(outer_head.data(), outer_head.size());
  if (level->kind == ContainerKind::kNone) return Stop("not an archive");
  level->name = name;
  level->source.size = size;
  if (size == kUnknown && NeedsSeeking(level->kind)) {
    uint64_t at = 0;
    const absl::Status status = PutAside(level.get(), [&](uint8_t* to, size_t wanted) -> absl::StatusOr<size_t> {
      absl::StatusOr<size_t> got = ReadOutermost(at, to, wanted);
      if (!got.ok()) {
        Problem("", std::string(got.status().message()));
      } else {
        at += *got;
      }
      if (at > options.max_bytes) return absl::ResourceExhaustedError("too large");
      return got;
    });
    if (!status.ok()) return Stop(std::string(status.message()));
  } else {
    level->source.read = [this](uint64_t offset, uint8_t* to, size_t wanted) {
      return ReadOutermost(offset, to, wanted);
    };
  }
  Begin(level.get());
  levels.push_back(std::move(level));
}

void Container::Impl::Begin(Level* level) {
  Unpacker::ListRoom room;
  for (const auto& outer : levels) {
    if (outer.get() == level) continue;  // begun once more
    const Unpacker::ListRoom taken = outer->unpacker->list_taken();
    room.bytes -= std::min(room.bytes, taken.bytes);
    room.files -= std::min(room.files, taken.files);
  }
  level->unpacker.reset();
  level->unpacker = std::make_unique<Unpacker>(level->kind, level->source, options.passwords, level->in_order, room);
}

// Makes the present entry of `below` the next level.
void Container::Impl::Enter(Level& below, ContainerKind kind) {
  const bool transparent =
      IsMerelyCompressed(below.kind) && (kind == ContainerKind::kTar || kind == ContainerKind::kCpio);
  auto level = std::make_unique<Level>();
  level->kind = kind;
  level->depth = below.depth + (transparent ? 0 : 1);
  if (level->depth > options.max_depth) {
    return Problem(below.path,
                   fmt::format("containers in each other, more than {} of them: {}", options.max_depth, kYourself));
  }
  level->self = transparent ? below.self : below.path;
  level->name = LastPart(below.path);
  level->prefix = transparent ? below.prefix : below.path + "!/";
  level->share = below.entry_share;
  level->streamed = below.streamed;
  if (NeedsSeeking(kind)) {
    const absl::Status status =
        PutAside(level.get(), [&](uint8_t* to, size_t wanted) { return ReadEntry(below, to, wanted); });
    if (!status.ok()) return Problem(below.path, std::string(status.message()));
  } else {
    Level* from = &below;
    level->source.size = ByteSource::kUnknown;
    level->source.read = [this, from](uint64_t, uint8_t* to, size_t wanted) { return ReadEntry(*from, to, wanted); };
  }
  if (stopped) return;
  Begin(level.get());
  levels.push_back(std::move(level));
}

// What libarchive says, in words for the user.
std::string Container::Impl::Reason(const Level& level, bool reading) const {
  const Unpacker& u = *level.unpacker;
  const std::string& said = u.message();
  const bool about_password = said.find("assphrase") != std::string::npos;
  const bool encrypted = reading ? level.entry.encrypted : u.list_encrypted();
  if (about_password || encrypted || said.find("ncrypt") != std::string::npos) {
    if (level.kind != ContainerKind::kZip) {
      return fmt::format("encrypted, and {} cannot be decrypted here: unpack it yourself and give the folder",
                         ContainerName(level.kind));
    }
    if (options.passwords.empty()) return "encrypted: give the password with --archive-password";
    if (about_password) return "encrypted: no password given with --archive-password is right for it";
    return fmt::format("encrypted, and damaged or its password is another one than given with --archive-password: {}",
                       said);
  }
  return fmt::format("{} damaged or cut off near byte {}: {}", ContainerName(level.kind), u.position(), said);
}

void Container::Impl::Fail(Level& level, const std::string& path, bool reading) {
  const Unpacker& u = *level.unpacker;
  if (u.source_failed()) {
    // What feeds a level from the one below has reported its error there.
    if (level.source.read != nullptr && (&level == levels.front().get() || level.spool != nullptr)) {
      Problem(path, std::string(u.source_error().message()));
    }
    return;
  }
  Problem(path, Reason(level, reading));
}

// Counts bytes that came out of an entry; an error: no more of it.
absl::Status Container::Impl::Count(Level& level, size_t bytes) {
  budget.Out(bytes);
  if (budget.out() > options.max_bytes) {
    Stop(fmt::format("unpacks to more than {} bytes: {}", options.max_bytes, kYourself));
    return absl::ResourceExhaustedError("too many bytes");
  }
  if (budget.Exceeded(level.entry_share)) {
    const std::string reason = fmt::format(
        "unpacks to far more than {} times its size, as a decompression bomb does: {}", options.max_ratio, kYourself);
    Problem(Culprit(level), reason);
    level.cut_by_limit = true;
    return absl::ResourceExhaustedError(reason);
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Container::Impl::ReadEntry(Level& level, uint8_t* to, size_t wanted) {
  size_t have = 0;
  if (level.head_at < level.head.size()) {
    have = std::min(wanted, level.head.size() - level.head_at);
    std::memcpy(to, level.head.data() + level.head_at, have);
    level.head_at += have;
  }
  while (have < wanted && level.open) {
    absl::StatusOr<size_t> n = level.unpacker->Read(to + have, wanted - have);
    if (!n.ok()) {
      Fail(level, Culprit(level), true);
      level.error = n.status();
    } else if (level.error = Count(level, *n); level.error.ok()) {
      have += *n;
      if (*n == 0) level.open = false;
      continue;
    }
    level.open = false;
  }
  if (have == 0 && !level.error.ok()) return level.error;
  return have;
}

// Passes over what is left of the present entry. False: nothing more is to be had from the level.
bool Container::Impl::LeaveEntry(Level& level) {
  level.head_at = level.head.size();
  const bool cheap = SkipsCheaply(level.kind) && !(level.kind == ContainerKind::kZip && level.in_order);
  if (!cheap && level.open) {
    scratch.resize(ByteSource::kBlock);
    while (level.open && !stopped) {
      if (const absl::StatusOr<size_t> n = ReadEntry(level, scratch.data(), scratch.size()); !n.ok()) break;
    }
  }
  level.open = false;
  if (stopped || (level.cut_by_limit && !cheap)) return false;
  return !level.unpacker->dead() || OpenAgain(level);
}

// After damage that ended the reading: begins once more behind the present entry.
bool Container::Impl::OpenAgain(Level& level) {
  if (level.kind != ContainerKind::kZip || level.in_order || level.unpacker->source_failed()) return false;
  level.reread += static_cast<uint64_t>(level.headers);
  if (level.reread > kMaxReread) {
    Problem(level.self, "many of its entries are damaged; the rest of it was left out");
    return false;
  }
  Begin(&level);
  Unpacker::Entry passed;
  for (int i = 0; i < level.headers;) {
    const Unpacker::Step step = level.unpacker->Next(&passed);
    if (step == Unpacker::Step::kEnd || step == Unpacker::Step::kFailed) return false;
    if (step == Unpacker::Step::kEntry) ++i;
  }
  return true;
}

// Moves to the level's next entry, of whatever type. False: the level is over.
bool Container::Impl::NextEntry(Level& level) {
  if (!LeaveEntry(level)) return false;
  if (level.headers > 0 && budget.Spent(level.share)) {
    if (!IsMerelyCompressed(level.kind)) {
      Problem(level.self, fmt::format("unpacks to far more than {} times its size; the rest of it was left out: {}",
                                      options.max_ratio, kYourself));
    }
    return false;
  }
  while (true) {
    const Unpacker::Step step = level.unpacker->Next(&level.entry);
    if (step == Unpacker::Step::kEnd) return false;
    if (++entries > options.max_entries) {
      Stop(fmt::format("holds more than {} entries; the rest was left out: {}", options.max_entries, kYourself));
      return false;
    }
    if (step == Unpacker::Step::kEntry) break;
    if (step == Unpacker::Step::kFailed && level.kind == ContainerKind::kZip && level.headers == 0 && !level.in_order &&
        !level.unpacker->list_encrypted()) {
      const std::string& too_long = level.unpacker->list_problem();
      Problem(level.self, too_long.empty()
                              ? Reason(level, false) + "; read by the headers of its entries instead"
                              : too_long + "; read by the headers of its entries instead, deleted ones too");
      level.in_order = true;
      Begin(&level);
      continue;
    }
    ++level.damaged;
    if (const std::string& too_long = level.unpacker->list_problem(); !too_long.empty()) {
      Problem(level.self, fmt::format("{}: {}", too_long, kYourself));
    } else {
      Fail(level, level.self, false);
    }
    if (step == Unpacker::Step::kFailed || level.damaged > kMaxDamagedInARow) return false;
  }
  ++level.headers;
  level.damaged = 0;
  level.open = true;
  level.error = absl::OkStatus();
  level.cut_by_limit = false;
  level.head.clear();
  level.head_at = 0;
  level.entry_share = budget.Part(level.share, IsMerelyCompressed(level.kind), level.streamed);
  return true;
}

// The level's entry is one for the user; else it was entered, or there is nothing to be had from it.
bool Container::Impl::Offer(Level& level) {
  std::string path = level.prefix + (IsMerelyCompressed(level.kind) ? WithoutCompressedEnding(level.name)
                                                                    : Shown(level.entry.name, level.kind));
  const size_t hash = absl::HashOf(path);
  for (uint32_t n = ++level.seen[hash]; n > 1; n = ++level.seen[hash]) {
    std::string numbered = absl::StrCat(path, "#", n);
    if (++level.seen[absl::HashOf(numbered)] == 1) {
      path = std::move(numbered);
      break;
    }
  }
  level.path = std::move(path);
  level.head.resize(kHead);
  level.head_at = kHead;
  const absl::StatusOr<size_t> n = ReadEntry(level, level.head.data(), kHead);
  if (!n.ok() || stopped) return false;
  level.head.resize(*n);
  level.head_at = 0;
  const ContainerKind kind = RecogniseContainer(level.head.data(), level.head.size());
  if (kind == ContainerKind::kNone) return true;
  Enter(level, kind);
  return false;
}

const ContainerEntry* Container::Impl::Next() {
  if (!opened) OpenOutermost();
  while (!stopped && !levels.empty()) {
    Level& level = *levels.back();
    if (!NextEntry(level)) {
      levels.pop_back();
      continue;
    }
    if (!level.entry.regular || !Offer(level)) continue;
    names += level.path.size();
    if (names > options.max_names) {
      Stop(fmt::format("the names in it are longer than {} MiB together; the rest was left out: {}",
                       options.max_names >> 20, kYourself));
      break;
    }
    current = {level.path, IsMerelyCompressed(level.kind) ? 0 : level.entry.size, level.entry.modified};
    return &current;
  }
  levels.clear();
  return nullptr;
}

Container::Container(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Container::~Container() = default;

std::unique_ptr<Container> Container::Open(ReadAt read, uint64_t size, std::string name, ContainerOptions options) {
  return std::unique_ptr<Container>(
      new Container(std::make_unique<Impl>(std::move(read), size, std::move(name), std::move(options))));
}

const ContainerEntry* Container::Next() { return impl_->Next(); }

absl::StatusOr<size_t> Container::Read(uint8_t* to, size_t size) {
  if (impl_->levels.empty()) return absl::FailedPreconditionError("there is no entry");
  return impl_->ReadEntry(*impl_->levels.back(), to, size);
}

const std::vector<ContainerProblem>& Container::problems() const { return impl_->problems; }
uint64_t Container::consumed() const { return std::min(impl_->consumed, impl_->size); }

}  // namespace spoor
