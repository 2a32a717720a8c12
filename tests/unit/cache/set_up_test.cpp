// create, open, open_or_create, try_open, attach, remove; options out of range; what errors say; status.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "segment/segment.hpp"
#include "support/test.hpp"

using larder::status;
using support::failure;

namespace {

// Tries to create with these options, and expects an error whose text holds the word.
void check_refused(const larder::create_options& options, const std::string& word) {
  support::temp_name name;
  BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache::create(name.str(), options)), larder::error,
                        failure(status::bad_argument, word));
  BOOST_TEST(!name.exists());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(set_up)

BOOST_AUTO_TEST_CASE(create_makes_what_open_finds) {
  support::temp_name name;
  larder::cache created = larder::cache::create(name.str(), support::small());
  BOOST_TEST(name.exists());
  created.put("key", "value");
  larder::cache opened = larder::cache::open(name.str());
  BOOST_TEST(support::copy_of(opened, "key") == "value");
  opened.put("key", "other");
  BOOST_TEST(support::copy_of(created, "key") == "other");
}

BOOST_AUTO_TEST_CASE(create_refuses_a_name_that_is_taken_and_leaves_it_alone) {
  support::temp_cache sut;
  sut->put("key", "value");
  BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache::create(sut.name(), support::small())), larder::error,
                        failure(std::errc::file_exists, sut.name()));
  BOOST_TEST(support::copy_of(*sut, "key") == "value");
}

BOOST_AUTO_TEST_CASE(open_of_nothing_says_what_is_missing) {
  support::temp_name name;
  BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache::open(name.str())), larder::error,
                        failure(std::errc::no_such_file_or_directory, name.str()));
  BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache_view::open(name.str())), larder::error,
                        failure(std::errc::no_such_file_or_directory));
}

BOOST_AUTO_TEST_CASE(open_or_create_does_one_of_the_two_and_the_options_of_the_first_win) {
  support::temp_name name;
  larder::cache first = larder::cache::open_or_create(name.str(), support::small(4 * support::mebibyte));
  first.put("key", "value");
  larder::cache second = larder::cache::open_or_create(name.str(), support::small(8 * support::mebibyte));
  BOOST_TEST(support::copy_of(second, "key") == "value");
  BOOST_TEST(second.stats().capacity == 4 * support::mebibyte);
}

BOOST_AUTO_TEST_CASE(try_open_gives_the_reason_instead_of_throwing) {
  support::temp_name name;
  std::error_code why;
  BOOST_TEST(!larder::cache::try_open(name.str(), why).has_value());
  BOOST_TEST((why == std::errc::no_such_file_or_directory));
  BOOST_TEST(!larder::cache::try_open("a/b", why).has_value());
  BOOST_TEST((why == status::bad_argument));
  larder::cache created = larder::cache::create(name.str(), support::small());
  BOOST_TEST(larder::cache::try_open(name.str(), why).has_value());
  BOOST_TEST(!why);
}

BOOST_AUTO_TEST_CASE(create_refuses_a_policy_that_there_is_not) {
  larder::create_options options = support::small();
  options.when_full = static_cast<larder::full_policy>(2);
  check_refused(options, "when_full");
}

BOOST_AUTO_TEST_CASE(attach_uses_a_descriptor_and_does_not_consume_it) {
  support::temp_cache sut;
  sut->put("key", "value");
  const int descriptor = ::open(sut.path().c_str(), O_RDWR | O_CLOEXEC);
  BOOST_REQUIRE(descriptor >= 0);
  larder::cache attached = larder::cache::attach(descriptor);
  const larder::cache_view view = larder::cache_view::attach(descriptor);
  BOOST_TEST(::close(descriptor) == 0);
  BOOST_TEST(support::copy_of(attached, "key") == "value");
  BOOST_TEST(view.contains("key"));
  BOOST_CHECK_THROW(static_cast<void>(larder::cache::attach(-1)), larder::error);
}

