// Nothing found in a segment is trusted (property P6): foreign, truncated and damaged files give a clear error, or
// work, and never crash or hang. What might crash runs in a child.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "support/child.hpp"
#include "support/random.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using larder::status;
using support::failure;

namespace {

constexpr std::size_t header_bytes = 1024;   // what is flipped byte by byte
constexpr std::size_t random_places = 1000;  // and elsewhere

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The bytes of a sound segment with items in it, to which nobody is attached.
std::string sound_segment() {
  support::temp_name name;
  {
    larder::cache cache = larder::cache::create(name.str(), support::small(larder::min_capacity));
    cache.keyspace("users").put("key", "value");
    for (int i = 0; i < 500; ++i) cache.put("key" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'v'));
    cache.put("large", std::string(100'000, 'l'));
  }
  return read_file(name.path());
}

// What the tool does: looks through a read-only mapping.
void look(const std::string& name) {
  const larder::cache_view view = larder::cache_view::open(name);
  std::string copy;
  for (int i = 0; i < 500; i += 25) static_cast<void>(view.get_copy("key" + std::to_string(i), copy));
  view.for_each([](const larder::item_view&) { return true; });
  static_cast<void>(view.stats());
  static_cast<void>(view.check());
}

void use(const std::string& name) {
  larder::cache cache = larder::cache::open(name, {.lock_timeout = std::chrono::milliseconds(5)});
  for (int i = 0; i < 500; i += 25) static_cast<void>(cache.contains("key" + std::to_string(i)));
  for (int i = 0; i < 20; ++i) cache.put("new" + std::to_string(i), std::string(100, 'n'));
  cache.erase("key7");
  static_cast<void>(cache.check());
}

struct progress {
  std::atomic<std::uint64_t> step;
};

// Where step `step` flips bits, and which.
struct flip {
  std::size_t at;
  char bits;
};

flip flip_of(std::uint64_t step, std::size_t size) {
  if (step < 2 * header_bytes) return {step / 2, step % 2 == 0 ? char{1} : static_cast<char>(0xff)};
  support::random_source random(step);
  return {header_bytes + random.number(size - header_bytes), static_cast<char>(1 + random.number(255))};
}

// Arguments: name, file of the sound segment, progress. Goes on from where the progress stands.
LARDER_CHILD_ROLE(opens_damaged_segments) {
  const std::string sound = read_file(arguments.text(1));
  const support::shared_object<progress> shared(arguments.number(2));
  for (; shared->step < 2 * header_bytes + random_places; ++shared->step) {
    const flip damage = flip_of(shared->step, sound.size());
    std::string bytes = sound;
    bytes[damage.at] = static_cast<char>(bytes[damage.at] ^ damage.bits);
    write_file("/dev/shm/" + arguments.text(0), bytes);
    try {
      look(arguments.text(0));
      if (damage.at < header_bytes) use(arguments.text(0));
    } catch (const larder::error& e) {
      support::require(std::strlen(e.what()) > 10, "the error says something");
    }
  }
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(damage)

BOOST_AUTO_TEST_CASE(a_file_of_something_else_is_not_a_cache) {
  support::temp_name name;
  support::random_source random(1);
  for (const std::string& bytes : {std::string(), std::string("hello"), std::string(100, '\0'), std::string(4096, '\0'),
                                   std::string(2 * support::mebibyte, '\0'), random.bytes(2 * support::mebibyte)}) {
    BOOST_TEST_CONTEXT(bytes.size() << " bytes") {
      write_file(name.path(), bytes);
      BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache::open(name.str())), larder::error,
                            failure(status::not_a_cache, name.str()));
      BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache_view::open(name.str())), larder::error,
                            failure(status::not_a_cache));
      BOOST_CHECK_THROW(static_cast<void>(larder::cache::open_or_create(name.str(), support::small())), larder::error);
      BOOST_TEST((read_file(name.path()) == bytes), "the file was left alone");
    }
  }
}

BOOST_AUTO_TEST_CASE(descriptors_of_other_things_are_refused) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const int directory = ::open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int descriptor : {ends[0], directory, null}) {
    BOOST_CHECK_THROW(static_cast<void>(larder::cache::attach(descriptor)), larder::error);
    BOOST_CHECK_THROW(static_cast<void>(larder::cache_view::attach(descriptor)), larder::error);
  }
  for (const int descriptor : {ends[0], ends[1], directory, null}) ::close(descriptor);
}

BOOST_AUTO_TEST_CASE(a_truncated_segment_is_refused) {
  support::temp_name name;
  const std::string sound = sound_segment();
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{63}, std::size_t{4096}, sound.size() / 2, sound.size() - 4096, sound.size() - 1}) {
    BOOST_TEST_CONTEXT("cut to " << size << " bytes") {
      write_file(name.path(), sound.substr(0, size));
      BOOST_CHECK_THROW(static_cast<void>(larder::cache::open(name.str())), larder::error);
      BOOST_CHECK_THROW(static_cast<void>(larder::cache_view::open(name.str())), larder::error);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_segment_is_as_good_as_the_segment) {
  support::temp_name name;
  write_file(name.path(), sound_segment());
  larder::cache copy = larder::cache::open(name.str());
  BOOST_TEST(support::copy_of(copy, "key17") == std::string(17, 'v'));
  BOOST_TEST(copy.put("key17", "value") == status::ok);
  BOOST_TEST(support::violations(copy) == "");
}

BOOST_AUTO_TEST_CASE(a_flipped_byte_is_an_error_or_a_miss_and_never_a_crash) {
  support::temp_name name, pristine;
  const std::string sound = sound_segment();
  write_file(pristine.path(), sound);
  const support::shared_object<progress> shared;
  int crashes = 0;
  while (shared->step < 2 * header_bytes + random_places && crashes < 20) {
    support::child prober("opens_damaged_segments", {name.str(), pristine.path(), shared.argument()});
    const int result = prober.wait(std::chrono::minutes(4));
    if (result == 0) continue;
    const flip damage = flip_of(shared->step, sound.size());
    BOOST_ERROR("with the bits " << (static_cast<unsigned>(damage.bits) & 0xffu) << " of byte " << damage.at
                                 << " flipped the child ended with " << result);
    ++crashes;
    ++shared->step;
  }
  BOOST_TEST(crashes == 0);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
