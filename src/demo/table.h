// Data files of the scenario: tables in text.
//
//     # a comment
//     given	family        the first line that is none names the columns
//     Ada	Brook            values, apart by one tab; "" where the line ends early
//
// The tables are compiled in (data/*.tsv), so a table that is not well-formed is a mistake of ours and ends the program
// at its first use; tests read every one. Not thread-safe while it is made, then read only.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spoor::demo {

class Table {
 public:
  explicit Table(std::string_view text);

  size_t rows() const { return rows_.size(); }
  // REQUIRES: row < rows(), and that the table has such a column.
  const std::string& At(size_t row, std::string_view column) const;
  // All values of a column that are not empty.
  std::vector<std::string> Column(std::string_view column) const;
  // Of the rows whose `key` column is `value`.
  std::vector<std::string> Column(std::string_view column, std::string_view key, std::string_view value) const;

 private:
  size_t Find(std::string_view column) const;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// `text` cut at each `by`; an empty text is no piece.
std::vector<std::string> Split(std::string_view text, char by);
// `text` with each "{name}" replaced by the value given for it; others stay.
std::string Filled(std::string_view text, const std::vector<std::pair<std::string_view, std::string>>& values);

// The tables.
const Table& NamesTable();          // given, family
const Table& TenantsTable();        // tenants
const Table& WindowsEventsTable();  // events of Windows logs
const Table& ProcessesTable();      // what people and machines run
const Table& ProgramsTable();       // version resources of programs
const Table& SitesTable();          // where people surf
const Table& MailTable();           // subjects and texts of ordinary mail, newsletters
const Table& LuresTable();          // subjects and outlets of the wave
const Table& CommandsTable();       // what the intruder types, by purpose
const Table& ScriptsTable();        // PowerShell of administrators and of the intruder

}  // namespace spoor::demo