BOOST_AUTO_TEST_CASE(remove_takes_the_name_away_and_attached_caches_go_on) {
  support::temp_name name;
  larder::cache sut = larder::cache::create(name.str(), support::small());
  sut.put("key", "value");
  BOOST_TEST(larder::cache::remove(name.str()));
  BOOST_TEST(!larder::cache::remove(name.str()));
  BOOST_TEST(!name.exists());
  BOOST_TEST(support::copy_of(sut, "key") == "value");
  BOOST_TEST(sut.put("other", "value") == status::ok);
  larder::cache fresh = larder::cache::create(name.str(), support::small());
  BOOST_TEST(!fresh.contains("key"));
  BOOST_TEST(support::copy_of(sut, "key") == "value");
}

BOOST_AUTO_TEST_CASE(the_segment_outlives_the_cache_object) {
  support::temp_name name;
  larder::cache::create(name.str(), support::small()).put("key", "value");
  larder::cache again = larder::cache::open(name.str());
  BOOST_TEST(support::copy_of(again, "key") == "value");
  BOOST_TEST(support::violations(again) == "");
}

BOOST_AUTO_TEST_CASE(two_caches_in_a_process_know_nothing_of_each_other) {
  support::temp_cache one, two;
  one->put("key", "one");
  BOOST_TEST(!two->contains("key"));
  two->put("key", "two");
  const larder::read_handle first = one->get("key"), second = two->get("key");
  BOOST_TEST(first.view() == "one");
  BOOST_TEST(second.view() == "two");
  one->clear();
  BOOST_TEST(support::copy_of(*two, "key") == "two");
}

BOOST_AUTO_TEST_CASE(caches_may_be_opened_and_closed_by_the_hundred) {
  support::temp_cache sut;
  for (int i = 0; i < 500; ++i) {
    larder::cache again = larder::cache::open(sut.name());
    BOOST_REQUIRE(again.put("key", std::to_string(i)) == status::ok);
  }
  BOOST_TEST(support::copy_of(*sut, "key") == "499");
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_moved_cache_takes_everything_along) {
  support::temp_name name;
  larder::cache first = larder::cache::create(name.str(), support::small());
  first.put("key", "value");
  const larder::read_handle held = first.get("key");
  larder::cache second = std::move(first);
  BOOST_TEST(support::copy_of(second, "key") == "value");
  BOOST_TEST(held.view() == "value");
  larder::cache third = larder::cache::open(name.str());
  third = std::move(second);
  BOOST_TEST(third.put("key", "other") == status::ok);
  BOOST_TEST(held.view() == "value");
}

BOOST_AUTO_TEST_CASE(a_cache_that_was_moved_from_is_detached) {
  support::temp_name name;
  larder::cache sut = larder::cache::create(name.str(), support::small());
  const larder::cache taken = std::move(sut);
  BOOST_TEST(!sut.get("key"));
  BOOST_TEST(!sut.contains("key"));
  BOOST_TEST(sut.put("key", "value") == status::detached);
  BOOST_TEST(sut.erase("key") == status::detached);
  BOOST_TEST(sut.incr("key").error() == status::detached);
  BOOST_TEST(sut.reserve("key", 1).error() == status::detached);
}

BOOST_AUTO_TEST_CASE(names_are_like_file_names) {
  for (const std::string& bad : {std::string(), std::string("a/b"), std::string("/a"), std::string("."),
                                 std::string(".."), std::string("a\0b", 3), std::string(201, 'n')}) {
    BOOST_TEST_CONTEXT("name " << bad) {
      BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache::create(bad, support::small())), larder::error,
                            failure(status::bad_argument, "name"));
      BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache::open(bad)), larder::error,
                            failure(status::bad_argument, "name"));
    }
  }
  support::temp_name name;
  const std::string longest = name.str() + std::string(200 - name.str().size(), 'n');
  larder::cache sut = larder::cache::create(longest, support::small());
  BOOST_TEST(larder::cache::remove(longest));
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused_with_advice) {
  check_refused(support::small(0), "capacity");
  check_refused(support::small(larder::min_capacity - 1), "capacity");
  larder::create_options options = support::small();
  options.permissions = 0100000;
  check_refused(options, "permissions");
  const support::temp_name name;
  BOOST_CHECK_THROW(static_cast<void>(larder::cache::create(name.str(), support::small(~std::size_t{0}))),
                    larder::error);
  BOOST_TEST(!name.exists());
}

