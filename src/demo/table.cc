#include "demo/table.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/message.h"

namespace spoor {
namespace demo::data {
extern const std::string_view names, tenants, windows_events, processes, programs, sites, mail, lures, commands,
    scripts;
}  // namespace demo::data

namespace demo {
namespace {

[[noreturn]] void Broken(const std::string& why) {
  std::fprintf(stderr, "spoor: a table of the scenario is broken: %s\n", why.c_str());
  std::abort();
}

}  // namespace

std::vector<std::string> Split(std::string_view text, char by) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  for (;;) {
    const size_t end = text.find(by);
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string Filled(std::string_view text, const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::string out;
  while (!text.empty()) {
    const size_t open = text.find('{');
    out.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const size_t close = text.find('}');
    const std::string_view name = close == std::string_view::npos ? "" : text.substr(1, close - 1);
    const std::string* value = nullptr;
    for (const auto& [key, v] : values) {
      if (key == name) value = &v;
    }
    if (value == nullptr) {
      out += '{';
      text.remove_prefix(1);
    } else {
      out += *value;
      text.remove_prefix(close + 1);
    }
  }
  return out;
}

Table::Table(std::string_view text) {
  for (const std::string& line : Split(text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> values = Split(line, '\t');
    if (columns_.empty()) {
      columns_ = std::move(values);
      continue;
    }
    if (values.size() > columns_.size()) Broken(Cat("more values than columns: ", line));
    values.resize(columns_.size());
    rows_.push_back(std::move(values));
  }
  if (rows_.empty()) Broken("no rows");
}

size_t Table::Find(std::string_view column) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == column) return i;
  }
  Broken(Cat("no column ", column));
}

const std::string& Table::At(size_t row, std::string_view column) const { return rows_[row][Find(column)]; }

std::vector<std::string> Table::Column(std::string_view column) const {
  const size_t at = Find(column);
  std::vector<std::string> out;
  for (const auto& row : rows_) {
    if (!row[at].empty()) out.push_back(row[at]);
  }
  return out;
}

std::vector<std::string> Table::Column(std::string_view column, std::string_view key, std::string_view value) const {
  const size_t at = Find(column), by = Find(key);
  std::vector<std::string> out;
  for (const auto& row : rows_) {
    if (row[by] == value) out.push_back(row[at]);
  }
  if (out.empty()) Broken(Cat("nothing where ", key, " is ", value));
  return out;
}

#define SPOOR_TABLE(Function, name)       \
  const Table& Function() {               \
    static const Table table(data::name); \
    return table;                         \
  }
SPOOR_TABLE(NamesTable, names)
SPOOR_TABLE(TenantsTable, tenants)
SPOOR_TABLE(WindowsEventsTable, windows_events)
SPOOR_TABLE(ProcessesTable, processes)
SPOOR_TABLE(ProgramsTable, programs)
SPOOR_TABLE(SitesTable, sites)
SPOOR_TABLE(MailTable, mail)
SPOOR_TABLE(LuresTable, lures)
SPOOR_TABLE(CommandsTable, commands)
SPOOR_TABLE(ScriptsTable, scripts)
#undef SPOOR_TABLE

}  // namespace demo
}  // namespace spoor
