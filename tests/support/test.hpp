// Boost.Test, how it prints what is larder's, and short ways to look into a cache.
#ifndef LARDER_TESTS_SUPPORT_TEST_HPP
#define LARDER_TESTS_SUPPORT_TEST_HPP

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "larder/larder.hpp"
#include "support/temp_cache.hpp"

namespace larder {

inline std::ostream& boost_test_print_type(std::ostream& out, status s) { return out << to_string(s); }
inline std::ostream& boost_test_print_type(std::ostream& out, version v) {
  return out << "version " << static_cast<std::uint64_t>(v);
}

}  // namespace larder

namespace support {

// The value of a key, or "(miss)".
[[nodiscard]] inline std::string copy_of(larder::cache& cache, std::string_view key) {
  return cache.get_copy(key).value_or("(miss)");
}

// For checks of error codes: does the exception carry this code, and does its text hold this word?
template <class Code>
[[nodiscard]] auto failure(Code code, std::string word = "") {
  return [code, word](const larder::error& e) {
    BOOST_TEST_INFO("code " << e.code().message() << ", text " << e.what());
    BOOST_TEST(std::string_view(e.what()).find(word) != std::string_view::npos);
    return e.code() == code;
  };
}

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_TEST_HPP
