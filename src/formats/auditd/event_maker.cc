#include "formats/auditd/event_maker.h"

#include <algorithm>
#include <charconv>

#include "formats/auditd/interpreted.h"

namespace spoor::auditd {
namespace {

constexpr size_t kMaxShapes = 16 << 20;  // bytes of shapes, then they are learned anew
constexpr size_t kMaxColumns = 1024;
constexpr size_t kMaxKnown = 16384;  // keys remembered between events
constexpr size_t kMaxItems = 65536;
constexpr size_t kMaxArguments = 8192;  // of a command line
constexpr uint32_t kNone = Chains::kNone;
constexpr auto kTextArray = static_cast<ValueType>(static_cast<uint8_t>(ValueType::kUtf8) | kArrayFlag);

// What an event is about, which Sigma's categories tell apart.
enum Kind : unsigned { kOther, kExecve, kConnect, kCreate };
constexpr unsigned kNobody = 16;  // beside the kind
constexpr const char* kCategories[] = {"", "process_creation", "network_connection", "file_event"};

struct Alias {
  const char *key, *alias;
};
constexpr Alias kAliases[] = {
    {"exe", "Image"},      {"cwd", "CurrentDirectory"}, {"pid", "ProcessId"},         {"ppid", "ParentProcessId"},
    {"ses", "LogonId"},    {"laddr", "DestinationIp"},  {"lport", "DestinationPort"}, {"laddr", "dst_ip"},
    {"lport", "dst_port"}, {"addr", "src_ip"}};
// The acting user, best first: names, then numbers.
constexpr std::string_view kUsers[] = {"AUID", "acct", "UID", "auid", "uid"};
// Of a program that was started, whom it runs as.
constexpr std::string_view kRunsAs[] = {"EUID", "UID", "euid", "uid"};

// What interpreted records say of a number is what enriched logs say under another name.
constexpr Alias kEnriched[] = {{"arch", "ARCH"}, {"syscall", "SYSCALL"}, {"auid", "AUID"},   {"uid", "UID"},
                               {"gid", "GID"},   {"euid", "EUID"},       {"suid", "SUID"},   {"fsuid", "FSUID"},
                               {"egid", "EGID"}, {"sgid", "SGID"},       {"fsgid", "FSGID"}, {"ouid", "OUID"},
                               {"ogid", "OGID"}};

// The name of an argument of the system call that started a program, whose own are a0, a1, ….
std::string_view OfSyscall(std::string_view key) {
  static constexpr std::string_view kNames[] = {"syscall_a0", "syscall_a1", "syscall_a2", "syscall_a3"};
  return key.size() == 2 && key[0] == 'a' && key[1] >= '0' && key[1] <= '3' ? kNames[key[1] - '0'] : key;
}

bool IsArgument(std::string_view key) { return key.size() >= 2 && key[0] == 'a' && key[1] >= '0' && key[1] <= '9'; }

}  // namespace

void EventMaker::Tidy(Sink* sink) {
  if (shapes_.memory() <= kMaxShapes) return;
  sink->ShapesDropped();
  shapes_.Clear();
}

void EventMaker::Add(std::string_view key, std::string_view text) {
  if (items_.size() >= kMaxItems) return;
  const size_t field = fields_++;
  uint32_t column = field < hints_.size() ? hints_[field] : kNone;
  if (column >= columns_.size() || columns_[column].key != key) {
    column = ColumnOf(key);
    if (field >= hints_.size()) hints_.resize(field + 1, kNone);
    hints_[field] = column;
  }
  Column& c = columns_[column];
  if (c.event != event_) {
    if (order_.size() >= kMaxColumns) return;
    c.event = event_;
    c.count = 0;
    order_.push_back(column);
  }
  const auto item = static_cast<uint32_t>(items_.size());
  items_.push_back({text, kNone});
  (c.count++ == 0 ? c.first : items_[c.last].next) = item;
  c.last = item;
}

uint32_t EventMaker::ColumnOf(std::string_view key) {
  if (const auto it = column_of_.find(key); it != column_of_.end()) return it->second;
  const auto column = static_cast<uint32_t>(columns_.size());
  columns_.emplace_back().key = std::string(key);
  column_of_.emplace(columns_.back().key, column);
  return column;
}

EventMaker::Column* EventMaker::Here(std::string_view key) {
  const auto it = column_of_.find(key);
  return it == column_of_.end() || columns_[it->second].event != event_ ? nullptr : &columns_[it->second];
}

std::string_view EventMaker::First(std::string_view key) {
  const Column* const c = Here(key);
  return c == nullptr ? std::string_view() : items_[c->first].text;
}

void EventMaker::AddRecord(const RecordHead& head, bool execve) {
  if (!head.type.empty()) Add("type", head.type);
  if (head.interpreted) return AddInterpreted(head, execve);
  const bool is_execve = head.type == "EXECVE", is_syscall = head.type == "SYSCALL", is_path = head.type == "PATH";
  std::string_view name, arch, number;
  bool named_call = false;
  ForEachField(head.body, [&](std::string_view key, std::string_view text, bool quoted) {
    if (!quoted && (text == "(null)" || text == "?")) return;  // no value
    if (!quoted && MayBeHex(head.type, key)) {
      std::string decoded;
      if (Decode(text, &decoded)) {
        if (key == "key") {  // several keys of rules, with a byte 1 between them
          for (size_t at = 0; at <= decoded.size();) {
            const size_t stop = std::min(decoded.find('\1', at), decoded.size());
            Add(key, Keep(decoded.substr(at, stop - at)));
            at = stop + 1;
          }
          return;
        }
        text = Keep(std::move(decoded));
      }
    }
    if (is_execve && IsArgument(key)) {
      const size_t bracket = key.find('[');
      if (bracket == std::string_view::npos) {
        if (key.find('_') != std::string_view::npos) return;  // a1_len
        joined_ = nullptr;
        arguments_.push_back(text);
        Add(key, text);
      } else if (key.ends_with("[0]")) {  // a long one in parts
        joined_ = nullptr;
        arguments_.push_back(text);
        Add(key.substr(0, bracket), text);
      } else if (!arguments_.empty()) {
        if (joined_ == nullptr) joined_ = &kept_.emplace_back(arguments_.back());
        *joined_ += text;
        arguments_.back() = *joined_;
        if (const Column* c = Here(key.substr(0, bracket))) items_[c->last].text = *joined_;
      }
      return;
    }
    if (is_syscall) {
      if (key == "arch") arch = text;
      if (key == "syscall") number = text;
      named_call |= key == "SYSCALL";
      if (execve) key = OfSyscall(key);
    }
    if (is_path && key == "name") name = text;
    if (is_path && key == "nametype" && text == "CREATE" && !name.empty() && created_.empty()) {
      created_ = std::string(name);
    }
    if (head.type == "SOCKADDR" && key == "saddr") {
      SocketAddress address;
      if (ReadSocketAddress(text, &address)) {
        Add("saddr_fam", Keep(std::move(address.family)));
        Add("laddr", Keep(std::move(address.address)));
        if (!address.port.empty()) Add("lport", Keep(std::move(address.port)));
        return;
      }
    }
    if (head.type == "SOCKADDR" && (key == "saddr_fam" || key == "laddr" || key == "lport")) return;  // the same again
    Add(key, text);
  });
  if (is_syscall && !named_call) {
    if (const std::string_view call = SyscallName(arch, number); !call.empty()) Add("SYSCALL", call);
  }
}

void EventMaker::AddInterpreted(const RecordHead& head, bool execve) {
  interpreted_.clear();
  SplitInterpreted(head.type, head.body, &interpreted_);
  std::string_view name;
  for (auto [key, text] : interpreted_) {
    if (text == "(null)" || text == "?") continue;
    if (head.type == "EXECVE" && IsArgument(key)) arguments_.push_back(text);
    if (head.type == "SYSCALL" && execve) key = OfSyscall(key);
    if (head.type == "PATH" && key == "name") name = text;
    if (head.type == "PATH" && key == "nametype" && text == "CREATE" && created_.empty()) created_ = std::string(name);
    if (head.type == "SOCKADDR") {
      // { saddr_fam=inet laddr=192.0.2.1 lport=443 }, { fam=local path=/run/x }; before audit 3: inet host:192.0.2.1
      // serv:443
      if (key == "fam") key = "saddr_fam";
      if (key == "path") key = "laddr";
      if (key == "saddr") {
        const size_t host = text.find(" host:"), serv = text.find(" serv:");
        Add("saddr_fam", text.substr(0, std::min(text.find(' '), text.size())));
        if (host != std::string_view::npos) {
          const size_t at = host + 6;
          Add("laddr", text.substr(at, std::min(text.find(' ', at), text.size()) - at));
        }
        if (serv != std::string_view::npos) Add("lport", text.substr(serv + 6));
        continue;
      }
      if (key == "saddr_fam" && text == "local") text = "unix";
    }
    Add(key, text);
    for (const Alias& enriched : kEnriched) {
      if (key == enriched.key) Add(enriched.alias, text);
    }
  }
}

void EventMaker::AddCommandLine() {
  if (arguments_.empty()) return;
  std::string line;
  for (size_t i = 0; i < std::min(arguments_.size(), kMaxArguments); ++i) {
    if (i > 0) line += ' ';
    line += arguments_[i];
  }
  Add("CommandLine", Keep(std::move(line)));
}

void EventMaker::AddCreated() {
  if (created_.empty()) return;
  std::string path;
  if (created_[0] != '/') {
    path = std::string(First("cwd"));
    if (!path.ends_with('/')) path += '/';
  }
  Add("TargetFilename", Keep(path + created_));
}

void EventMaker::Make(const Chains& chains, uint32_t first, std::string_view host, Event* event) {
  if (columns_.size() > kMaxKnown) {  // somebody makes keys up
    columns_.clear();
    column_of_.clear();
    hints_.clear();
  }
  ++event_;
  order_.clear();
  items_.clear();
  kept_.clear();
  arguments_.clear();
  joined_ = nullptr;
  created_.clear();
  lists_.clear();
  values_.clear();
  fields_ = 0;
  const auto& records = chains.records();
  bool execve = false;
  for (uint32_t r = first; r != kNone; r = records[r].next) execve |= records[r].head.type == "EXECVE";
  const RecordHead& head = records[first].head;
  if (host.empty()) host = head.node;
  Add("node", host.empty() ? std::string_view() : host);
  Add("serial", head.serial);
  for (uint32_t r = first; r != kNone; r = records[r].next) AddRecord(records[r].head, execve);
  AddCommandLine();
  AddCreated();
  Kind kind = kOther;
  if (execve) {
    kind = kExecve;
  } else if (const std::string_view family = First("saddr_fam");
             (family == "inet" || family == "inet6") && First("SYSCALL") == "connect") {
    kind = kConnect;
  } else if (!created_.empty()) {
    kind = kCreate;
  }
  // Nobody signed in: what a service does (the number is -1 of 32 bits).
  const std::string_view auid = First("auid");
  const bool nobody = auid == "4294967295" || auid == "-1" || auid == "unset";
  KeyShapes::Node* at = shapes_.Root(kind | (nobody ? kNobody : 0));
  std::vector<std::pair<size_t, size_t>> in_lists;  // values that are there, and where
  for (const uint32_t column : order_) {
    const Column& c = columns_[column];
    at = shapes_.Next(at, c.key);
    if (c.count == 1) {
      const std::string_view text = items_[c.first].text;
      if (text.data() == nullptr) {
        values_.emplace_back();
        continue;
      }
      values_.push_back(
          {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8});
      continue;
    }
    const size_t offset = lists_.size();
    for (uint32_t i = c.first; i != kNone; i = items_[i].next) AppendUtf8Element(items_[i].text, &lists_);
    in_lists.emplace_back(values_.size(), offset);
    values_.push_back({nullptr, static_cast<uint32_t>(lists_.size() - offset), kTextArray});
  }
  for (const auto& [value, offset] : in_lists) {
    values_[value].data = reinterpret_cast<const uint8_t*>(lists_.data()) + offset;
  }
  event->time = head.interpreted ? head.time - utc_offset_ * int64_t{1000000} : head.time;
  event->shape = &shapes_.ShapeAt(
      at, [&](Shape* shape, const std::vector<std::string>& keys) { MakeShape(kind, nobody, keys, shape); });
  event->values = values_.data();
}

void EventMaker::MakeShape(unsigned kind, bool nobody, const std::vector<std::string>& keys, Shape* shape) {
  shape->source = {"linux", "auditd", kCategories[kind]};
  for (uint32_t i = 0; i < keys.size(); ++i) shape->fields.push_back({keys[i], {{FieldPart::kValue, i}}});
  shape->value_count = static_cast<uint32_t>(keys.size());
  const auto index_of = [&](std::string_view key) {
    const auto it = std::find(keys.begin(), keys.end(), key);
    return it == keys.end() ? -1 : static_cast<int>(it - keys.begin());
  };
  const auto alias = [&](int of, const char* name) {
    if (of < 0 || index_of(name) >= 0) return;
    Field field = shape->fields[static_cast<size_t>(of)];
    field.name = name;
    field.alias = field.quoted = true;
    shape->fields.push_back(std::move(field));
  };
  for (const Alias& a : kAliases) alias(index_of(a.key), a.alias);
  for (const std::string_view user : kRunsAs) {
    if (const int at = index_of(user); at >= 0) {
      alias(at, "User");
      break;
    }
  }
  if (kind == kConnect) {  // connect is what the one does who begins
    shape->constant_bytes = "true";
    shape->constants.push_back({reinterpret_cast<const uint8_t*>(shape->constant_bytes.data()), 4, ValueType::kUtf8});
    Field field{"Initiated", {{FieldPart::kConstant, 0}}};
    field.alias = field.quoted = true;
    shape->fields.push_back(std::move(field));
  }
  shape->host = index_of("node");
  for (const std::string_view user : kUsers) {
    if (nobody && (user == "AUID" || user == "auid")) continue;
    if ((shape->user = index_of(user)) >= 0) break;
  }
}

}  // namespace spoor::auditd
