// An exhaustive explorer of small models: every interleaving of threads, every moment at which a store can leave a store
// buffer, and, where asked for, a death before every step.
//
// A model is a state of bytes (shared words, and registers of each thread) and a program for each thread. A program is a
// list of steps; a step makes at most one access to shared memory that others could see, and cites the code that it
// mirrors. The states that can be reached are all visited, the nearest first; so what is found comes with a shortest way
// to it.
//
// Memory: x86's (TSO; Owens, Sarkar, Sewell 2009). A store goes to the end of the thread's buffer and leaves it, oldest
// first, at any later time; a load sees the thread's own newest buffered store, else memory; a locked instruction or a
// fence waits until the buffer is empty. A buffer holds `buffer_depth` stores, then the next one waits; with 0 of them
// memory is sequentially consistent. membarrier(2) empties the buffers of the others one by one, in any order.
//
// A death is followed by another life of the thread: it begins its program anew, with what the model says that the kernel
// does behind the last store.
#ifndef LARDER_TESTS_MODEL_EXPLORER_HPP
#define LARDER_TESTS_MODEL_EXPLORER_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace model {

inline constexpr std::size_t most_threads = 3;
inline constexpr std::size_t most_words = 40;
inline constexpr std::size_t most_registers = 11;
inline constexpr std::size_t most_buffered = 4;

// Sets of small numbers, in a register.
[[nodiscard]] constexpr bool in(std::uint8_t mask, unsigned member) noexcept { return (mask >> member & 1U) != 0; }
[[nodiscard]] constexpr std::uint8_t bit(unsigned member) noexcept { return static_cast<std::uint8_t>(1U << member); }

// Bytes only, and all of them are compared: two states are one if they are equal.
struct state {
  struct thread {
    std::uint8_t at;        // which step of its program is next
    std::uint8_t buffered;  // stores in the buffer
    std::array<std::uint8_t, most_registers> registers;
    std::array<std::uint8_t, most_buffered> addresses, values;  // the buffer, oldest first; zeros behind the last
  };
  std::array<std::uint8_t, most_words> memory;
  std::array<thread, most_threads> threads;
  std::uint8_t deaths_left;

  friend bool operator==(const state& a, const state& b) noexcept { return std::memcmp(&a, &b, sizeof a) == 0; }
};
static_assert(std::has_unique_object_representations_v<state>);

// What a step sees and does.
class view {
 public:
  view(state& now, std::size_t self, unsigned chosen, std::size_t buffer_depth, int seeded) noexcept
      : now_(now), self_(self), chosen_(chosen), buffer_depth_(buffer_depth), seeded_(seeded) {}

  [[nodiscard]] std::size_t self() const noexcept { return self_; }
  [[nodiscard]] std::uint8_t& reg(std::size_t index) noexcept { return me().registers.at(index); }

  [[nodiscard]] std::uint8_t load(std::size_t word) noexcept {
    for (std::size_t i = me().buffered; i-- > 0;) {
      if (me().addresses[i] == word) return me().values[i];
    }
    return now_.memory.at(word);
  }
  void store(std::size_t word, std::size_t value) noexcept {
    if (buffer_depth_ == 0) {
      now_.memory.at(word) = static_cast<std::uint8_t>(value);
    } else if (me().buffered == buffer_depth_) {
      blocked_ = true;
    } else {
      me().addresses[me().buffered] = static_cast<std::uint8_t>(word);
      me().values[me().buffered++] = static_cast<std::uint8_t>(value);
    }
  }
  // Locked instructions.
  bool compare_exchange(std::size_t word, std::size_t expected, std::size_t desired) noexcept {
    fence();
    if (now_.memory.at(word) != expected) return false;
    now_.memory.at(word) = static_cast<std::uint8_t>(desired);
    return true;
  }
  std::uint8_t exchange(std::size_t word, std::size_t value) noexcept {
    fence();
    const std::uint8_t before = now_.memory.at(word);
    now_.memory.at(word) = static_cast<std::uint8_t>(value);
    return before;
  }
  void fence() noexcept { wait_unless(me().buffered == 0); }
  // What membarrier(2) does to one other thread.
  void drain(std::size_t other) noexcept {
    while (now_.threads.at(other).buffered > 0) flush(now_, other);
  }

