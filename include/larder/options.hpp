// Option structs: unit, default and effect of each field. All are aggregates, for designated initialisers.
#ifndef LARDER_OPTIONS_HPP
#define LARDER_OPTIONS_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace larder {

using std::chrono::milliseconds;

// "This item does not expire."
inline constexpr milliseconds forever = milliseconds::max();

// Keys have 1 to this many bytes of any value.
inline constexpr std::size_t max_key_size = 1024;

// The smallest capacity of a segment, in bytes.
inline constexpr std::size_t min_capacity = std::size_t{1} << 20;

// What a store does when there is no free memory for its item.
enum class full_policy : std::uint8_t {
  evict,   // items that have been used least leave for it
  refuse,  // it returns status::no_space; an item stays until it is erased, expires or is invalidated (memcached's -M)
};

struct create_options {
  // Bytes of shared memory, all included: the segment never takes more. At least min_capacity.
  std::size_t capacity = std::size_t{64} << 20;

  // How many threads, of all processes together, can be attached at once. 0: derived from the capacity (32 to 1024).
  std::size_t max_threads = 0;

  // Permission bits of the segment, whatever the umask. All who may write it trust each other.
  unsigned permissions = 0600;

  // Take the memory from the host now, so that a full /dev/shm is an error of create and never a SIGBUS later. False
  // leaves the segment sparse: only for tests, and for hosts that overcommit on purpose.
  bool reserve_memory = true;

  // Ask the kernel for 2 MiB pages (random reads become 1.3 to 2.8 times faster); silently without where it has none.
  // Makes create take about a second per GiB.
  bool huge_pages = true;

  // What a full cache does; it stays so for the life of the segment. One that refuses still uses pages of other sizes that
  // can be emptied without a loss, and what has expired or was invalidated. Some memory is left when the first store is
  // refused: of other sizes, or where the part of the hash table that its key belongs to is full and cannot grow. A new value
  // needs room beside the one that it replaces, whose memory its thread may keep for its own next stores.
  full_policy when_full = full_policy::evict;
};

struct open_options {
  // How long a writer waits for a *stopped* process in its way before it returns timed_out. A dead one delays nobody
  // for longer than one repair.
  milliseconds lock_timeout = std::chrono::seconds(1);
};

struct put_options {
  // How long the item lives. Resolution: a millisecond; an item is never gone early and at most 10 ms late.
  milliseconds ttl = forever;

  // Kept with the item and given back with it; larder does not look at them.
  std::uint32_t flags = 0;
};

struct incr_options {
  // The counter's value if the key is absent, before delta is added.
  std::int64_t initial = 0;

  // For a counter that this call creates; an existing one keeps its expiry.
  milliseconds ttl = forever;
};

}  // namespace larder

#endif  // LARDER_OPTIONS_HPP
