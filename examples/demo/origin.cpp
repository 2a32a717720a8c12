// SQLite as an ordinary application uses it: prepared statements, default page cache, default locking.
#include "origin.hpp"

#include <stdexcept>

#include "content.hpp"

namespace demo {
namespace {

[[noreturn]] void fail(sqlite3* database) {
  throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(database));
}

database_handle connect(const std::filesystem::path& file, int flags) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  database_handle database(opened);
  if (code != SQLITE_OK) fail(database.get());
  return database;
}

void execute(const database_handle& database, const char* sql) {
  if (sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(database.get());
}

statement_handle prepare(const database_handle& database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.get(), sql, -1, &statement, nullptr) != SQLITE_OK) fail(database.get());
  return statement_handle(statement);
}

void bind_key(const statement_handle& statement, std::string_view key) {
  sqlite3_bind_text(statement.get(), 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
}

}  // namespace

origin_writer::origin_writer(const std::filesystem::path& file)
    : database_(connect(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) {
  execute(database_, "PRAGMA journal_mode = OFF");  // a file that is not finished is thrown away anyway
  execute(database_, "BEGIN");
  execute(database_, "CREATE TABLE object (key TEXT PRIMARY KEY, value BLOB NOT NULL)");
  insert_ = prepare(database_, "INSERT INTO object (key, value) VALUES (?, ?)");
}

void origin_writer::add(std::string_view key, std::size_t value_size) {
  value_.resize(value_size);
  fill_content(key, value_);
  bind_key(insert_, key);
  sqlite3_bind_blob64(insert_.get(), 2, value_.data(), value_.size(), SQLITE_STATIC);
  if (sqlite3_step(insert_.get()) != SQLITE_DONE) fail(database_.get());
  sqlite3_reset(insert_.get());
}

void origin_writer::commit() { execute(database_, "COMMIT"); }

origin::origin(const std::filesystem::path& file)
    : database_(connect(file, SQLITE_OPEN_READONLY)),
      select_(prepare(database_, "SELECT value FROM object WHERE key = ?")) {}

std::string_view origin::fetch(std::string_view key) {
  bind_key(select_, key);
  const int code = sqlite3_step(select_.get());
  if (code == SQLITE_DONE) throw std::runtime_error("the origin has no key " + std::string(key));
  if (code != SQLITE_ROW) fail(database_.get());
  const auto* blob = static_cast<const char*>(sqlite3_column_blob(select_.get(), 0));
  value_.assign(blob, static_cast<std::size_t>(sqlite3_column_bytes(select_.get(), 0)));
  sqlite3_reset(select_.get());  // ends the read transaction
  return value_;
}

}  // namespace demo
