#include "tool/output/sheet.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "tool/output/escape.hpp"
#include "tool/output/units.hpp"

namespace larder::tool {
namespace {

std::string plain_number(double number) {
  std::string text = decimal(number, 4);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string human(std::uint64_t number, unit in) {
  switch (in) {
    case unit::bytes:
      return human_bytes(number);
    case unit::milliseconds:
      return human_duration(number);
    case unit::count:
      return human_count(number);
    default:
      return std::to_string(number);
  }
}

std::string human(double number, unit in) {
  switch (in) {
    case unit::share:
      return human_share(number);
    case unit::rate:
      return human_rate(number);
    default:
      return decimal(number, 1);
  }
}

void pad(std::string& out, std::size_t count) { out.append(count, ' '); }

void write_record(const sheet& one, const terminal& where, std::string& out) {
  std::size_t width = 0;
  for (const column& c : one.columns) width = std::max(width, c.heading.size());
  for (std::size_t i = 0; i < one.columns.size(); ++i) {
    const field& f = one.rows.front()[i];
    out += where.tinted(one.columns[i].heading, tint::faint);
    pad(out, width - one.columns[i].heading.size() + 2);
    out += where.tinted(text_of(f, one.columns[i].in, where.is_for_people()), f.how);
    out += '\n';
  }
}

void write_rows(const sheet& one, const terminal& where, std::string& out) {
  std::vector<std::size_t> widths;
  for (const column& c : one.columns) widths.push_back(c.heading.size());
  std::vector<std::vector<std::string>> texts;
  for (const auto& row : one.rows) {
    std::vector<std::string>& line = texts.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      line.push_back(text_of(row[i], one.columns[i].in, where.is_for_people()));
      widths[i] = std::max(widths[i], line.back().size());
    }
  }
  // Numbers stand right, text left; no blanks at the end of a line.
  const auto place = [&](std::size_t i, const std::string& text, tint how) {
    const std::size_t gap = widths[i] - text.size();
    const bool left = one.columns[i].in == unit::text;
    if (!left) pad(out, gap);
    out += where.tinted(text, how);
    if (i + 1 < one.columns.size()) pad(out, (left ? gap : 0) + 2);
  };
  const auto end_line = [&] {
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  };
  for (std::size_t i = 0; i < one.columns.size(); ++i) place(i, one.columns[i].heading, tint::faint);
  end_line();
  for (std::size_t r = 0; r < texts.size(); ++r) {
    for (std::size_t i = 0; i < texts[r].size(); ++i) place(i, texts[r][i], one.rows[r][i].how);
    end_line();
  }
}

boost::json::value json_of(const field& f) {
  return std::visit(
      [](const auto& value) -> boost::json::value {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
          return nullptr;
        } else {
          return boost::json::value_from(value);
        }
      },
      f.value);
}

boost::json::object object_of(const sheet& one, const std::vector<field>& row) {
  boost::json::object object;
  for (std::size_t i = 0; i < row.size(); ++i) object[one.columns[i].key] = json_of(row[i]);
  return object;
}

}  // namespace

std::string text_of(const field& f, unit in, bool for_people) {
  if (const auto* text = std::get_if<std::string>(&f.value)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(&f.value))
    return for_people ? human(*number, in) : std::to_string(*number);
  if (const auto* number = std::get_if<double>(&f.value))
    return for_people ? human(*number, in) : plain_number(*number);
  if (const auto* truth = std::get_if<bool>(&f.value)) return *truth ? "yes" : "no";
  return "-";
}

void write_text(const document& all, const terminal& where, std::string& out) {
  bool first = true;
  for (const sheet& one : all.sheets) {
    if (!first) out += '\n';
    first = false;
    if (!one.title.empty()) (out += where.tinted(one.title, tint::strong)) += '\n';
    one.is_record ? write_record(one, where, out) : write_rows(one, where, out);
  }
  for (const std::string& note : all.notes) (out += note) += '\n';
}

void write_json(const document& all, std::string& out) {
  boost::json::object object;
  for (const sheet& one : all.sheets) {
    if (one.is_record) {
      object[one.key] = object_of(one, one.rows.front());
      continue;
    }
    boost::json::array rows;
    for (const auto& row : one.rows) rows.push_back(object_of(one, row));
    object[one.key] = std::move(rows);
  }
  if (!all.notes.empty()) object["notes"] = boost::json::value_from(all.notes);
  (out += boost::json::serialize(object)) += '\n';
}

}  // namespace larder::tool
