// The lock-striped hash table: key -> item, and who must leave. This is the one header of the folder that other layers
// include.
#ifndef LARDER_TABLE_TABLE_HPP
#define LARDER_TABLE_TABLE_HPP

#include "table/bucket_index.hpp"   // IWYU pragma: export
#include "table/change_feed.hpp"    // IWYU pragma: export
#include "table/change_reader.hpp"  // IWYU pragma: export
#include "table/drain.hpp"          // IWYU pragma: export
#include "table/eviction.hpp"       // IWYU pragma: export
#include "table/expiry.hpp"         // IWYU pragma: export
#include "table/find.hpp"           // IWYU pragma: export
#include "table/heat.hpp"           // IWYU pragma: export
#include "table/homing.hpp"         // IWYU pragma: export
#include "table/key.hpp"            // IWYU pragma: export
#include "table/keyspace.hpp"       // IWYU pragma: export
#include "table/linked_pin.hpp"     // IWYU pragma: export
#include "table/mover.hpp"          // IWYU pragma: export
#include "table/policy_counts.hpp"  // IWYU pragma: export
#include "table/quiet_stripe.hpp"   // IWYU pragma: export
#include "table/resize.hpp"         // IWYU pragma: export
#include "table/room.hpp"           // IWYU pragma: export
#include "table/stripe_lock.hpp"    // IWYU pragma: export
#include "table/stripe_table.hpp"   // IWYU pragma: export
#include "table/sweeper.hpp"        // IWYU pragma: export

#endif  // LARDER_TABLE_TABLE_HPP
