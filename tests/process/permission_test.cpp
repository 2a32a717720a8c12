// Who may open a segment: its permission bits, whatever the umask. Another user is tried out when the tests run as
// root.
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/child.hpp"
#include "support/test.hpp"

using support::child;

namespace {

constexpr unsigned nobody = 65534;

unsigned mode_of(const std::string& path) {
  struct stat file {};
  BOOST_REQUIRE(::stat(path.c_str(), &file) == 0);
  return file.st_mode & 07777u;
}

larder::create_options with_permissions(unsigned bits) {
  larder::create_options options = support::small();
  options.permissions = bits;
  return options;
}

void become(unsigned user, unsigned group) {
  support::require(::setgroups(0, nullptr) == 0 && ::setgid(group) == 0 && ::setuid(user) == 0,
                   "the child may change its user");
}

std::string try_to_open(const std::string& name) {
  std::error_code why;
  return larder::cache::try_open(name, why) ? "opened" : why == std::errc::permission_denied ? "denied" : why.message();
}

std::string try_to_view(const std::string& name) {
  try {
    return larder::cache_view::open(name).contains("key") ? "opened" : "miss";
  } catch (const larder::error& e) {
    return e.code() == std::errc::permission_denied ? "denied" : e.what();
  }
}

// Arguments: name, group, what opening and what viewing must come to.
LARDER_CHILD_ROLE(opens_as_another_user) {
  become(nobody, static_cast<unsigned>(arguments.number(1)));
  const std::string opened = try_to_open(arguments.text(0)), viewed = try_to_view(arguments.text(0));
  support::require(opened == arguments.text(2), "open came to: " + opened);
  support::require(viewed == arguments.text(3), "view came to: " + viewed);
  return 0;
}

void check_stranger(unsigned permissions, unsigned group, const std::string& opened, const std::string& viewed) {
  if (::geteuid() != 0) {
    BOOST_TEST_MESSAGE("skipped: only root can become another user");
    return;
  }
  support::temp_cache sut(with_permissions(permissions));
  sut->put("key", "value");
  BOOST_TEST(child("opens_as_another_user", {sut.name(), std::to_string(group), opened, viewed}).wait() == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(permissions)

BOOST_AUTO_TEST_CASE(segments_are_private_unless_asked_otherwise) {
  BOOST_TEST(mode_of(support::temp_cache().path()) == 0600u);
  BOOST_TEST(mode_of(support::temp_cache(with_permissions(0640)).path()) == 0640u);
}

BOOST_AUTO_TEST_CASE(the_umask_does_not_matter) {
  for (const mode_t mask : {mode_t{0}, mode_t{0077}, mode_t{0777}}) {
    const mode_t saved = ::umask(mask);
    const support::temp_cache sut(with_permissions(0664));
    ::umask(saved);
    BOOST_TEST(mode_of(sut.path()) == 0664u);
  }
}

BOOST_AUTO_TEST_CASE(another_user_may_not_open_a_private_segment) { check_stranger(0600, nobody, "denied", "denied"); }
BOOST_AUTO_TEST_CASE(a_group_that_may_read_can_view) { check_stranger(0640, ::getegid(), "denied", "opened"); }
BOOST_AUTO_TEST_CASE(a_group_that_may_write_can_open) { check_stranger(0660, ::getegid(), "opened", "opened"); }
BOOST_AUTO_TEST_CASE(everybody_who_may_read_can_view) { check_stranger(0644, nobody, "denied", "opened"); }

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
