// Whatever bytes the tool finds, it ends by itself with one of its exit codes: every byte of the header flipped, bytes
// flipped elsewhere, whole areas overwritten, files cut short, empty, of another version, of something else.
#include <chrono>
#include <cstddef>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "layout/layout.hpp"
#include "support/random.hpp"
#include "support/test.hpp"
#include "tool/command_lines.hpp"
#include "tool/sound_segment.hpp"
#include "tool/tool_process.hpp"

using namespace tool_tests;

namespace {

// Runs a command on the bytes; false, and an error of the test, unless it ended as it should.
void expect_an_end(const std::string& name, const command_line& line, const std::string& what) {
  const outcome ended = run_tool(line);
  if (ended.code < 0 || ended.code > 4)
    BOOST_ERROR("larder " << line.front() << " ended with " << ended.code << ": " << what);
  if (ended.code >= 2 && !ended.error.starts_with("larder: "))
    BOOST_ERROR("larder " << line.front() << " of " << name << " did not say why it ended with " << ended.code);
}

std::string random_damage(support::random_source& random, std::string bytes, std::size_t from, std::size_t to) {
  const std::size_t length = std::min<std::size_t>(to - from, std::size_t{1} << random.number(16));
  const std::size_t at = from + random.number(to - from - length + 1);
  switch (random.number(3)) {
    case 0:
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, '\xff');
      break;
    case 1:
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, '\0');
      break;
    default:
      bytes.replace(at, length, random.bytes(length));
  }
  return bytes;
}

// The segment without the bucket word of one item whose key ends like this: damage that costs it that item. Only words
// of the arrays in use are looked at; a stripe that grew has left words behind that name nothing any more.
std::string without_the_word_of(std::string bytes, std::string_view end_of_key) {
  const larder::layout::geometry areas = larder::layout::plan(larder::min_capacity, 0);
  const auto read = [&]<typename T>(std::size_t at, T value) {
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  };
  for (std::uint32_t stripe = 0; stripe < areas.stripe_count(); ++stripe) {
    const auto table =
        read(larder::layout::tables_offset + stripe * sizeof(std::uint64_t), larder::layout::table_word{});
    for (std::size_t word = 0; word < std::size_t{table.count()} * 8; ++word) {
      if (word % 8 == larder::layout::words_per_bucket) continue;  // hints
      const std::size_t at = std::size_t{table.first()} * sizeof(larder::layout::bucket) + word * sizeof(std::uint64_t);
      const auto naming = read(at, larder::layout::bucket_word{});
      if (naming.empty()) continue;
      const std::size_t item = (std::size_t{naming.cell()} << areas.unit_shift) + larder::layout::cell_shift;
      const larder::layout::item_shape shape(read(item + offsetof(larder::layout::item, shape_bits), std::uint32_t{0}));
      const std::string_view key(bytes.data() + item + shape.key_offset(), shape.key_size());
      if (!key.ends_with(end_of_key)) continue;
      std::memset(bytes.data() + at, 0, sizeof naming);
      return bytes;
    }
  }
  throw std::runtime_error("no item has a key that ends with " + std::string(end_of_key));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(damage)

BOOST_AUTO_TEST_CASE(every_flipped_byte_of_the_header_is_found) {
  support::temp_name name;
  const std::string sound = sound_segment();
  for (std::size_t at = 0; at < sizeof(larder::layout::fixed_header); ++at) {
    std::string bytes = sound;
    bytes[at] = static_cast<char>(bytes[at] ^ (at % 2 == 0 ? 1 : 0xff));
    write_file(name.path(), bytes);
    const outcome info = run_tool({"info", name.str()});
    BOOST_TEST((info.code == 3 || info.code == 4), "byte " << at << ": " << info.code);
    BOOST_TEST(info.out.find("made by larder") != std::string::npos);
    const std::vector<command_line> others = commands_on(name.str());
    const command_line& other = others[1 + at % (others.size() - 1)];
    const outcome ended = run_tool(other);
    BOOST_TEST((ended.code == 3 || ended.code == 4), other.front() << ", byte " << at << ": " << ended.code);
  }
}

BOOST_AUTO_TEST_CASE(flipped_bytes_elsewhere_never_crash_a_command) {
  support::temp_name name;
  support::random_source random(1);
  const std::string sound = sound_segment();
  const larder::layout::geometry areas = larder::layout::plan(larder::min_capacity, 0);
  for (int i = 0; i < 400; ++i) {
    // Most of them where the structures are: between the header and the pages, and at the beginnings of pages and cells.
    const std::size_t end = i % 3 == 0 ? sound.size() : areas.pages + areas.page_size();
    const std::size_t at =
        sizeof(larder::layout::fixed_header) + random.number(end - sizeof(larder::layout::fixed_header));
    std::string bytes = sound;
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random.number(255)));
    write_file(name.path(), bytes);
    std::vector<command_line> lines = commands_on(name.str());
    lines.push_back({"ls"});
    expect_an_end(name.str(), lines[random.number(lines.size())], "byte " + std::to_string(at));
    expect_an_end(name.str(), lines[1 + static_cast<std::size_t>(i) % 2], "byte " + std::to_string(at));
  }
}

