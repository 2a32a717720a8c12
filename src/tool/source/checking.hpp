// check_image: the library's own check of a segment's invariants, on an image that may be damaged in any way.
#ifndef LARDER_TOOL_SOURCE_CHECKING_HPP
#define LARDER_TOOL_SOURCE_CHECKING_HPP

#include "larder/cache.hpp"
#include "tool/source/source.hpp"

namespace larder::tool {

[[nodiscard]] check_report check_image(const image& of);

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_CHECKING_HPP
