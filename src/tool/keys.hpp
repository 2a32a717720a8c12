// Keys on the command line and in what is shown: how they are written, and in which keyspace they are.
#ifndef LARDER_TOOL_KEYS_HPP
#define LARDER_TOOL_KEYS_HPP

#include <string>

#include "tool/command.hpp"
#include "tool/source/stripe_reader.hpp"

namespace larder::tool {

// --keyspace NAME and --key-encoding HOW.
void declare_key_options(po::options_description& options);

// The key that stands in a word of the command line. Throws failure(usage).
[[nodiscard]] std::string key_of(const request& asked, const std::string& word);

// --hex and --base64: how keys and values are shown; else escaped. Throws failure(usage) if both are given.
void declare_encoding_options(po::options_description& options);
[[nodiscard]] encoding bytes_shown_as(const request& asked);

// A key as it is looked up now. `keyspace`: its index + 1, as item_facts have it; 0: none. REQUIRES: there is one.
[[nodiscard]] table::lookup_key key_in(const image& in, std::uint32_t keyspace, std::string_view key);
// In the keyspace that the command line names, or in none. nullopt: there is no keyspace of that name.
[[nodiscard]] std::optional<table::lookup_key> key_asked_for(const request& asked, const image& in,
                                                             std::string_view key);

// The live item of a key; nullptr if there is none. Valid as long as the reader is not used again.
[[nodiscard]] const item_facts* find_item(stripe_reader& reader, const image& in, const table::lookup_key& key);

}  // namespace larder::tool

#endif  // LARDER_TOOL_KEYS_HPP
