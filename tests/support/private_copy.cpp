#include "support/private_copy.hpp"

#include <chrono>
#include <optional>

#include "support/eventually.hpp"

namespace support {

private_copy::private_copy(larder::cache& cache) : cache_(cache), feed_(cache.subscribe()) { copy_everything(); }

std::map<std::string, std::string> private_copy::in_the_cache() {
  std::map<std::string, std::string> all;
  cache_.for_each([&](const larder::item_view& item) {
    if (item.keyspace == 0) all.emplace(item.key, item.value);
    return true;
  });
  return all;
}

void private_copy::copy_everything() {
  copy_ = in_the_cache();
  generation_ = cache_.keyspace(keyspace).generation();
}

void private_copy::hear(const larder::change& told) {
  if (told.kind == larder::change_kind::missed || told.kind == larder::change_kind::invalidated)
    return copy_everything();
  if (told.keyspace != 0) return;
  const std::string key(told.key);
  if (std::optional<std::string> now = cache_.get_copy(key)) {
    copy_[key] = std::move(*now);
  } else {
    copy_.erase(key);
  }
}

std::size_t private_copy::refresh() {
  std::size_t count = 0;
  for (; const std::optional<larder::change> told = feed_.next(); ++count) {
    hear(*told);
  }
  return count;
}

std::string private_copy::catch_up() {
  const auto agrees = [&] {
    refresh();
    return copy_ == in_the_cache() && generation_ == cache_.keyspace(keyspace).generation();
  };
  if (eventually(std::chrono::seconds(10), agrees)) return {};
  std::string wrong;
  const std::map<std::string, std::string> now = in_the_cache();
  for (const auto& [key, value] : copy_) {
    const auto found = now.find(key);
    if (found == now.end() || found->second != value) wrong += "not true: a subscriber's copy is new: " + key + "\n";
  }
  for (const auto& [key, value] : now) {
    if (!copy_.contains(key)) wrong += "not true: a subscriber was told of " + key + "\n";
  }
  if (wrong.empty()) wrong = "not true: a subscriber was told that the keyspace was invalidated\n";
  return wrong;
}

}  // namespace support
