// A line reader over a zstd stream, and the parser of the five columns time,key,value_size,op,ttl.
#include "trace.hpp"

#include <zstd.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

namespace demo {
namespace {

class zstd_lines {
 public:
  explicit zstd_lines(const std::filesystem::path& file) : in_(file, std::ios::binary), stream_(ZSTD_createDStream()) {
    if (!in_) throw std::runtime_error("cannot open it");
    if (!stream_) throw std::bad_alloc();
  }

  // False at the end of the file.
  bool next(std::string& line) {
    line.clear();
    for (;;) {
      const std::size_t end = text_.find('\n', read_);
      line.append(text_, read_, end - read_);
      if (end != std::string::npos) {
        read_ = end + 1;
        return true;
      }
      if (!refill()) return !line.empty();
    }
  }

 private:
  // Replaces text_, all of which was read, by the next stretch of the file.
  bool refill() {
    read_ = 0;
    text_.resize(ZSTD_DStreamOutSize());
    ZSTD_outBuffer out{text_.data(), text_.size(), 0};
    while (out.pos == 0) {
      if (input_.pos == input_.size && !load()) break;
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &input_);
      if (ZSTD_isError(left)) throw std::runtime_error(std::string("damaged: ") + ZSTD_getErrorName(left));
      inside_frame_ = left != 0;
    }
    text_.resize(out.pos);
    return out.pos != 0;
  }

  // Replaces the compressed bytes, all of which were used. False at the end of the file.
  bool load() {
    compressed_.resize(ZSTD_DStreamInSize());
    in_.read(compressed_.data(), static_cast<std::streamsize>(compressed_.size()));
    input_ = {compressed_.data(), static_cast<std::size_t>(in_.gcount()), 0};
    if (input_.size == 0 && inside_frame_) throw std::runtime_error("damaged: it ends early");
    return input_.size != 0;
  }

  struct free_stream {
    void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
  };
  std::ifstream in_;
  std::unique_ptr<ZSTD_DStream, free_stream> stream_;
  std::string compressed_, text_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  std::size_t read_ = 0;
  bool inside_frame_ = false;
};

// Takes the number at the front of `text`, and the comma behind it.
std::uint32_t take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end == text.data() + text.size() || *end != ',') {
    throw std::runtime_error("expected time,key,value_size,op,ttl");
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

std::array<char, 16> name_of(std::uint32_t number) {
  std::array<char, 16> name;
  name.fill('0');
  for (auto digit = name.rbegin(); number != 0; number /= 16) *digit++ = "0123456789abcdef"[number % 16];
  return name;
}

void add_request(trace& to, std::string_view line) {
  take_number(line);  // the time: here the requests are served as fast as they can be
  const std::uint32_t number = take_number(line);
  const std::uint32_t value_size = take_number(line);
  if (!line.starts_with("get,")) throw std::runtime_error("only get requests are served here");
  if (number == 0 || number > to.objects.size() + 1) throw std::runtime_error("keys are numbered by first appearance");
  if (number == to.objects.size() + 1) to.objects.push_back({name_of(number), value_size});
  if (to.objects[number - 1].value_size != value_size) throw std::runtime_error("the size of a value changed");
  to.requests.push_back(number - 1);
}

}  // namespace

std::size_t trace::footprint() const noexcept {
  std::size_t bytes = 0;
  for (const object& each : objects) bytes += each.name.size() + each.value_size;
  return bytes;
}

trace read_trace(const std::filesystem::path& file, std::size_t limit) {
  trace result;
  std::size_t line_number = 0;
  try {
    zstd_lines lines(file);
    std::string line;
    while (result.requests.size() < limit && lines.next(line)) {
      if (++line_number > 1) add_request(result, line);  // line 1 names the columns
    }
    if (result.requests.empty()) throw std::runtime_error("no request in it");
  } catch (const std::runtime_error& problem) {
    const std::string where = line_number == 0 ? "" : ", line " + std::to_string(line_number);
    throw std::runtime_error(file.string() + where + ": " + problem.what());
  }
  return result;
}

}  // namespace demo
