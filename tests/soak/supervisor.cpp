#include "soak/supervisor.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <thread>

#include "crash/audit.hpp"
#include "support/eventually.hpp"

namespace soak {

using larder::milliseconds;

namespace {

constexpr std::size_t most_held = 12;
constexpr std::chrono::seconds between_lines{5};

larder::create_options segment_of(const options& chosen) {
  larder::create_options made = support::small(chosen.capacity_mib * support::mebibyte);
  // Lanes, threads that have ended with a handle out, and those who are killed, which takes its time on a busy host.
  made.max_threads = 512;
  return made;
}

// "name 17": for lists.
std::string counted(const char* name, std::uint64_t count) { return std::string(name) + " " + std::to_string(count); }

std::string joined(std::initializer_list<std::string> parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace

supervisor::supervisor(const options& chosen)
    : chosen_(chosen),
      cache_(segment_of(chosen)),
      herd_(*notes_, {cache_.name(), notes_.argument(), std::to_string(::getpid())}, chosen.larderd),
      random_(notes_->births.fetch_add(1)) {}

bool supervisor::run() {
  std::printf("seed %llu (repeat with --seed)\n", static_cast<unsigned long long>(support::seed()));
  while (clock::now() - started_ < chosen_.time && is_sound()) {
    play_round();
    end_round();
    audit();
    ++rounds_;
  }
  if (!is_sound()) keep_segment();
  print_end();
  return is_sound();
}

// --- A round ----------------------------------------------------------------------------------------------------------

void supervisor::play_round() {
  notes_->roomy.store(rounds_ % 2 == 0 ? 1 : 0);
  notes_->over.store(0);
  before_ = cache_->stats();
  const auto end = clock::now() + milliseconds(500 + random_.number(4000));
  const std::uint64_t haste = 4 + random_.number(60);  // milliseconds between two deaths, about
  while (clock::now() < end && is_sound()) {
    herd_.collect();
    herd_.top_up(chosen_.processes);
    if (random_.one_in(haste)) herd_.kill_one(random_);
    act();
    std::this_thread::sleep_for(milliseconds(1));
  }
}

void supervisor::act() {
  herd_.resume(false);
  if (random_.one_in(60)) herd_.stop_one(random_, milliseconds(1 + random_.number(random_.one_in(8) ? 1000 : 100)));
  if (random_.one_in(400)) herd_.kill_daemon();
  if (random_.one_in(50)) hold_something();
  say_now_and_then();
}

void supervisor::end_round() {
  const bool by_death = random_.one_in(2);
  herd_.kill_daemon();
  notes_->over.store(1);
  if (by_death) herd_.kill_all();
  herd_.resume(true);
  if (herd_.are_gone(support::generous)) return;
  notes_->complain("a process does not come to its end");
  herd_.kill_all();
  static_cast<void>(herd_.are_gone(support::generous));
}

// The supervisor holds values, too, over the deaths of all others.
void supervisor::hold_something() {
  const std::size_t key = random_.number(lane_count) * keys_per_lane + random_.number(roomy_keys_per_lane);
  if (is_in_keyspace(key)) return;
  const std::uint64_t oldest = notes_->records[key].oldest();
  larder::read_handle found = cache_->get(name_of(key));
  if (!found) return;
  judge(*notes_, key, found.view(), oldest);
  if (held_.size() == most_held) {
    held_.front().look_again(*notes_);
    held_.erase(held_.begin());
  }
  held_.emplace_back(key, std::move(found));
}

// --- When nobody is left ----------------------------------------------------------------------------------------------

void supervisor::audit() {
  for (const holding& each : held_) each.look_again(*notes_);
  held_.clear();
  look_at_what_is_left();
  const larder::stats now = cache_->stats();
  takeovers_ = now.takeovers;
  recoveries_ = now.recoveries;
  const bool nothing_is_lost = notes_->roomy.load() != 0 && now.evictions == before_.evictions;
  look_at_every_key(nothing_is_lost);
  if (nothing_is_lost) {
    ++judged_;
    if (notes_->misses.load() != 0)
      notes_->complain(counted("gets that missed what was there, though nothing was evicted:", notes_->misses.load()));
    look_at_counters();
  }
  look_at_every_byte();
  ++audits_;
  if (is_sound()) begin_anew();
}

void supervisor::look_at_what_is_left() {
  cache_->reap();
  const std::string wrong = support::violations(*cache_) + crash::leftovers(cache_.name());
  if (!wrong.empty()) notes_->complain("when all were gone: " + wrong);
  if (cache_->check().cells_owned != 0) notes_->complain("when all were gone: cells are owned");
  if (cache_->stats().pins != 0) notes_->complain("when all were gone: something is pinned");
  if (cache_->stats().attached_threads != 1) notes_->complain("when all were gone: others are attached");
}

void supervisor::look_at_every_key(bool nothing_is_lost) {
  larder::keyspace space = cache_->keyspace(keyspace_name);
  for (std::size_t key = 0; key < key_count; ++key) {
    record& known = notes_->records[key];
    const std::uint64_t oldest = known.oldest();
    const larder::read_handle found = is_in_keyspace(key) ? space.get(name_of(key)) : cache_->get(name_of(key));
    if (found) judge(*notes_, key, found.view(), oldest);
    if (const auto certain = known.certain(); !found && certain && nothing_is_lost)
      notes_->complain(name_of(key) + ": value " + std::to_string(*certain) + " is lost");
  }
}

void supervisor::look_at_counters() {
  for (std::size_t i = 0; i < counter_count; ++i) {
    const counter_record& known = notes_->counters[i];
    const larder::read_handle found = cache_->get(name_of_counter(i));
    const std::int64_t sum = found && found.as<std::int64_t>() != nullptr ? *found.as<std::int64_t>() : 0;
    if (sum < known.acknowledged.load() || sum > known.begun.load())
      notes_->complain(name_of_counter(i) + " stands at " + std::to_string(sum) + ", not between " +
                       std::to_string(known.acknowledged.load()) + " and " + std::to_string(known.begun.load()));
  }
}

// Free and live are all there is, and when nothing is live, all is free.
void supervisor::look_at_every_byte() {
  if (const larder::status done = cache_->clear(); !ok(done))
    notes_->complain("clear() answers " + std::string(to_string(done)));
  cache_->reap();
  if (cache_->stats().items != 0) notes_->complain("items are counted after clear()");
  if (cache_->check().items != 0) notes_->complain("items are there after clear()");
  const std::string wrong = support::violations(*cache_) + crash::uncleared_cells(cache_.name());
  if (!wrong.empty()) notes_->complain("after clear(): " + wrong);
}

// What was cleared is a change of each key, too.
void supervisor::begin_anew() {
  for (record& known : notes_->records) {
    const change cleared{change::from(known.begun.load()).number + 1, false};
    known.begun.store(cleared.bits());
    known.acknowledged.store(cleared.bits());
    known.mortal.store(0);
  }
  for (counter_record& known : notes_->counters) {
    known.begun.store(0);
    known.acknowledged.store(0);
  }
  notes_->misses.store(0);
}

// --- What is told -----------------------------------------------------------------------------------------------------

std::string supervisor::progress() const {
  const herd::tally& all = herd_.counted();
  return joined({counted("rounds", rounds_), counted("operations", notes_->operations()), counted("kills", all.kills),
                 counted("of them in a call", all.kills_in_call), counted("stops", all.stops),
                 counted("forks", notes_->forks.load()), counted("execs", notes_->execs.load()),
                 counted("threads", notes_->threads.load()), counted("daemons", all.daemons),
                 counted("audits", audits_), counted("violations", notes_->complained.load())});
}

void supervisor::say_now_and_then() {
  if (clock::now() - said_ < between_lines) return;
  said_ = clock::now();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(said_ - started_).count();
  std::printf("%5lld s: %s\n", static_cast<long long>(seconds), progress().c_str());
  std::fflush(stdout);
}

void supervisor::print_end() {
  for (std::size_t i = 0; i < std::min<std::size_t>(notes_->complained.load(), notes_->complaints.size()); ++i) {
    if (notes_->complaints[i].ready.load() != 0) std::printf("violation: %s\n", notes_->complaints[i].text);
  }
  const std::string more = joined(
      {counted("processes started", herd_.counted().started), counted("ended by themselves", herd_.counted().ended),
       counted("caches opened", notes_->attachments.load()), counted("handles looked at again", notes_->handles.load()),
       counted("locks taken over", takeovers_), counted("slots recovered", recoveries_),
       counted("rounds in which nothing could be lost", judged_)});
  std::printf("%s\nsoak: %s: %s\n", more.c_str(), is_sound() ? "PASSED" : "FAILED", progress().c_str());
}

void supervisor::keep_segment() const {
  std::error_code failed;
  std::filesystem::copy_file(cache_.path(), cache_.path() + "-kept", failed);
  if (!failed) std::printf("the segment as it is now: %s-kept\n", cache_.name().c_str());
}

}  // namespace soak
