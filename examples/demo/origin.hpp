// The origin: the slow place where the values really are, here an SQLite file with one row for each key.
#ifndef LARDER_DEMO_ORIGIN_HPP
#define LARDER_DEMO_ORIGIN_HPP

#include <sqlite3.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace demo {

struct close_database {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
struct finalize_statement {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using database_handle = std::unique_ptr<sqlite3, close_database>;
using statement_handle = std::unique_ptr<sqlite3_stmt, finalize_statement>;

// Builds the file row by row.
class origin_writer {
 public:
  explicit origin_writer(const std::filesystem::path& file);

  void add(std::string_view key, std::size_t value_size);

  // Makes all rows durable, so that writing them out does not disturb what is measured afterwards.
  void commit();

 private:
  database_handle database_;
  statement_handle insert_;
  std::string value_;
};

// A read-only connection. SQLite's connections do not survive fork(): each worker opens its own.
class origin {
 public:
  explicit origin(const std::filesystem::path& file);

  // The value of a key, valid until the next call. Throws std::runtime_error if there is none.
  [[nodiscard]] std::string_view fetch(std::string_view key);

 private:
  database_handle database_;
  statement_handle select_;
  std::string value_;
};

}  // namespace demo

#endif  // LARDER_DEMO_ORIGIN_HPP
