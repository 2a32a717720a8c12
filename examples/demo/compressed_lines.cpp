#include "compressed_lines.hpp"

#include <new>
#include <stdexcept>

namespace demo {

compressed_lines::compressed_lines(const std::string& path)
    : file_(path, std::ios::binary), stream_(ZSTD_createDStream()) {
  if (!file_) throw std::runtime_error("cannot open it");
  if (!stream_) throw std::bad_alloc();
}

bool compressed_lines::next(std::string& line) {
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

// Replaces text_, all of which was read, by the next stretch of the file.
bool compressed_lines::refill() {
  read_ = 0;
  text_.resize(ZSTD_DStreamOutSize());
  ZSTD_outBuffer out{text_.data(), text_.size(), 0};
  while (out.pos == 0) {
    if (input_.pos == input_.size && !load()) break;
    const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &input_);
    if (ZSTD_isError(left) != 0) throw std::runtime_error(std::string("damaged: ") + ZSTD_getErrorName(left));
    inside_frame_ = left != 0;
  }
  text_.resize(out.pos);
  return out.pos != 0;
}

// Replaces the compressed bytes, all of which were used. False at the end of the file.
bool compressed_lines::load() {
  compressed_.resize(ZSTD_DStreamInSize());
  file_.read(compressed_.data(), static_cast<std::streamsize>(compressed_.size()));
  input_ = {compressed_.data(), static_cast<std::size_t>(file_.gcount()), 0};
  if (input_.size == 0 && inside_frame_) throw std::runtime_error("damaged: it ends early");
  return input_.size != 0;
}

}  // namespace demo
