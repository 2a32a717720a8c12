// Read-only views in other processes while writers work.
#include <memory>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/random.hpp"
#include "support/sealed_value.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using support::child;

namespace {

constexpr std::uint64_t keys = 800;

std::string key_of(std::uint64_t i) { return "key" + std::to_string(i % keys); }

LARDER_CHILD_ROLE(overwrites_for_ever) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  support::random_source random(static_cast<std::uint64_t>(arguments.number(1)));
  for (std::uint64_t i = 0;; ++i) {
    const std::string key = key_of(random.number(keys));
    if (random.one_in(20)) cache.erase(key);
    cache.put(key, support::sealed_value(key, i, 16 + random.number(4000)));
  }
}

LARDER_CHILD_ROLE(views_what_others_write) {
  const larder::cache_view view = larder::cache_view::open(arguments.text(0));
  std::uint64_t hits = 0;
  std::string copy;
  for (std::uint64_t i = 0; i < 30'000; ++i) {
    if (!view.get_copy(key_of(i), copy)) continue;
    ++hits;
    support::require(support::unsealed(key_of(i), copy).has_value(), "a copy is whole");
  }
  for (int walk = 0; walk < 10; ++walk) {
    view.for_each([&](const larder::item_view& item) {
      support::require(support::unsealed(item.key, item.value).has_value(), "a visited item is whole");
      ++hits;
      return true;
    });
  }
  support::require(hits > 0, "something was found");
  static_cast<void>(view.stats());
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(viewing)

BOOST_AUTO_TEST_CASE(guarantee_C_views_show_whole_values_while_writers_work) {
  support::temp_cache sut(2 * support::mebibyte);
  child first("overwrites_for_ever", {sut.name(), "1"}), second("overwrites_for_ever", {sut.name(), "2"});
  std::vector<std::unique_ptr<child>> viewers;
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return sut->stats().puts > 1000; }));
  for (int i = 0; i < 2; ++i)
    viewers.push_back(std::make_unique<child>("views_what_others_write", std::vector<std::string>{sut.name()}));
  for (const auto& viewer : viewers) BOOST_TEST(viewer->wait(std::chrono::minutes(3)) == 0);
  BOOST_TEST(first.running());
  BOOST_TEST(second.running());
  first.kill();
  second.kill();
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(killing_a_viewer_means_nothing_to_the_others) {
  support::temp_cache sut(2 * support::mebibyte);
  child writer("overwrites_for_ever", {sut.name(), "1"});
  for (int i = 0; i < 10; ++i) {
    child viewer("views_what_others_write", {sut.name()});
    BOOST_TEST(sut->put("key of the parent", "value") == larder::status::ok);
    viewer.kill();
  }
  BOOST_TEST(writer.running());
  writer.kill();
  sut->reap();
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
