#include "store/sqlite.h"

#include <sqlite3.h>

namespace spoor {
namespace {

absl::Status Failed(sqlite3* database, int code) {
  const std::string message =
      std::string("case file: ") + (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(message + " (another program uses it)");
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return absl::DataLossError(message);
    case SQLITE_CANTOPEN:
      return absl::NotFoundError(message);
    default:
      return absl::InternalError(message);
  }
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  error_ = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Bind(int64_t value) {
  if (error_ == SQLITE_OK) error_ = sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}
Statement& Statement::Bind(double value) {
  if (error_ == SQLITE_OK) error_ = sqlite3_bind_double(statement_, ++bound_, value);
  return *this;
}
Statement& Statement::Bind(std::string_view text) {
  if (error_ == SQLITE_OK) {
    error_ = sqlite3_bind_text(statement_, ++bound_, text.data() == nullptr ? "" : text.data(),
                               static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  return *this;
}
Statement& Statement::BindNull() {
  if (error_ == SQLITE_OK) error_ = sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

absl::Status Statement::Run() {
  for (;;) {
    const absl::StatusOr<bool> more = Next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

absl::StatusOr<bool> Statement::Next() {
  if (error_ != SQLITE_OK) return Failed(database_, error_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  bound_ = 0;
  error_ = sqlite3_reset(statement_);
  if (error_ != SQLITE_OK) return Failed(database_, error_);
  return false;
}

int64_t Statement::Number(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::Real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::Text(int column) const {
  const unsigned char* const text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return std::string(reinterpret_cast<const char*>(text),
                     static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, bool create) {
  std::unique_ptr<Database> made(new Database());
  const auto open = [&](int flags) {
    sqlite3_close(made->database_);
    made->database_ = nullptr;
    return sqlite3_open_v2(path.c_str(), &made->database_, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  };
  int code = open(create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE);
  if (!create && code != SQLITE_OK) code = open(SQLITE_OPEN_READONLY);
  if (code != SQLITE_OK) {
    const absl::Status status = Failed(made->database_, code);
    return absl::Status(status.code(), path + ": " + std::string(status.message()));
  }
  constexpr int kWait = 5000;  // milliseconds for who else uses it
  sqlite3_busy_timeout(made->database_, kWait);
  // The file may be anybody's: no functions out of its schema, no extensions.
  sqlite3_db_config(made->database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(made->database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (!create) sqlite3_exec(made->database_, "PRAGMA query_only = 1", nullptr, nullptr, nullptr);
  return made;
}

Database::~Database() { sqlite3_close(database_); }

absl::Status Database::Run(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failed(database_, code);
}

int64_t Database::last_id() const { return sqlite3_last_insert_rowid(database_); }

}  // namespace spoor
