// Keys: as they are looked up, and as items have them.
//
// The key of an item in a keyspace begins with 8 bytes that tell which keyspace, and which generation of it; behind them
// stand the user's bytes. It is looked up in these two parts. (To put them together first takes a get 2.5 times as long: what
// is read across several stores that have just been made waits for them.)
//
// A lookup takes keys of several types. Each says how many bytes it has in an item, what form such an item has, its hash,
// and whether it is the one that stands somewhere: difference() is 0 then.
#ifndef LARDER_TABLE_KEY_HPP
#define LARDER_TABLE_KEY_HPP

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "larder/options.hpp"
#include "layout/layout.hpp"
#include "platform/platform.hpp"

namespace larder::table {

namespace detail {

template <class Word>
[[nodiscard]] inline std::uint64_t difference_of_words(const char* a, const char* b) noexcept {
  Word x;
  Word y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return x ^ y;
}

}  // namespace detail

// 0 if the keys are equal. Branches depend on the size only: on what an item has in its memory none may wait (find.hpp).
[[nodiscard]] inline std::uint64_t difference_of(const char* a, const char* b, std::size_t size) noexcept {
  using detail::difference_of_words;
  using platform::usual_bytes;
  if (platform::is_usual_size(size)) return usual_bytes(a, size).difference(b);
  if (size > 48) {
    constexpr std::size_t step = 48;
    std::uint32_t other = usual_bytes(a + size - step, step).difference(b + size - step);
    for (std::size_t at = 0; at < size - step; at += step) other |= usual_bytes(a + at, step).difference(b + at);
    return other;
  }
  if (size >= 8) {
    return difference_of_words<std::uint64_t>(a, b) | difference_of_words<std::uint64_t>(a + size - 8, b + size - 8);
  }
  if (size >= 4) {
    return difference_of_words<std::uint32_t>(a, b) | difference_of_words<std::uint32_t>(a + size - 4, b + size - 4);
  }
  std::uint64_t other = 0;
  for (std::size_t i = 0; i < size; ++i) other |= difference_of_words<unsigned char>(a + i, b + i);
  return other;
}

inline void copy_bytes(std::byte* to, std::string_view key) noexcept {
  if (platform::is_usual_size(key.size())) [[likely]]
    platform::usual_bytes(key.data(), key.size()).copy_to(to);
  else
    std::memcpy(to, key.data(), key.size());
}

// What stands before the user's bytes in an item: nothing, or the prefix of a keyspace.
struct no_keyspace {
  static constexpr std::size_t size = 0;
  [[nodiscard]] static std::optional<std::uint64_t> prefix() noexcept { return std::nullopt; }
  [[nodiscard]] static std::uint64_t start(const platform::hash_seed&) noexcept { return 0; }
  [[nodiscard]] static std::uint64_t difference(const char*) noexcept { return 0; }
};
struct some_keyspace {
  static constexpr std::size_t size = layout::keyspace_prefix_size;
  std::uint64_t bits;
  [[nodiscard]] std::optional<std::uint64_t> prefix() const noexcept { return bits; }
  [[nodiscard]] std::uint64_t start(const platform::hash_seed& seed) const noexcept {
    return platform::start_behind(seed, bits);
  }
  [[nodiscard]] std::uint64_t difference(const char* item_key) const noexcept {
    std::uint64_t other = 0;
    std::memcpy(&other, item_key, sizeof other);
    return other ^ bits;
  }
};

// Any key.
struct lookup_key {
  std::string_view bytes;                    // the user's
  std::optional<std::uint64_t> prefix = {};  // what stands before them, of one in a keyspace

  // As callers see it: 0 of a key in none.
  [[nodiscard]] std::uint32_t keyspace_id() const noexcept { return prefix ? layout::keyspace_index(*prefix) + 1 : 0; }
  // 1 to max_key_size bytes in an item, and at least one of the user's.
  [[nodiscard]] bool is_valid() const noexcept { return bytes.size() - 1 < max_key_size - prefix_size(); }
  [[nodiscard]] std::size_t size() const noexcept { return prefix_size() + bytes.size(); }
  [[nodiscard]] layout::item_shape form() const noexcept { return {size(), false, false, prefix.has_value(), 0}; }
  [[nodiscard]] std::uint64_t hash(const platform::hash_seed& seed) const noexcept {
    const std::uint64_t start = prefix ? some_keyspace{*prefix}.start(seed) : no_keyspace::start(seed);
    return platform::hash_bytes(seed, start, bytes.data(), bytes.size());
  }
  [[nodiscard]] std::uint64_t difference(const char* item_key) const noexcept {
    const std::uint64_t other = difference_of(item_key + prefix_size(), bytes.data(), bytes.size());
    return prefix ? other | some_keyspace{*prefix}.difference(item_key) : other;
  }
  void copy_to(std::byte* item_key) const noexcept {
    if (prefix) std::memcpy(item_key, &*prefix, sizeof *prefix);
    copy_bytes(item_key + prefix_size(), bytes);
  }

