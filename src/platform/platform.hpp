// The operating system and the processor, for all layers above; this is the one header of the folder that they include.
#ifndef LARDER_PLATFORM_PLATFORM_HPP
#define LARDER_PLATFORM_PLATFORM_HPP

#include "platform/aes.hpp"            // IWYU pragma: export
#include "platform/assert.hpp"         // IWYU pragma: export
#include "platform/bytes16.hpp"        // IWYU pragma: export
#include "platform/clock.hpp"          // IWYU pragma: export
#include "platform/death_token.hpp"    // IWYU pragma: export
#include "platform/fence.hpp"          // IWYU pragma: export
#include "platform/futex.hpp"          // IWYU pragma: export
#include "platform/hash.hpp"           // IWYU pragma: export
#include "platform/kill_point.hpp"     // IWYU pragma: export
#include "platform/one_access.hpp"     // IWYU pragma: export
#include "platform/process.hpp"        // IWYU pragma: export
#include "platform/seeded_bug.hpp"     // IWYU pragma: export
#include "platform/shared_memory.hpp"  // IWYU pragma: export
#include "platform/speculation.hpp"    // IWYU pragma: export
#include "platform/usual_bytes.hpp"    // IWYU pragma: export
#include "platform/wide_vectors.hpp"   // IWYU pragma: export
#include "platform/wiped_memory.hpp"   // IWYU pragma: export

#endif  // LARDER_PLATFORM_PLATFORM_HPP
