// The seed is kept in the environment, because children are started anew and must agree with their parent.
#include "support/random.hpp"

#include <cstdlib>

namespace support {
namespace {

std::uint64_t choose_seed() {
  if (const char* given = std::getenv("LARDER_TEST_SEED")) return std::strtoull(given, nullptr, 10);
  std::random_device entropy;
  const std::uint64_t chosen = entropy();
  ::setenv("LARDER_TEST_SEED", std::to_string(chosen).c_str(), 1);
  return chosen;
}

}  // namespace

std::uint64_t seed() {
  static const std::uint64_t chosen = choose_seed();
  return chosen;
}

std::chrono::milliseconds stress_time() {
  constexpr long usual = 3;
  const char* given = std::getenv("LARDER_STRESS_SECONDS");
  return std::chrono::seconds(given ? std::strtol(given, nullptr, 10) : usual);
}

std::string random_source::bytes(std::size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(engine_());
  return text;
}

}  // namespace support