  // The step is not possible now; nothing of it happens.
  void wait_unless(bool possible) noexcept { blocked_ = blocked_ || !possible; }
  // Every number below `count` is tried.
  [[nodiscard]] unsigned choose(unsigned count) noexcept {
    choices_ = count;
    wait_unless(count > 0);
    return chosen_;
  }
  // Goes on there instead of at the next step.
  template <class Step>
  void go(Step step) noexcept {
    me().at = static_cast<std::uint8_t>(step);
  }
  void require(bool holds, const char* what) noexcept {
    if (!holds && failure_ == nullptr) failure_ = what;
  }
  template <class Bug>
  [[nodiscard]] bool has(Bug bug) const noexcept {
    return seeded_ == static_cast<int>(bug);
  }

  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  [[nodiscard]] unsigned choices() const noexcept { return choices_; }
  [[nodiscard]] const char* failure() const noexcept { return failure_; }

  static void flush(state& now, std::size_t thread) noexcept {
    state::thread& of = now.threads.at(thread);
    now.memory.at(of.addresses[0]) = of.values[0];
    --of.buffered;
    for (std::size_t i = 0; i < most_buffered; ++i) {
      const bool kept = i < of.buffered;
      of.addresses[i] = kept ? of.addresses[i + 1] : std::uint8_t{0};
      of.values[i] = kept ? of.values[i + 1] : std::uint8_t{0};
    }
  }

 private:
  [[nodiscard]] state::thread& me() noexcept { return now_.threads[self_]; }

  state& now_;
  std::size_t self_;
  unsigned chosen_;
  unsigned choices_ = 1;
  std::size_t buffer_depth_;
  int seeded_;
  bool blocked_ = false;
  const char* failure_ = nullptr;
};

struct step {
  int id;            // its place in the program, for go()
  const char* what;  // in a found way
  const char* file;  // below src/; nullptr: no single place
  const char* code;  // a part of that file, which must be there; white space does not count
  void (*act)(view&);

  template <class Step>
  step(Step place, const char* told, const char* in, const char* cited, void (*does)(view&)) noexcept
      : id(static_cast<int>(place)), what(told), file(in), code(cited), act(does) {}
};
using program = std::vector<step>;

struct system {
  state initial{};
  std::vector<program> threads;
  std::size_t buffer_depth = most_buffered;
  int seeded = 0;                                          // a bug; 0: none
  std::function<const char*(const state&)> always;         // nullptr: in order
  std::function<const char*(const state&)> at_rest;        // the same, where no thread can go on
  std::function<bool(const state&, std::size_t)> can_die;  // which threads, when
  void (*die)(view&) = nullptr;                            // what the kernel does behind the last store
};

struct finding {
  std::string what;                      // empty: nothing is wrong
  std::vector<std::string> way;          // to it
  std::vector<std::string> never_taken;  // steps
  std::size_t states = 0;
  std::size_t at_rest = 0;  // of these, states in which nothing can happen any more
};

class explorer {
 public:
  explicit explorer(const system& sut) : sut_(sut), places_(std::size_t{1} << 16) {
    for (const program& of : sut.threads) {
      taken_.emplace_back(of.size(), false);
      for (std::size_t i = 0; i < of.size(); ++i) {
        if (of[i].id != static_cast<int>(i)) throw std::logic_error(std::string("out of place: ") + of[i].what);
      }
    }
  }

  [[nodiscard]] finding run() {
    add(sut_.initial, 0, {});
    for (std::uint32_t i = 0; i < states_.size() && found_.what.empty(); ++i) expand(i);
    found_.states = states_.size();
    list_never_taken();
    return found_;
  }

 private:
  enum class kind : std::uint8_t { step, flush, death };
  struct act {
    kind what = kind::step;
    std::uint8_t thread = 0;
    std::uint8_t at = 0;
  };

  void expand(std::uint32_t index) {
    const state from = states_[index];
    bool moved = false;
    for (std::size_t t = 0; t < sut_.threads.size() && found_.what.empty(); ++t) {
      const auto thread = static_cast<std::uint8_t>(t);
      if (from.threads[t].buffered > 0) {
        state next = from;
        view::flush(next, t);
        reach(next, index, {kind::flush, thread, 0}, nullptr);
        moved = true;
      }
      moved = run_step(from, index, thread) || moved;
      if (from.deaths_left > 0 && sut_.can_die(from, t)) run_death(from, index, thread);
    }
    if (moved || !found_.what.empty()) return;
    ++found_.at_rest;
    if (!sut_.at_rest) {
      report("nothing can go on", index, {});
    } else if (const char* what = sut_.at_rest(from)) {
      report(what, index, {});
    }
  }

