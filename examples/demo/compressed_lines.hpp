// The lines of a zstd-compressed text file, one after the other.
#ifndef LARDER_DEMO_COMPRESSED_LINES_HPP
#define LARDER_DEMO_COMPRESSED_LINES_HPP

#include <zstd.h>

#include <cstddef>
#include <fstream>
#include <memory>
#include <string>

namespace demo {

class compressed_lines {
 public:
  // Throws std::runtime_error if the file cannot be opened.
  explicit compressed_lines(const std::string& path);

  // The next line without its end; false behind the last one. Throws std::runtime_error if the file is damaged.
  [[nodiscard]] bool next(std::string& line);

 private:
  bool refill();
  bool load();

  struct free_stream {
    void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
  };

  std::ifstream file_;
  std::unique_ptr<ZSTD_DStream, free_stream> stream_;
  std::string compressed_, text_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  std::size_t read_ = 0;  // up to here text_ was given out
  bool inside_frame_ = false;
};

}  // namespace demo

#endif  // LARDER_DEMO_COMPRESSED_LINES_HPP
