// clients: who is attached, what each thread holds, and what it waits for.
#include "tool/commands/commands.hpp"
#include "tool/source/attached.hpp"

namespace larder::tool {
namespace {

std::string state_of(const attached_thread& thread, const process_facts& process) {
  switch (thread.state) {
    case layout::slot_state::claimed:
      return "attaching";
    case layout::slot_state::abandoned:
      return "detached with handles out";
    case layout::slot_state::recovering:
      return "being recovered";
    default:
      break;
  }
  if (thread.process == life::dead) return "dead";
  if (process.state == 'T' || process.state == 't') return "stopped";
  return thread.process == life::unknown ? "unknown" : "alive";
}

field doing_of(const attached_thread& thread) {
  if (thread.holds_stripe) return "holds stripe " + std::to_string(*thread.holds_stripe);
  if (!thread.waits_for_stripe) return thread.subscriptions != 0 ? field("subscribed to changes") : field();
  const std::string whose =
      thread.waits_for_pid != 0 ? ", held by process " + std::to_string(thread.waits_for_pid) : "";
  return {"waits for stripe " + std::to_string(*thread.waits_for_stripe) + whose, tint::warning};
}

tint tint_of(const std::string& state) {
  return state == "alive" ? tint::good : state == "dead" || state == "stopped" ? tint::bad : tint::warning;
}

exit_code clients(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  sheet all{"clients",
            "",
            {{"slot", "SLOT", unit::number},
             {"pid", "PID", unit::number},
             {"user", "USER", unit::text},
             {"state", "STATE", unit::text},
             {"attached_ms", "SINCE", unit::milliseconds},
             {"pins", "PINS", unit::count},
             {"reservations", "RESERVED", unit::count},
             {"limbo", "LIMBO", unit::count},
             {"doing", "DOING", unit::text},
             {"command", "COMMAND", unit::text}},
            {},
            false};
  for (const attached_thread& thread : attached_threads(segment)) {
    const bool known = thread.pid_is_ours && thread.process == life::alive && from.is_live();
    const process_facts process = known ? look_at_process(thread.pid) : process_facts{};
    const std::string state = state_of(thread, process);
    all.rows.push_back({thread.slot,
                        thread.pid,
                        known ? field(process.user) : field(),
                        {state, tint_of(state)},
                        thread.attached_for_ms,
                        thread.pins,
                        thread.reservations,
                        thread.limbo,
                        doing_of(thread),
                        known ? field(encoded(process.command, encoding::escaped)) : field()});
  }
  const bool none = all.rows.empty();
  document found{{std::move(all)}, {}};
  if (none && !asked.json()) found = {{}, {"Nobody is attached."}};
  to.show(asked, found);
  return none ? exit_code::no : exit_code::yes;
}

}  // namespace

const command clients_command{
    "clients",
    "SEGMENT",
    1,
    1,
    "Shows who is attached, and what each thread holds",
    "A line for each thread. PINS are items that it reads now; LIMBO are cells that it will free.\n"
    "Exit code 1: nobody is attached.",
    nullptr,
    &clients};

}  // namespace larder::tool