  // False: the thread has to wait.
  bool run_step(const state& from, std::uint32_t index, std::uint8_t thread) {
    const std::uint8_t at = from.threads[thread].at;
    const step& next_step = sut_.threads[thread].at(at);
    bool moved = false;
    unsigned choices = 1;
    for (unsigned choice = 0; choice < choices; ++choice) {
      state next = from;
      ++next.threads[thread].at;
      view seen(next, thread, choice, sut_.buffer_depth, sut_.seeded);
      next_step.act(seen);
      choices = seen.choices();
      if (seen.blocked()) continue;
      taken_[thread][at] = moved = true;
      reach(next, index, {kind::step, thread, at}, seen.failure());
    }
    return moved;
  }

  void run_death(const state& from, std::uint32_t index, std::uint8_t thread) {
    state next = from;
    --next.deaths_left;
    view seen(next, thread, 0, sut_.buffer_depth, sut_.seeded);
    sut_.die(seen);
    if (!seen.blocked()) reach(next, index, {kind::death, thread, from.threads[thread].at}, seen.failure());
  }

  void reach(const state& next, std::uint32_t from, act by, const char* failure) {
    if (!found_.what.empty()) return;
    if (failure == nullptr && sut_.always) failure = sut_.always(next);
    if (failure != nullptr) {
      report(failure, from, {by});
    } else {
      add(next, from, by);
    }
  }

  void add(const state& next, std::uint32_t from, act by) {
    if ((states_.size() + 1) * 2 > places_.size()) grow();
    std::size_t place = hash(next) & (places_.size() - 1);
    for (; places_[place] != 0; place = (place + 1) & (places_.size() - 1)) {
      if (states_[places_[place] - 1] == next) return;
    }
    states_.push_back(next);
    parents_.push_back(from);
    acts_.push_back(by);
    places_[place] = static_cast<std::uint32_t>(states_.size());
  }

  void grow() {
    places_.assign(places_.size() * 2, 0);
    for (std::size_t i = 0; i < states_.size(); ++i) {
      std::size_t place = hash(states_[i]) & (places_.size() - 1);
      while (places_[place] != 0) place = (place + 1) & (places_.size() - 1);
      places_[place] = static_cast<std::uint32_t>(i + 1);
    }
  }

  [[nodiscard]] static std::size_t hash(const state& of) noexcept {
    std::array<std::uint64_t, (sizeof(state) + 7) / 8> words{};
    std::memcpy(words.data(), &of, sizeof of);
    std::uint64_t mixed = 0;
    for (const std::uint64_t word : words) {
      mixed = (mixed ^ word) * 0x9E37'79B9'7F4A'7C15U;
      mixed ^= mixed >> 29;
    }
    return static_cast<std::size_t>(mixed);
  }

  void report(const char* what, std::uint32_t index, std::vector<act> last) {
    found_.what = what;
    for (; index != 0; index = parents_[index]) last.push_back(acts_[index]);
    for (auto by = last.rbegin(); by != last.rend(); ++by) found_.way.push_back(told(*by));
  }

  // Threads may share a program: a step that one of them takes is taken.
  void list_never_taken() {
    std::set<std::pair<int, std::string>> taken, left_out;
    for (std::size_t t = 0; t < taken_.size(); ++t) {
      for (const step& at : sut_.threads[t]) {
        (taken_[t][static_cast<std::size_t>(at.id)] ? taken : left_out).emplace(at.id, at.what);
      }
    }
    for (const auto& at : left_out) {
      if (taken.count(at) == 0) found_.never_taken.push_back(at.second);
    }
  }

  [[nodiscard]] std::string told(act by) const {
    const std::string who = "thread " + std::to_string(by.thread) + ": ";
    if (by.what == kind::flush) return who + "(its oldest store becomes visible)";
    const step& at = sut_.threads[by.thread][by.at];
    if (by.what == kind::death) return who + "dies before: " + at.what;
    return who + at.what + (at.file != nullptr ? std::string("  [") + at.file + "]" : std::string());
  }

  const system& sut_;
  std::deque<state> states_;
  std::vector<std::uint32_t> parents_;
  std::vector<act> acts_;
  std::vector<std::uint32_t> places_;     // hash table: index into states_ + 1; 0: empty
  std::vector<std::vector<bool>> taken_;  // of each thread's program
  finding found_;
};

}  // namespace model

#endif  // LARDER_TESTS_MODEL_EXPLORER_HPP