BOOST_AUTO_TEST_CASE(the_smallest_capacity_works) {
  support::temp_cache sut(larder::min_capacity);
  BOOST_TEST(sut->put("key", "value") == status::ok);
  BOOST_TEST(sut->stats().capacity == larder::min_capacity);
  struct stat file {};
  BOOST_REQUIRE(::stat(sut.path().c_str(), &file) == 0);
  BOOST_TEST(static_cast<std::size_t>(file.st_size) <= larder::min_capacity);
}

BOOST_AUTO_TEST_CASE(when_no_attach_slot_is_free_calls_say_so_until_one_is) {
  larder::create_options options = support::small();
  options.max_threads = 2;
  support::temp_cache sut(options);
  BOOST_TEST(sut->put("key", "value") == status::ok);
  {
    larder::cache second = larder::cache::open(sut.name());
    BOOST_TEST(second.put("key", "value") == status::ok);
    larder::cache third = larder::cache::open(sut.name());
    BOOST_TEST(third.put("key", "value") == status::detached);
    BOOST_TEST(!third.get("key"));
  }
  larder::cache fourth = larder::cache::open(sut.name());
  BOOST_TEST(fourth.put("key", "value") == status::ok);
}

BOOST_AUTO_TEST_CASE(each_status_has_a_text_of_its_own) {
  std::set<std::string_view> texts;
  for (int s = 0; s <= static_cast<int>(status::bad_argument); ++s) {
    const std::string_view text = to_string(static_cast<status>(s));
    BOOST_TEST(!text.empty());
    BOOST_TEST(texts.insert(text).second);
  }
  BOOST_TEST(!to_string(static_cast<status>(200)).empty());
}

BOOST_AUTO_TEST_CASE(a_status_is_an_error_code) {
  const std::error_code code = status::no_space;
  BOOST_TEST((code.category() == larder::larder_category()));
  BOOST_TEST(code.category().name() == std::string("larder"));
  BOOST_TEST(code.message() == to_string(status::no_space));
  BOOST_TEST(!std::error_code(status::ok));
}

BOOST_AUTO_TEST_CASE(a_result_holds_a_value_or_a_reason) {
  const larder::result<int> good = 7;
  const larder::result<int> bad = status::no_space;
  BOOST_TEST(*good == 7);
  BOOST_TEST(good.error() == status::ok);
  BOOST_TEST(bad.error() == status::no_space);
  BOOST_TEST(bad.value_or(3) == 3);
  larder::result<int> thrown = status::no_space;
  BOOST_CHECK_EXCEPTION(static_cast<void>(thrown.value()), larder::error, failure(status::no_space));
}

// Regression: it was a crash.
BOOST_AUTO_TEST_CASE(a_free_slot_whose_pins_and_limbo_were_overwritten_can_be_taken) {
  support::temp_cache sut;
  BOOST_REQUIRE(sut->put("key", "value") == status::ok);
  const larder::segment memory = larder::segment::open(sut.name(), larder::platform::access::read_write);
  for (std::uint32_t i = 0; i < memory.geometry().slot_count; ++i) {
    larder::layout::slot& slot = memory.slot(i);
    if (larder::layout::slot_word{slot.state.load()}.state() != larder::layout::slot_state::free) continue;
    for (larder::layout::atomic_ref32& pin : slot.pins) pin = 0xFFFF'FFFF;
    slot.limbo()[0] = 0xFFFF'FFFF;
  }
  std::jthread([&] {
    BOOST_TEST(sut->get("key").view() == "value");
    BOOST_TEST(sut->put("key", "other") == status::ok);
  }).join();
  BOOST_TEST(sut->get("key").view() == "other");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
