// From the records of one event to the event.
//
// A field has the values of all records that name it, in their order: `type` says which records there are, `name` all
// paths. What rules expect of one record holds for the event, too. Beside what the records say, it gets
//
//     CommandLine      the arguments of EXECVE, with spaces between them
//     SYSCALL          the system call's name, where the log has only its number
//     laddr, lport     of SOCKADDR (saddr_fam says of which family)
//     TargetFilename   the path of a file that was created, with the working directory in front where it needs one
//     syscall_a0 … a3  the arguments of the system call that started a program: a0 … are the program's own
//
// and names of Sigma's for others (aliases). Not thread-safe; values are valid until the next call.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "event/event.h"
#include "formats/auditd/chains.h"
#include "formats/key_shapes.h"

namespace spoor::auditd {

class EventMaker {
 public:
  // `utc_offset`: of times without a zone, seconds east of UTC.
  explicit EventMaker(int32_t utc_offset = 0) : utc_offset_(utc_offset) {}

  // Fills in shape, values and time of the event that begins with a record. `host`: of the machine; may be empty.
  void Make(const Chains& chains, uint32_t first, std::string_view host, Event* event);
  // Frees shapes where they take too much memory, having told the sink.
  void Tidy(Sink* sink);
  void DropShapes() { shapes_.Clear(); }
  size_t memory() const { return shapes_.memory(); }  // bytes, roughly

 private:
  // A key and, where it is of this event, its values in items_. Columns stay from event to event.
  struct Column {
    std::string key;
    uint64_t event = 0;  // number of the last event that had it
    uint32_t first = 0, last = 0, count = 0;
  };
  struct Item {
    std::string_view text;
    uint32_t next;
  };
  void Add(std::string_view key, std::string_view text);
  uint32_t ColumnOf(std::string_view key);
  Column* Here(std::string_view key);  // nullptr: the event has no such key
  void AddRecord(const RecordHead& head, bool execve);
  void AddInterpreted(const RecordHead& head, bool execve);
  std::string_view First(std::string_view key);
  void AddCommandLine();
  void AddCreated();
  std::string_view Keep(std::string text) { return kept_.emplace_back(std::move(text)); }
  static void MakeShape(unsigned kind, bool nobody, const std::vector<std::string>& keys, Shape* shape);

  const int32_t utc_offset_;
  KeyShapes shapes_;
  std::deque<Column> columns_;
  absl::flat_hash_map<std::string_view, uint32_t> column_of_;
  std::vector<uint32_t> order_;  // the event's columns
  uint64_t event_ = 0;           // number of the event
  std::vector<Item> items_;
  std::vector<uint32_t> hints_;  // the column that the n-th field of the event before had
  size_t fields_ = 0;            // so far
  std::deque<std::string> kept_;
  std::vector<std::string_view> arguments_;
  std::vector<std::pair<std::string_view, std::string_view>> interpreted_;  // fields of a record
  std::string* joined_ = nullptr;                                           // the last argument, where it came in parts
  std::string created_, lists_;  // the name of a file that was created; elements of lists
  std::vector<Value> values_;
};

}  // namespace spoor::auditd
