// check: every invariant of a segment (src/README.md), looked at from outside. Takes no lock and writes nothing.
//
// While others work, what one look sees may be between two stores, and the walks over the table and over the pages are
// not one instant. So whatever seems broken is looked at again by itself, in the order that the protocols make telling;
// and it counts only if three looks, a moment apart, all see it.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "cache/cache_impl.hpp"
#include "cache/walk.hpp"

namespace larder::detail {

using layout::cell_ref;

namespace {

class look {
 public:
  look(const segment& memory, const memory::size_classes& classes, item_guard guard)
      : memory_(memory), classes_(classes), guard_(guard) {}

  check_report run() {
    walk_table();
    check_slots();
    for (std::uint32_t page = 0; page < memory_.geometry().page_count; ++page) check_page(page);
    for (const auto& [cell, named] : words_) {
      if (!named.linked) check_named(cell, named);
    }
    check_locks();
    check_fences();
    return std::move(report_);
  }

 private:
  // A bucket word that names a cell.
  struct naming {
    table::place at;
    std::uint64_t bits;
    const std::atomic<std::uint64_t>* word;
    bool linked = false;  // the walk over the pages found it so
    [[nodiscard]] bool still() const noexcept { return word->load(std::memory_order_acquire) == bits; }
  };

  // A segment that is overwritten breaks as many as it has words; whoever reads of a thousand needs no more.
  static constexpr std::size_t most_violations = 1000;
  // The text is made of its parts only if it is kept.
  template <class... Parts>
  void broken(int invariant, const Parts&... parts) {
    if (report_.violations.size() == most_violations) return;
    std::string& what = report_.violations.emplace_back(violation{invariant, {}}).what;
    (append(what, parts), ...);
  }

  struct in_bucket {
    std::uint32_t stripe, bucket;
  };
  struct in_page {
    cell_ref cell;
    std::uint32_t page;
  };
  static void append(std::string& what, std::string_view text) { what += text; }
  static void append(std::string& what, std::uint32_t number) { what += std::to_string(number); }
  static void append(std::string& what, in_bucket at) {
    what += "stripe " + std::to_string(at.stripe) + ", bucket " + std::to_string(at.bucket);
  }
  static void append(std::string& what, in_page at) {
    what += "cell " + std::to_string(at.cell) + " of page " + std::to_string(at.page);
  }

  void walk_table() {
    for (std::uint32_t stripe = 0; stripe < memory_.geometry().stripe_count(); ++stripe) {
      const table::bucket_array buckets(memory_, table::table_word_of(memory_, stripe));
      if (!buckets.usable()) broken(1, "the table word of stripe ", stripe, " names no buckets inside the segment");
      walk_stripe(memory_, stripe,
                  [&](table::place at, const std::atomic<std::uint64_t>& word, layout::bucket_word seen,
                      std::uint32_t b, layout::table_word table) {
                    check_word(at, word, seen, b, table);
                    return true;
                  });
    }
  }

  void check_word(table::place at, const std::atomic<std::uint64_t>& word, layout::bucket_word seen, std::uint32_t b,
                  layout::table_word table) {
    const in_bucket where{at.stripe, b};
    if (!memory::is_cell(memory_, classes_, seen.cell())) {
      if (word.load(std::memory_order_acquire) == seen.bits) broken(1, where, ": a word names no cell");
      return;
    }
    if (b != table::primary_bucket(at.tag, table.count()) && b != table::alternate_bucket(at.tag, table.count())) {
      broken(1, where, ": a word stands in a bucket that its tag does not lead to");
    }
    const auto [named, first] = words_.emplace(seen.cell(), naming{at, seen.bits, &word});
    if (!first) {
      // The same item in both its buckets: allowed after a death in spill. Two keys: one word is older than the other.
      if (named->second.bits != seen.bits && named->second.still() &&
          word.load(std::memory_order_acquire) == seen.bits) {
        broken(1, where, ": the cell ", seen.cell(), " is named by two keys");
      }
      return;
    }
    ++report_.items;
    const std::optional<guarded_item> item = guard_(seen.cell());
    if (!item || word.load(std::memory_order_acquire) != seen.bits) return;
    const table::place right = table::place_of(memory_, item->key);
    if (right.stripe != at.stripe || right.tag != at.tag) broken(1, where, ": an item's key does not lead to its word");
  }

