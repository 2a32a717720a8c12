// What the bytes of a segment mean, for all layers above; no algorithms. This is the one header of the folder that they
// include.
#ifndef LARDER_LAYOUT_LAYOUT_HPP
#define LARDER_LAYOUT_LAYOUT_HPP

#include "layout/bucket.hpp"          // IWYU pragma: export
#include "layout/change_record.hpp"   // IWYU pragma: export
#include "layout/class_state.hpp"     // IWYU pragma: export
#include "layout/counter.hpp"         // IWYU pragma: export
#include "layout/expiry_bound.hpp"    // IWYU pragma: export
#include "layout/fingerprint.hpp"     // IWYU pragma: export
#include "layout/geometry.hpp"        // IWYU pragma: export
#include "layout/header.hpp"          // IWYU pragma: export
#include "layout/item.hpp"            // IWYU pragma: export
#include "layout/keyspace_entry.hpp"  // IWYU pragma: export
#include "layout/page.hpp"            // IWYU pragma: export
#include "layout/ref.hpp"             // IWYU pragma: export
#include "layout/slot.hpp"            // IWYU pragma: export
#include "layout/stamp.hpp"           // IWYU pragma: export
#include "layout/stripe.hpp"          // IWYU pragma: export

#endif  // LARDER_LAYOUT_LAYOUT_HPP