 private:
  [[nodiscard]] std::size_t prefix_size() const noexcept { return prefix ? some_keyspace::size : no_keyspace::size; }
};

// The user's bytes, for who knows more of a key: whether there is a usual number of them, so that no branch is needed. (Such a
// get has a quarter fewer instructions.)
class usual_text {
 public:
  [[nodiscard]] static bool takes(std::size_t size, std::size_t) noexcept { return platform::is_usual_size(size); }
  explicit usual_text(std::string_view bytes) noexcept : bytes_(bytes), read_(bytes.data(), bytes.size()) {}

  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t hash(const platform::hash_seed& seed, std::uint64_t start) const noexcept {
    return platform::hash_bytes(seed, start, bytes_.data(), bytes_.size());
  }
  template <class Aes>
  [[nodiscard]] platform::bytes16 hash_by(const platform::hash_seed& seed, std::uint64_t start) const noexcept {
    return platform::hash_usual<Aes>(seed, start, read_);
  }
  [[nodiscard]] std::uint64_t difference(const char* there) const noexcept { return read_.difference(there); }

 private:
  std::string_view bytes_;
  platform::usual_bytes read_;
};
class any_text {
 public:
  // Two bytes or more in an item: zeroes, where a damaged word may lead, would be an item whose key is one zero byte.
  [[nodiscard]] static bool takes(std::size_t size, std::size_t before) noexcept {
    const std::size_t least = before == 0 ? 2 : 1;
    return size - least <= max_key_size - before - least;
  }
  explicit any_text(std::string_view bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t hash(const platform::hash_seed& seed, std::uint64_t start) const noexcept {
    return platform::hash_bytes(seed, start, bytes_.data(), bytes_.size());
  }
  template <class Aes>
  [[nodiscard]] platform::bytes16 hash_by(const platform::hash_seed& seed, std::uint64_t start) const noexcept {
    return platform::hash_bytes_by<Aes>(seed, start, bytes_.data(), bytes_.size());
  }
  [[nodiscard]] std::uint64_t difference(const char* there) const noexcept {
    return difference_of(there, bytes_.data(), bytes_.size());
  }

 private:
  std::string_view bytes_;
};

#if LARDER_WIDE_VECTORS
// A hash that is still in the register that it was made in.
class wide_hash {
 public:
  explicit wide_hash(platform::bytes16 all) noexcept : all_(all) {}

  operator std::uint64_t() const noexcept { return all_.low(); }
  [[nodiscard]] platform::bytes16 all() const noexcept { return all_; }

 private:
  platform::bytes16 all_;
};

// Either of them in a processor that has_wide_vectors(): hashed in place, and where tags are compared.
template <class Text>
class wide_text : public Text {
 public:
  using Text::Text;

  [[nodiscard]] wide_hash hash(const platform::hash_seed& seed, std::uint64_t start) const noexcept {
    return wide_hash(this->template hash_by<platform::aes_by_wide_instruction>(seed, start));
  }
};
#endif

// A key of which that is known, and what stands before the user's bytes.
template <class Text, class Before>
class known_key {
 public:
  [[nodiscard]] static bool takes(std::string_view bytes) noexcept { return Text::takes(bytes.size(), Before::size); }
  // REQUIRES: takes(bytes).
  known_key(std::string_view bytes, Before before) noexcept : before_(before), text_(bytes) {}

  operator lookup_key() const noexcept { return {text_.bytes(), before_.prefix()}; }
  [[nodiscard]] std::size_t size() const noexcept { return Before::size + text_.bytes().size(); }
  [[nodiscard]] layout::item_shape form() const noexcept { return {size(), false, false, Before::size != 0, 0}; }
  [[nodiscard]] auto hash(const platform::hash_seed& seed) const noexcept {
    return text_.hash(seed, before_.start(seed));
  }
  [[nodiscard]] std::uint64_t difference(const char* item_key) const noexcept {
    return before_.difference(item_key) | text_.difference(item_key + Before::size);
  }

 private:
  [[no_unique_address]] Before before_;
  Text text_;
};

// What an item has as its key, in its parts. One that is too short to be in a keyspace, though it says so (it is damaged),
// is in none that exists.
[[nodiscard]] inline lookup_key parts_of(std::string_view item_key, bool in_keyspace) noexcept {
  if (!in_keyspace) return {item_key};
  std::uint64_t prefix = ~std::uint64_t{0};
  if (item_key.size() < sizeof prefix) return {{}, prefix};
  std::memcpy(&prefix, item_key.data(), sizeof prefix);
  return {item_key.substr(sizeof prefix), prefix};
}
[[nodiscard]] inline lookup_key key_of(const layout::item& item) noexcept {
  return parts_of(item.key(), item.shape().in_keyspace());
}

// REQUIRES: the item is protected (pinned, or reachable under its stripe lock).
template <class Key>
[[nodiscard]] inline bool has_key(const layout::item& item, const Key& key) noexcept {
  const layout::item_shape shape = item.shape();
  if (!shape.same_key_form(key.form())) return false;
  return key.difference(reinterpret_cast<const char*>(item.at(shape.key_offset()))) == 0;
}

}  // namespace larder::table

#endif  // LARDER_TABLE_KEY_HPP
