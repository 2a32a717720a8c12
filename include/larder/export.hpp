// Symbol visibility: everything is hidden but what carries LARDER_EXPORT.
#ifndef LARDER_EXPORT_HPP
#define LARDER_EXPORT_HPP

#if defined(LARDER_STATIC)
#define LARDER_EXPORT
#else
#define LARDER_EXPORT __attribute__((visibility("default")))
#endif

#endif  // LARDER_EXPORT_HPP
