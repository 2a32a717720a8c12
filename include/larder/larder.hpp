// Umbrella header.
#ifndef LARDER_LARDER_HPP
#define LARDER_LARDER_HPP

#include "larder/cache.hpp"    // IWYU pragma: export
#include "larder/version.hpp"  // IWYU pragma: export

#endif  // LARDER_LARDER_HPP
