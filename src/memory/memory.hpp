// The slab allocator: cells and pages inside a segment; knows nothing about keys. This is the one header of the folder
// that other layers include.
#ifndef LARDER_MEMORY_MEMORY_HPP
#define LARDER_MEMORY_MEMORY_HPP

#include "memory/actor.hpp"        // IWYU pragma: export
#include "memory/allocator.hpp"    // IWYU pragma: export
#include "memory/cell_walk.hpp"    // IWYU pragma: export
#include "memory/heavy_fence.hpp"  // IWYU pragma: export
#include "memory/limbo.hpp"        // IWYU pragma: export
#include "memory/pages.hpp"        // IWYU pragma: export
#include "memory/pins.hpp"         // IWYU pragma: export
#include "memory/runs.hpp"         // IWYU pragma: export
#include "memory/size_class.hpp"   // IWYU pragma: export

#endif  // LARDER_MEMORY_MEMORY_HPP
