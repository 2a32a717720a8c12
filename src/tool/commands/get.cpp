// get: one value, as it stands in the cache. Reads by the read-only mapping, so it counts neither as a hit nor as a use.
#include "tool/commands/commands.hpp"
#include "tool/keys.hpp"

namespace larder::tool {
namespace {

encoding value_encoding(const request& asked, const output& to) {
  if (asked.flag("hex") || asked.flag("base64")) return bytes_shown_as(asked);
  if (asked.flag("escaped") || asked.json() || to.where.is_for_people()) return encoding::escaped;
  return encoding::text;
}

sheet describe(const request& asked, const output& to, const image& in, const item_facts& item) {
  const encoding how = value_encoding(asked, to);
  record r("item");
  r.add("key", "key", unit::text, encoded(item.key, encoding::escaped));
  r.add("value_bytes", "value size", unit::bytes, item.value_size);
  r.add("ttl_ms", "time to live", unit::milliseconds, item.expires() ? field(item.ttl_left(in.now)) : field());
  r.add("version", "version", unit::number, item.version);
  r.add("age_changes", "age (changes of its stripe)", unit::count, item.age);
  r.add("flags", "flags", unit::number, item.flags);
  r.add("cell_bytes", "memory", unit::bytes, item.cell_bytes);
  r.add("hit", "hit lately", unit::text, item.heat.marked());
  if (asked.json()) {
    r.add("encoding", "", unit::text, std::string(name_of(how)));
    r.add("value", "", unit::text, encoded(item.value, how));
  }
  return r.take();
}

exit_code get(const request& asked, const output& to) {
  const encoding how = value_encoding(asked, to);
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  const std::string key = key_of(asked, asked.word(1));
  stripe_reader reader(segment, want::keys_and_values);
  const std::optional<table::lookup_key> wanted = key_asked_for(asked, segment, key);
  const item_facts* item = wanted ? find_item(reader, segment, *wanted) : nullptr;
  if (item == nullptr) return exit_code::no;
  if (asked.json() || asked.flag("meta")) {
    to.show(asked, {{describe(asked, to, segment, *item)}, {}});
    return exit_code::yes;
  }
  append_encoded(to.out.text(), item->value, how);
  if (how != encoding::text) to.out.text() += '\n';
  return exit_code::yes;
}

void declare(po::options_description& options) {
  declare_key_options(options);
  add_flag(options, "meta", "show what is known of the item instead of its value");
  add_flag(options, "escaped", "write the value with escapes, as on a terminal");
  declare_encoding_options(options);
}

}  // namespace

const command get_command{
    "get",
    "SEGMENT KEY",
    2,
    2,
    "Writes the value of a key",
    "On a terminal the value is escaped, in a pipe it is written as it is. Exit code 1: the key is\n"
    "not there. It counts neither as a hit nor as a use.",
    &declare,
    &get};

}  // namespace larder::tool
