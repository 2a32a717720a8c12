// for_each_item: a walk over all items of an image, stripe by stripe.
#ifndef LARDER_TOOL_SOURCE_ITEMS_HPP
#define LARDER_TOOL_SOURCE_ITEMS_HPP

#include <cstdio>

#include "tool/exit.hpp"
#include "tool/source/stripe_reader.hpp"

namespace larder::tool {

// Calls visit(item) in the order of the stripes, and of the hashes in each, until it returns false.
template <class Visit>
void for_each_item(stripe_reader& reader, const image& in, Visit visit) {
  for (std::uint32_t stripe = 0; stripe < in.memory.geometry().stripe_count(); ++stripe) {
    for (const item_facts& item : reader.read(stripe)) {
      if (!visit(item)) return;
    }
  }
}

// What a walk has to say about the segment's health; empty: nothing.
[[nodiscard]] inline std::string complaint_of(const stripe_reader& reader) {
  if (reader.damaged_words() == 0) return {};
  return std::to_string(reader.damaged_words()) +
         " words of the table name no item: the segment is damaged; see `larder check` for more";
}

// How a command that has walked over the items ends; tells of damage on standard error.
[[nodiscard]] inline exit_code end_of(const stripe_reader& reader) {
  const std::string complaint = complaint_of(reader);
  if (complaint.empty()) return exit_code::yes;
  std::fprintf(stderr, "larder: %s\n", complaint.c_str());
  return exit_code::damaged;
}

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_ITEMS_HPP
