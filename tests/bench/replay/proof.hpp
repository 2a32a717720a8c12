// The proof that this program reads and replays a trace as its rules say: FIFO and LRU, which leave nothing to choose,
// must give the miss ratios that other simulators found.
#ifndef LARDER_TESTS_BENCH_REPLAY_PROOF_HPP
#define LARDER_TESTS_BENCH_REPLAY_PROOF_HPP

#include "trace.hpp"

namespace replay {

// Prints each miss ratio beside the expected one. False if one differs in its first four digits, or none is known.
[[nodiscard]] bool prove(const trace& of);

}  // namespace replay

#endif  // LARDER_TESTS_BENCH_REPLAY_PROOF_HPP
