// Symbol visibility: everything is hidden but what carries LARDER_EXPORT.
#ifndef LARDER_EXPORT_HPP
#define LARDER_EXPORT_HPP

#if defined(LARDER_STATIC)
#define LARDER_EXPORT
#else
#define LARDER_EXPORT __attribute__((visibility("default")))
#endif

// A function that is called so often that it is worth to save the jump through the procedure linkage table.
#if defined(__GNUC__) && !defined(__clang__)
#define LARDER_DIRECT_CALL __attribute__((noplt))
#else
#define LARDER_DIRECT_CALL
#endif

#endif  // LARDER_EXPORT_HPP
