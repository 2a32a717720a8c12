// Layout: 8 bytes sequence number, 8 bytes seal, filling that follows from both.
#include "support/sealed_value.hpp"

#include <cstring>

namespace support {
namespace {

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 31)) * 0x7fb5d329728ea185u;
  return (x ^ (x >> 27)) * 0x81dadef4bc2dd44du;
}

std::uint64_t seal_of(std::string_view key, std::uint64_t sequence, std::size_t size) {
  std::uint64_t seal = mix(sequence + size * 0x9e3779b97f4a7c15u);
  for (const char c : key) seal = mix(seal + static_cast<unsigned char>(c));
  return seal;
}

}  // namespace

std::string sealed_value(std::string_view key, std::uint64_t sequence, std::size_t size) {
  std::string value(size, '\0');
  std::uint64_t seal = seal_of(key, sequence, size);
  std::memcpy(value.data(), &sequence, 8);
  std::memcpy(value.data() + 8, &seal, 8);
  for (std::size_t at = 16; at < size; at += 8) {
    seal = mix(seal + 1);
    std::memcpy(value.data() + at, &seal, size - at < 8 ? size - at : 8);
  }
  return value;
}

std::optional<std::uint64_t> unsealed(std::string_view key, std::string_view value) {
  if (value.size() < smallest_sealed_value) return std::nullopt;
  std::uint64_t sequence = 0;
  std::memcpy(&sequence, value.data(), 8);
  if (value != sealed_value(key, sequence, value.size())) return std::nullopt;
  return sequence;
}

}  // namespace support
