// SQLite, as much of it as a case file needs. Not thread-safe: one thread per connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace spoor {

// A prepared statement. Parameters are bound in order, then Run or Next; after either came to an end it can be bound
// anew. A call of one type with an error is remembered and told by Run or Next.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(int64_t value);
  Statement& Bind(double value);
  Statement& Bind(std::string_view text);  // copied
  Statement& BindNull();
  // Text, or null where it is empty.
  Statement& BindText(std::string_view text) { return text.empty() ? BindNull() : Bind(text); }
  template <typename T>
  Statement& Bind(const std::optional<T>& value) {
    return value ? Bind(static_cast<int64_t>(*value)) : BindNull();
  }

  absl::Status Run();  // to its end
  // True: there is a row, whose columns the following tell until the next call.
  absl::StatusOr<bool> Next();
  int64_t Number(int column) const;
  double Real(int column) const;
  std::string Text(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0, error_ = 0;
};

class Database {
 public:
  // Opens a file, which is made where `create` says so and it is not there. Without `create` nothing can be written
  // with it; only what a killed program left half done is taken back, where the file may be written, for the file to be
  // what it was before.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, bool create);
  ~Database();

  absl::Status Run(const char* sql);  // one or several statements
  std::unique_ptr<Statement> Prepare(std::string_view sql) { return std::make_unique<Statement>(database_, sql); }
  int64_t last_id() const;

 private:
  Database() = default;
  sqlite3* database_ = nullptr;
};

}  // namespace spoor
