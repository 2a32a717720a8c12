// The version of the library. CMake reads it from here, so this is the only place that states it.
#ifndef LARDER_VERSION_HPP
#define LARDER_VERSION_HPP

#define LARDER_VERSION_MAJOR 0
#define LARDER_VERSION_MINOR 1
#define LARDER_VERSION_PATCH 0

#define LARDER_VERSION_STRING "0.1.0"

#endif  // LARDER_VERSION_HPP
