// The bytes are an arithmetic sequence of 64-bit words whose first member and step are hashes of the key: as cheap to check
// as to copy, so checking does not hide what is measured, and no two keys share a word sequence.
#include "content.hpp"

#include <cstdint>
#include <cstring>

namespace demo {
namespace {

struct sequence {
  std::uint64_t first;
  std::uint64_t step;
};

// The finaliser of MurmurHash3.
constexpr std::uint64_t mix(std::uint64_t bits) noexcept {
  bits = (bits ^ (bits >> 33)) * 0xff51afd7ed558ccdU;
  bits = (bits ^ (bits >> 33)) * 0xc4ceb9fe1a85ec53U;
  return bits ^ (bits >> 33);
}

sequence sequence_of(std::string_view key) noexcept {
  std::uint64_t bits = key.size();
  for (const char byte : key) bits = (bits ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return {mix(bits), mix(bits + 1) | 1};  // an odd step repeats no word
}

}  // namespace

void fill_content(std::string_view key, std::span<char> out) noexcept {
  auto [word, step] = sequence_of(key);
  for (; out.size() >= sizeof word; out = out.subspan(sizeof word), word += step) {
    std::memcpy(out.data(), &word, sizeof word);
  }
  std::memcpy(out.data(), &word, out.size());
}

bool has_content(std::string_view key, std::size_t size, std::string_view value) noexcept {
  if (value.size() != size) return false;
  auto [word, step] = sequence_of(key);
  std::uint64_t difference = 0;  // collected without a branch, so that the loop becomes vector code
  for (; value.size() >= sizeof word; value.remove_prefix(sizeof word), word += step) {
    std::uint64_t found = 0;
    std::memcpy(&found, value.data(), sizeof found);
    difference |= found ^ word;
  }
  return difference == 0 && std::memcmp(value.data(), &word, value.size()) == 0;
}

}  // namespace demo
