#include "tool/keys.hpp"

namespace larder::tool {

void declare_key_options(po::options_description& options) {
  add_option(options, "keyspace", "the key is in the keyspace of this name");
  options.add_options()("key-encoding", po::value<std::string>()->default_value("escaped"),
                        "how keys are written here: escaped (as dump shows them), hex, base64 or text");
}

std::string key_of(const request& asked, const std::string& word) {
  std::string key = decoded(word, parse_encoding(asked.text("key-encoding")));
  if (key.empty() || key.size() > max_key_size)
    fail_usage("a key of " + counted(key.size(), "byte") + " cannot be stored",
               "write one of 1 to " + std::to_string(max_key_size));
  return key;
}

void declare_encoding_options(po::options_description& options) {
  add_flag(options, "hex", "show bytes as hexadecimal digits");
  add_flag(options, "base64", "show bytes in base64");
}

encoding bytes_shown_as(const request& asked) {
  if (asked.flag("hex") && asked.flag("base64"))
    fail_usage("--hex and --base64 exclude each other", "write one of them");
  return asked.flag("hex") ? encoding::hex : asked.flag("base64") ? encoding::base64 : encoding::escaped;
}

table::lookup_key key_in(const image& in, std::uint32_t keyspace, std::string_view key) {
  if (keyspace == 0) return {key};
  return {key, table::keyspace_prefix_of_now(in.memory, keyspace - 1)};
}

std::optional<table::lookup_key> key_asked_for(const request& asked, const image& in, std::string_view key) {
  if (!asked.has("keyspace")) return key_in(in, 0, key);
  const std::uint64_t name = table::keyspace_name(in.memory, asked.text("keyspace"));
  for (std::uint32_t i = 0; i < in.memory.geometry().keyspace_count; ++i) {
    if (in.memory.keyspace(i).name.load(std::memory_order_acquire) == name) return key_in(in, i + 1, key);
  }
  return std::nullopt;
}

const item_facts* find_item(stripe_reader& reader, const image& in, const table::lookup_key& key) {
  const std::uint64_t hash = table::hash_of(in.memory, key);
  const table::place at = table::place_of(in.memory, hash);
  for (const item_facts& item : reader.read(at.stripe, at.tag)) {
    const bool same =
        item.hash == hash && item.keyspace == key.keyspace_id() && !item.invalidated && item.key == key.bytes;
    if (same && !item.is_expired(in.now)) return &item;
  }
  return nullptr;
}

}  // namespace larder::tool
