// Reads /proc/PID/smaps_rollup.
#include "process_memory.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

namespace demo {

std::uint64_t proportional_memory(pid_t process) {
  const std::string file = "/proc/" + std::to_string(process) + "/smaps_rollup";
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "Pss:" && in >> kibibytes) return kibibytes * 1024;
  }
  throw std::runtime_error("cannot read the memory use from " + file);
}

}  // namespace demo
