#include "campaign/roster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/bytes.h"
#include "base/text.h"
#include "formats/csv/cutter.h"
#include "formats/csv/fields.h"
#include "world/spelling.h"

namespace spoor {
namespace {

enum Column : uint8_t {
  kPerson,
  kOrganisation,
  kRole,
  kAccount,
  kSid,
  kUpn,
  kMail,
  kPrivateMail,
  kRelatedTo,
  kRelation
};
struct ColumnName {
  const char* name;
  Column column;
};
constexpr ColumnName kColumns[] = {{"person", kPerson},
                                   {"name", kPerson},
                                   {"organisation", kOrganisation},
                                   {"organization", kOrganisation},
                                   {"role", kRole},
                                   {"account", kAccount},
                                   {"accounts", kAccount},
                                   {"sid", kSid},
                                   {"upn", kUpn},
                                   {"mail", kMail},
                                   {"email", kMail},
                                   {"e-mail", kMail},
                                   {"private_mail", kPrivateMail},
                                   {"private mail", kPrivateMail},
                                   {"related_to", kRelatedTo},
                                   {"related to", kRelatedTo},
                                   {"relation", kRelation}};

// A table written by whichever program, as UTF-8.
std::string AsUtf8(std::string_view bytes) {
  std::string text;
  if (bytes.starts_with("\xff\xfe")) {
    AppendUtf16(reinterpret_cast<const uint8_t*>(bytes.data()) + 2, bytes.size() - 2, &text);
    return text;
  }
  AppendValidUtf8(bytes, &text);
  if (text == bytes) return text;
  text.clear();
  AppendAnsi(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), &text);
  return text;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> Values(std::string_view cell) {
  std::vector<std::string_view> values;
  for (size_t at = 0; at <= cell.size();) {
    const size_t end = std::min(cell.find(';', at), cell.size());
    if (const std::string_view value = Trimmed(cell.substr(at, end - at)); !value.empty()) values.push_back(value);
    at = end + 1;
  }
  return values;
}

std::vector<std::string> Fields(std::string_view row, char separator) {
  std::vector<std::string> fields;
  std::string room(row.size() + 1, '\0');
  char* out = room.data();
  for (size_t at = 0; at <= row.size();) {
    std::string_view field;
    at = csv::TakeField(row, at, separator, &field, &out);
    fields.emplace_back(field);
  }
  return fields;
}

class RosterReader {
 public:
  RosterReader(const std::string& path, std::vector<std::string>* notes) : path_(path), notes_(notes) {}

  absl::Status Read(std::string_view text) {
    const auto cutter = csv::MakeCutter();
    for (size_t at = 0; at < text.size();) {
      const std::string_view left = text.substr(at);
      const Cut cut = cutter->Next(reinterpret_cast<const uint8_t*>(left.data()), left.size(), true);
      if (cut.size == 0 || cut.discard) return Wrong(cut.records_before + 1, "a row that is too long");
      const csv::Header table = csv::Unpack(*cut.header);
      if (columns_.empty()) {
        if (absl::Status s = TakeNames(table, cut.records_before); !s.ok()) return s;
      }
      for (size_t i = 0; i + sizeof(csv::Row) <= table.rows.size(); i += sizeof(csv::Row)) {
        csv::Row row;
        std::memcpy(&row, table.rows.data() + i, sizeof row);
        const uint64_t line = cut.records_before + row.line + 1;
        absl::Status s = TakeRow(Fields(left.substr(row.begin, row.end - row.begin), table.separator), line);
        if (!s.ok()) return s;
      }
      at += cut.size;
    }
    if (columns_.empty()) return absl::InvalidArgumentError(path_ + ": empty; a roster begins with a line of names");
    if (persons.empty()) return absl::InvalidArgumentError(path_ + ": nobody is in it");
    NoteUnknownRelatives();
    if (more_notes_ > 0) notes_->push_back(fmt::format("{}: and {} more of such kind", path_, more_notes_));
    return absl::OkStatus();
  }

  std::vector<RosterPerson> persons;

 private:
  absl::Status Wrong(uint64_t line, std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}", path_, line, what));
  }
  void Note(uint64_t line, std::string_view what) {
    if (notes_->size() >= Roster::kMaxNotes) {
      ++more_notes_;
    } else {
      notes_->push_back(fmt::format("{}:{}: {}", path_, line, what));
    }
  }

  absl::Status TakeNames(const csv::Header& table, uint64_t lines) {
    std::set<Column> known;
    for (const std::string& field : Fields(table.names, table.separator)) {
      const std::string name = AsciiLower(Trimmed(field));
      const auto* const found =
          std::find_if(std::begin(kColumns), std::end(kColumns), [&](const ColumnName& c) { return name == c.name; });
      columns_.push_back(found == std::end(kColumns) ? -1 : found->column);
      if (found == std::end(kColumns)) {
        if (!name.empty()) Note(lines + 1, "column \"" + name + "\" means nothing in a roster");
      } else if (!known.insert(found->column).second) {
        return Wrong(lines + 1, "two columns \"" + name + "\"");
      }
    }
    if (!known.contains(kPerson)) {
      return Wrong(lines + 1,
                   "no column \"person\" among the names; known are person, organisation, role, account, "
                   "sid, upn, mail, private_mail, related_to and relation");
    }
    return absl::OkStatus();
  }