  // A word names the cell, and the walk over the pages did not find it linked.
  void check_named(cell_ref cell, const naming& named) {
    const bool linked = memory::stamp_of(memory_, cell).load(std::memory_order_acquire) == layout::stamp_linked;
    // Between the word and the stamp the cell is in flight, between the stamp and the word it is retiring.
    if (linked || memory::is_hinted(memory_, cell) || !named.still()) return;
    if (memory::stamp_of(memory_, cell).load(std::memory_order_acquire) == layout::stamp_linked) return;
    broken(4, "a bucket word of stripe ", named.at.stripe, " names the cell ", cell, ", which is not stamped LINKED");
  }

  void check_linked(cell_ref cell, in_page where, const layout::atomic_stamp& stamp) {
    const auto named = words_.find(cell);
    if (named != words_.end()) named->second.linked = true;
    const std::optional<guarded_item> item = guard_(cell);
    if (!item) return;
    if (!table::is_within_bounds(memory_, classes_, cell, *item->item) &&
        stamp.load(std::memory_order_acquire) == layout::stamp_linked)
      broken(16, where, " holds an item that expires before the bound of its page or group");
    if (named == words_.end()) check_unnamed(cell, table::place_of(memory_, item->key), where);
  }

  // The cell is stamped LINKED, and the walk over the table did not find it.
  void check_unnamed(cell_ref cell, table::place at, in_page where) {
    const std::uint64_t table = table::table_word_of(memory_, at.stripe).bits;
    if (table::locate_cell(memory_, at, cell).item != nullptr || memory::is_hinted(memory_, cell)) return;
    const bool still = memory::stamp_of(memory_, cell).load(std::memory_order_acquire) == layout::stamp_linked &&
                       table::table_word_of(memory_, at.stripe).bits == table;
    if (still) broken(4, where, " is stamped LINKED and no bucket word names it");
  }

  void check_slots() {
    for (std::uint32_t i = 0; i < memory_.geometry().slot_count; ++i) {
      layout::slot& slot = memory_.slot(i);
      const std::uint32_t generation = slot.generation.load(std::memory_order_acquire);
      const layout::slot_word state{slot.state.load(std::memory_order_acquire)};
      if (state.state() > layout::slot_state::recovering) broken(12, "the state of slot ", i, " is none");
      if (state.state() != layout::slot_state::free || memory::holds_nothing(memory_, slot)) continue;
      const bool still = slot.state.load(std::memory_order_acquire) == state.bits &&
                         slot.generation.load(std::memory_order_acquire) == generation;  // nobody had it meanwhile
      if (still) broken(12, "slot ", i, " is free and holds something still");
    }
  }

  void check_page(std::uint32_t page) {
    const layout::page_word word = memory::word_of(memory_, page);
    if (word.state() == layout::page_state::free) {
      ++report_.pages_free;
      return;
    }
    ++report_.pages_used;
    if (word.state() > layout::page_state::draining || word.size_class() >= classes_.count()) {
      broken(2, "the word of page ", page, " is no state of a page");
      return;
    }
    check_mover(page, word);
    const bool large = word.size_class() == layout::large_class;
    std::uint32_t index = 0;
    memory::for_each_cell(memory_, classes_, page, [&](cell_ref cell, const layout::atomic_stamp& stamp) {
      check_cell(page, cell, stamp, large ? layout::max_classes : index);
      ++index;
    });
  }

  // A page between two states is somebody's, who names it.
  void check_mover(std::uint32_t page, layout::page_word word) {
    if (word.state() != layout::page_state::owned && word.state() != layout::page_state::draining) return;
    if (word.owner() >= memory_.geometry().slot_count) {
      broken(2, "page ", page, " is moved by slot ", word.owner(), ", which does not exist");
    } else if (!memory::is_page_hinted_by(memory_, page, word.owner()) && memory::word_of(memory_, page) == word) {
      broken(3, "page ", page, " is moved by slot ", word.owner(), ", which has no hint of it");
    }
  }

