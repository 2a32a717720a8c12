// What the model tests ask of an exploration: that it finds nothing, or that it finds a seeded bug; and of a model, that the
// code it cites is there.
#ifndef LARDER_TESTS_MODEL_CHECKS_HPP
#define LARDER_TESTS_MODEL_CHECKS_HPP

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <fstream>
#include <iterator>
#include <string>

#include "model/explorer.hpp"

namespace model {

enum class every_step { may_be_left_out, is_taken };

// All states were visited and all are in order. A step that is never taken would show nothing.
inline void require_sound(const system& sut, every_step steps = every_step::may_be_left_out) {
  const finding found = explorer(sut).run();
  for (const std::string& by : found.way) BOOST_TEST_MESSAGE("    " << by);
  BOOST_TEST_MESSAGE("  " << found.states << " states, " << found.at_rest << " at rest");
  BOOST_TEST(found.what == "");
  for (const std::string& left_out : found.never_taken) {
    if (steps == every_step::is_taken) BOOST_ERROR("never taken: " << left_out);
  }
}

// The explorer finds it, and tells it like this.
inline void require_found(const system& sut, const std::string& what) {
  const finding found = explorer(sut).run();
  BOOST_TEST_MESSAGE("  " << found.what << " (" << found.states << " states):");
  for (const std::string& by : found.way) BOOST_TEST_MESSAGE("    " << by);
  BOOST_TEST(found.what == what);
}

[[nodiscard]] inline std::string without_space(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; }),
             text.end());
  return text;
}

// Every step cites code that is there: whoever changes that code has to look at the model, too.
inline void require_cited_code(const program& of) {
  for (const step& by : of) {
    if (by.file == nullptr) continue;
    std::ifstream file(std::string(LARDER_SOURCES) + "/" + by.file);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    BOOST_TEST_INFO(by.what << ": " << by.file << " has no " << by.code);
    BOOST_TEST(without_space(text).find(without_space(by.code)) != std::string::npos);
  }
}

}  // namespace model

#endif  // LARDER_TESTS_MODEL_CHECKS_HPP