BOOST_AUTO_TEST_CASE(overwritten_areas_never_crash_a_command) {
  support::temp_name name;
  support::random_source random(2);
  const std::string sound = sound_segment();
  const larder::layout::geometry areas = larder::layout::plan(larder::min_capacity, 0);
  const std::size_t starts[] = {sizeof(larder::layout::fixed_header),
                                larder::layout::tables_offset,
                                areas.slots,
                                areas.stripes,
                                areas.classes,
                                areas.keyspaces,
                                areas.entries,
                                areas.frames,
                                areas.first_buckets,
                                areas.pages,
                                sound.size()};
  for (int i = 0; i < 300; ++i) {
    const std::size_t area = static_cast<std::size_t>(i) % (std::size(starts) - 1);
    write_file(name.path(), random_damage(random, sound, starts[area], starts[area + 1]));
    std::vector<command_line> lines = commands_on(name.str());
    lines.push_back({"ls"});
    expect_an_end(name.str(), lines[random.number(lines.size())], "area " + std::to_string(area));
    expect_an_end(name.str(), lines[1 + static_cast<std::size_t>(i) % 3], "area " + std::to_string(area));
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_table_is_told_of_and_the_rest_is_shown) {
  support::temp_name name;
  std::string bytes = sound_segment();
  bytes[larder::layout::tables_offset + 4] =
      '\x77';  // a stripe's table word leads out of the segment, or is longer than it was
  bytes.replace(larder::layout::tables_offset, 8, std::string(8, '\xff'));
  write_file(name.path(), bytes);
  const outcome dump = run_tool({"dump", name.str(), "--keys-only"});
  BOOST_TEST(dump.code == 4);
  BOOST_TEST(lines_of(dump.out).size() > 300u);
  BOOST_TEST(dump.error.find("larder check") != std::string::npos);
  const outcome check = run_tool({"check", name.str()});
  BOOST_TEST(check.code == 4);
  BOOST_TEST(check.out.find("I1         fail") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(check_tells_of_items_that_no_word_names_and_of_keys_that_lead_elsewhere) {
  support::temp_name name;
  const std::string sound = sound_segment();
  write_file(name.path(), without_the_word_of(sound, "key7"));
  const outcome unnamed = run_tool({"check", name.str()});
  BOOST_TEST(unnamed.code == 4);
  BOOST_TEST(holds(unnamed.out, "is stamped LINKED and no bucket word names it"));
  std::string changed = sound;
  const std::size_t key = changed.find("key499");
  BOOST_REQUIRE(key != std::string::npos);
  changed[key + 5] = '8';
  write_file(name.path(), changed);
  const outcome elsewhere = run_tool({"check", name.str()});
  BOOST_TEST(elsewhere.code == 4);
  BOOST_TEST(holds(elsewhere.out, "an item's key does not lead to its word"));
}

BOOST_AUTO_TEST_CASE(pages_of_size_classes_that_do_not_exist_are_damage) {
  support::temp_name name;
  const std::string sound = sound_segment();
  const larder::layout::geometry areas = larder::layout::plan(larder::min_capacity, 0);
  for (const std::uint64_t size_class : {100U, 127U, 204U, 255U}) {
    std::string bytes = sound;
    for (std::size_t page = 0; page < areas.page_count; ++page) {
      // See layout/page.hpp; too large for what make() takes.
      const std::uint64_t word = static_cast<std::uint64_t>(larder::layout::page_state::cells) | size_class << 32;
      std::memcpy(bytes.data() + areas.entries + page * sizeof(larder::layout::page_entry), &word, sizeof word);
    }
    write_file(name.path(), bytes);
    for (const char* command : {"dump", "slabs", "check", "bigkeys", "report"}) {
      const outcome ended = run_tool({command, name.str()});
      BOOST_TEST(ended.code == 4, command << " of class " << size_class << " ended with " << ended.code);
    }
    BOOST_TEST(holds(run_tool({"slabs", name.str()}).out, "????????"));
  }
}

BOOST_AUTO_TEST_CASE(a_repair_keeps_what_is_whole_and_waits_for_nobody_to_use_it) {
  support::temp_name name;
  std::string bytes = sound_segment();
  bytes.replace(larder::layout::tables_offset, 8, std::string(8, '\xff'));
  write_file(name.path(), bytes);
  const std::size_t readable = lines_of(run_tool({"dump", name.str(), "--keys-only"}).out).size();
  {
    auto user = larder::cache::open(name.str());
    static_cast<void>(user.contains("key1"));
    BOOST_TEST(run_tool({"check", name.str(), "--repair"}).code == 1);
  }
  BOOST_TEST(run_tool({"check", name.str(), "--repair"}).code == 0);
  BOOST_TEST(run_tool({"check", name.str()}).code == 0);
  const std::size_t kept = lines_of(run_tool({"dump", name.str(), "--keys-only"}).out).size();
  BOOST_TEST(kept == readable);
  const outcome got = run_tool({"get", name.str(), "key9"});
  if (got.code == 0) BOOST_TEST(got.out == std::string(9, 'v'));
}

BOOST_AUTO_TEST_CASE(a_repair_keeps_keyspaces_and_what_was_invalidated_stays_so) {
  support::temp_name name;
  {
    auto cache = larder::cache::create(name.str(), support::small(larder::min_capacity));
    for (const char* space : {"users", "pages", "carts"}) {
      larder::keyspace in = cache.keyspace(space);
      in.put("old", "invalidated");
      in.invalidate();
      for (int i = 0; i < 50; ++i) in.put("key" + std::to_string(i), space, {.flags = 7});
    }
    cache.put("key", "of none");
  }
  const std::string bytes = without_the_word_of(read_file(name.path()), "key7");
  write_file(name.path(), bytes);
  const std::size_t readable = lines_of(run_tool({"dump", name.str(), "--keys-only"}).out).size();
  BOOST_TEST_REQUIRE(readable == 150u);
  const boost::json::value repaired = tool_json({"check", name.str(), "--repair"}).at("repair");
  BOOST_TEST(repaired.at("kept").to_number<std::size_t>() == readable);
  BOOST_TEST(repaired.at("left_behind").to_number<std::size_t>() == 0u);
  auto cache = larder::cache::open(name.str());
  std::size_t found = cache.contains("key") ? 1 : 0;
  for (const char* space : {"users", "pages", "carts"}) {
    larder::keyspace in = cache.keyspace(space);
    BOOST_TEST(in.generation() == 1u);
    BOOST_TEST(!in.contains("old"));
    for (int i = 0; i < 50; ++i) {
      const larder::read_handle hit = in.get("key" + std::to_string(i));
      if (!hit) continue;
      ++found;
      BOOST_TEST(hit.view() == space);
      BOOST_TEST(hit.flags() == 7u);
    }
  }
  BOOST_TEST(found == readable);
  BOOST_TEST(support::violations(cache) == "");
}

BOOST_AUTO_TEST_CASE(a_repair_leaves_keyspaces_behind_of_which_it_cannot_know_what_is_current) {
  const larder::layout::geometry areas = larder::layout::plan(larder::min_capacity, 0);
  enum class byte { of_name, of_generation };
  for (const byte damaged : {byte::of_name, byte::of_generation}) {
    support::temp_name name;
    std::size_t entry = 0;
    {
      auto cache = larder::cache::create(name.str(), support::small(larder::min_capacity));
      larder::keyspace users = cache.keyspace("users");
      users.put("key", "invalidated");
      users.invalidate();
      for (int i = 0; i < 20; ++i) users.put("key" + std::to_string(i), "current");
      cache.keyspace("pages").put("key", "value");
      entry = areas.keyspaces + (users.id() - 1) * sizeof(larder::layout::keyspace_entry);
    }
    std::string bytes = without_the_word_of(read_file(name.path()), "key7");
    // The name's lowest bits lead to its entry. The generation is 1, and then it is as it was before.
    bytes[entry + (damaged == byte::of_name ? 0 : 8)] ^= damaged == byte::of_name ? 2 : 1;
    write_file(name.path(), bytes);
    const boost::json::value repaired = tool_json({"check", name.str(), "--repair"}).at("repair");
    BOOST_TEST(repaired.at("left_behind").to_number<int>() >= 19);
    auto cache = larder::cache::open(name.str());
    larder::keyspace users = cache.keyspace("users");
    BOOST_TEST(!users.contains("key"));
    for (int i = 0; i < 20; ++i) BOOST_TEST(!users.contains("key" + std::to_string(i)));
    BOOST_TEST(ok(users.put("key", "anew")));
    BOOST_TEST(users.get("key").view() == "anew");
    BOOST_TEST(support::violations(cache) == "");
  }
}

BOOST_AUTO_TEST_CASE(other_files_are_told_by_what_they_are) {
  support::temp_name name;
  const std::string sound = sound_segment();
  const auto error_of = [&](const std::string& bytes, int code) {
    write_file(name.path(), bytes);
    for (const command_line& line : commands_on(name.str())) BOOST_TEST(run_tool(line).code == code, line.front());
    return run_tool({"dump", name.str()}).error;
  };
  const auto says = [](const std::string& text, const char* what) {
    BOOST_TEST(text.find(what) != std::string::npos, text);
  };
  says(error_of("", 3), "is empty so far");
  says(error_of(std::string(sound.size(), '\0'), 3), "is empty so far");
  says(error_of("hello", 3), "is no larder segment");
  says(error_of(sound.substr(0, sound.size() / 2), 4), "instead of");
  std::string other = sound;
  other[8] = static_cast<char>(other[8] + 1);                // the fingerprint
  other.replace(16, 4, std::string("\x05\x02\x09\x00", 4));  // the version
  says(error_of(other, 3), "was made by larder 9.2.5");
}

BOOST_AUTO_TEST_CASE(a_copy_is_as_good_as_the_segment) {
  support::temp_name name;
  write_file(name.path(), sound_segment());
  const outcome from_name = run_tool({"dump", name.str(), "--keys-only"});
  const outcome from_path = run_tool({"dump", name.path(), "--keys-only"});
  BOOST_TEST(from_name.code == 0);
  BOOST_TEST(lines_of(from_name.out).size() == 502u);
  BOOST_TEST(from_path.out == from_name.out);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_short_under_a_reader_is_damage) {
  support::temp_name name;
  write_file(name.path(), sound_segment());
  support::child cutter = support::child::fork([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return ::truncate(name.path().c_str(), 8192);
  });
  const outcome ended = run_tool({"stat", name.str(), "100ms", "20"});
  BOOST_TEST(cutter.wait() == 0);
  BOOST_TEST(ended.code == 4);
  BOOST_TEST(ended.error.find("cut short") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
