// Keys and values of crash tests.
#include "crash/journal.hpp"

#include <cstring>

#include "support/sealed_value.hpp"

namespace crash {

std::string key_of(std::size_t i) { return "key/" + std::to_string(i); }

std::string bytes_of(std::size_t key, content what) {
  switch (what.what) {
    case content::kind::sealed:
      return support::sealed_value(key_of(key), what.sequence, what.size);
    case content::kind::stream: {
      std::string bytes(what.size, '\0');
      for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(key * 31 + i * 7 + i / 251);
      return bytes;
    }
    case content::kind::number: {
      const std::int64_t number = what.sequence;
      std::string bytes(sizeof number, '\0');
      std::memcpy(bytes.data(), &number, sizeof number);
      return bytes;
    }
    case content::kind::absent:
      break;
  }
  return {};
}

}  // namespace crash