  void check_cell(std::uint32_t page, cell_ref cell, const layout::atomic_stamp& word, std::uint32_t index) {
    const std::uint16_t stamp = word.load(std::memory_order_acquire);
    const in_page where{cell, page};
    if (stamp == layout::stamp_free) {
      ++report_.cells_free;
      const bool bit =
          index == layout::max_classes ||
          (memory::free_bits(memory_, page)[index / 64].load(std::memory_order_acquire) >> (index % 64) & 1U) != 0;
      if (!bit && word.load(std::memory_order_acquire) == stamp) broken(5, where, " is free and has no free bit");
    } else if (stamp == layout::stamp_linked) {
      ++report_.cells_linked;
      check_linked(cell, where, word);
    } else if (stamp == layout::stamp_table) {
      ++report_.cells_linked;
      if (!holds_buckets(cell) && !memory::is_hinted(memory_, cell) && word.load(std::memory_order_acquire) == stamp)
        broken(4, where, " is stamped TABLE and no stripe has its buckets there");
    } else if (layout::is_owned(stamp)) {
      ++report_.cells_owned;
      const std::uint32_t owner = layout::owner_of(stamp);
      if (owner >= memory_.geometry().slot_count) {
        broken(2, where, " is stamped with a slot that does not exist");
      } else if (!memory::is_moved_by(memory::word_of(memory_, page), owner) &&
                 !memory::is_hinted_by(memory_, cell, owner) && word.load(std::memory_order_acquire) == stamp) {
        broken(3, where, " is owned by slot ", owner, ", which has no hint of it");
      }
    } else if (layout::is_orphan(stamp)) {
      ++report_.cells_owned;
    } else if (stamp == layout::stamp_tail && index == layout::max_classes) {
      check_tail(where);
    } else {
      broken(2, where, " has a stamp of no meaning: ", std::uint32_t{stamp});
    }
  }

  // A run's frames are claimed from the first to the last, and freed from the last to the first.
  void check_tail(in_page where) {
    const std::uint32_t frame = memory::frame_of(memory_, where.cell);
    const bool first_of_page = frame % layout::frames_per_page == 0;
    const bool has_run =
        frame != 0 && memory_.frame(frame - 1).load(std::memory_order_acquire) != layout::stamp_free &&
        (!first_of_page || memory::word_of(memory_, where.page - 1).size_class() == layout::large_class);
    if (!has_run && memory::is_tail(memory_, frame)) broken(2, where, " is the tail of no run");
  }

  [[nodiscard]] bool holds_buckets(cell_ref cell) const {
    const std::uint32_t stripe = table::stripe_of_array(*memory_.item_at(cell));
    memory::actor nobody;
    nobody.memory = &memory_;
    nobody.classes = &classes_;
    return table::holds_array(nobody, stripe, cell);
  }

  void check_locks() {
    for (std::uint32_t i = 0; i < memory_.geometry().stripe_count(); ++i) {
      const layout::lock_word word{memory_.stripe(i).lock.load(std::memory_order_acquire)};
      if (word.unlocked()) continue;
      const bool known =
          word.slot() < memory_.geometry().slot_count &&
          layout::slot_word{memory_.slot(word.slot()).state.load(std::memory_order_acquire)}.state() !=
              layout::slot_state::free &&
          (memory_.slot(word.slot()).generation.load(std::memory_order_acquire) & 0xFFFFU) == word.generation();
      if (!known) {
        broken(10, "the lock of stripe ", i, " names no thread that is attached");
      } else if (memory_.slot(word.slot()).waits_for.load(std::memory_order_acquire) != i + 1 &&
                 memory_.stripe(i).lock.load(std::memory_order_acquire) == word.bits) {
        broken(10, "the lock of stripe ", i, " names a thread that does not say so");
      }
    }
  }

  void check_fences() {
    const std::uint64_t ended = memory_.header().fences_ended.load(std::memory_order_acquire);
    if (ended > memory_.header().fences_begun.load(std::memory_order_acquire))
      broken(18, "more heavy fences have ended than have begun");
  }

  const segment& memory_;
  const memory::size_classes& classes_;
  item_guard guard_;
  check_report report_;
  std::unordered_map<cell_ref, naming> words_;
};

}  // namespace

check_report check_segment(const segment& memory, const memory::size_classes& classes, item_guard guard) {
  constexpr int looks = 3;
  const platform::speculation reading;  // beside others, without a pin: what it finds is looked at again
  check_report report = look(memory, classes, guard).run();
  for (int i = 1; i < looks && !report.sound(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::unordered_set<std::string> before;  // no two invariants say the same
    for (violation& v : report.violations) before.insert(std::move(v.what));
    report = look(memory, classes, guard).run();
    std::erase_if(report.violations, [&](const violation& v) { return !before.contains(v.what); });
  }
  return report;
}

}  // namespace larder::detail