  absl::Status TakeRow(const std::vector<std::string>& fields, uint64_t line) {
    if (fields.size() > columns_.size()) {
      return Wrong(line, fmt::format("{} fields, and {} names of columns", fields.size(), columns_.size()));
    }
    std::array<std::string_view, kRelation + 1> cells;
    bool any = false;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (columns_[i] < 0) continue;
      cells[static_cast<size_t>(columns_[i])] = Trimmed(fields[i]);
      any |= !Trimmed(fields[i]).empty();
    }
    if (!any) return absl::OkStatus();
    if (cells[kPerson].empty()) return Wrong(line, "no person");
    if (persons.size() >= Roster::kMaxPersons) {
      return Wrong(line, fmt::format("a roster may have {} persons at most", Roster::kMaxPersons));
    }
    RosterPerson person;
    person.line = line;
    person.name = cells[kPerson];
    person.organisation = cells[kOrganisation];
    person.role = cells[kRole];
    person.related_to = cells[kRelatedTo];
    person.relation = cells[kRelation];
    if (person.related_to.empty() && !person.relation.empty()) {
      Note(line, "a relation, and nobody it is to");
      person.relation.clear();
    }
    for (const std::string_view value : Values(cells[kAccount])) person.accounts.push_back(AccountName(value, "", ""));
    for (const std::string_view value : Values(cells[kSid])) person.sids.push_back(Folded(value));
    for (const Column column : {kUpn, kMail, kPrivateMail}) {
      for (const std::string_view value : Values(cells[column])) {
        if (value.find('@') == std::string_view::npos) {
          return Wrong(line, fmt::format("\"{}\" is no address", value));
        }
        std::string address = Folded(value);
        if (std::find(person.mails.begin(), person.mails.end(), address) == person.mails.end()) {
          person.mails.push_back(std::move(address));
        }
      }
    }
    std::erase(person.accounts, "");
    if (person.accounts.size() + person.sids.size() + person.mails.size() > Roster::kMaxValues) {
      return Wrong(line, fmt::format("a person may have {} accounts and addresses at most", Roster::kMaxValues));
    }
    persons.push_back(std::move(person));
    return absl::OkStatus();
  }

  void NoteUnknownRelatives() {
    std::set<std::string_view> names;
    for (const RosterPerson& person : persons) names.insert(person.name);
    for (const RosterPerson& person : persons) {
      if (person.related_to.empty() || names.contains(person.related_to)) continue;
      Note(person.line, "nobody in it is called \"" + person.related_to + "\"");
    }
  }

  const std::string& path_;
  std::vector<std::string>* notes_;
  uint64_t more_notes_ = 0;
  std::vector<int> columns_;  // by place in a row; -1: passed over
};

}  // namespace

std::string RosterPerson::Related() const {
  if (related_to.empty()) return {};
  return (relation.empty() ? "related to " : relation + " of ") + related_to;
}

absl::StatusOr<Roster> Roster::Read(std::string_view bytes, const std::string& path, std::vector<std::string>* notes) {
  if (bytes.size() > kMaxBytes) {
    return absl::InvalidArgumentError(fmt::format("{}: a roster may have {} MiB at most", path, kMaxBytes >> 20));
  }
  const std::string text = AsUtf8(bytes);
  RosterReader reader(path, notes);
  if (const absl::Status s = reader.Read(text); !s.ok()) return s;
  Roster roster;
  roster.persons_ = std::move(reader.persons);
  for (uint32_t i = 0; i < roster.persons_.size(); ++i) {
    const RosterPerson& person = roster.persons_[i];
    for (const std::string& account : person.accounts) {
      const size_t slash = account.find('\\');
      if (slash != std::string::npos || account.find('@') != std::string::npos) roster.by_name_.emplace(account, i);
      if (account.find('@') == std::string::npos) {
        roster.by_user_.emplace(slash == std::string::npos ? account : account.substr(slash + 1), i);
      }
    }
    for (const std::string& sid : person.sids) roster.by_name_.emplace(sid, i);
    for (const std::string& mail : person.mails) roster.by_name_.emplace(mail, i);
  }
  return roster;
}

std::vector<uint32_t> Roster::Find(std::string_view tenant, std::string_view name) const {
  std::set<uint32_t> found;
  const std::string folded = Folded(name), of = Folded(tenant);
  const auto is_of = [&](uint32_t person) { return Folded(persons_[person].organisation) == of; };
  for (auto [it, end] = by_name_.equal_range(folded); it != end; ++it) found.insert(it->second);
  if (found.empty() && folded.find('@') == std::string::npos) {
    // The domain stands in the evidence alone, in the roster alone, or nowhere.
    const size_t slash = folded.find('\\');
    const std::string user = slash == std::string::npos ? folded : folded.substr(slash + 1);
    for (auto [it, end] = by_user_.equal_range(user); it != end; ++it) {
      const RosterPerson& person = persons_[it->second];
      const bool bare = std::find(person.accounts.begin(), person.accounts.end(), user) != person.accounts.end();
      if ((bare || slash == std::string::npos) && (of.empty() || is_of(it->second))) found.insert(it->second);
    }
    if (of.empty() && found.size() > 1) return {};
  }
  if (std::any_of(found.begin(), found.end(), is_of)) std::erase_if(found, [&](uint32_t p) { return !is_of(p); });
  return {found.begin(), found.end()};
}

}  // namespace spoor
