// The files whose lines the models' steps cite.
#ifndef LARDER_TESTS_MODEL_CITED_FILES_HPP
#define LARDER_TESTS_MODEL_CITED_FILES_HPP

namespace model {

inline constexpr const char* attach_file = "cache/attachment.cpp";
inline constexpr const char* recovery_file = "cache/recovery.cpp";
inline constexpr const char* allocator_file = "memory/allocator.cpp";
inline constexpr const char* fence_file = "memory/heavy_fence.hpp";
inline constexpr const char* limbo_file = "memory/limbo.cpp";
inline constexpr const char* limbo_head = "memory/limbo.hpp";
inline constexpr const char* pages_file = "memory/pages.cpp";
inline constexpr const char* pins_file = "memory/pins.hpp";
inline constexpr const char* runs_file = "memory/runs.cpp";
inline constexpr const char* feed_file = "table/change_feed.cpp";
inline constexpr const char* reader_file = "table/change_reader.cpp";
inline constexpr const char* further_file = "table/find.cpp";
inline constexpr const char* find_file = "table/find.hpp";
inline constexpr const char* homing_file = "table/homing.cpp";
inline constexpr const char* linked_file = "table/linked_pin.hpp";
inline constexpr const char* resize_file = "table/resize.cpp";
inline constexpr const char* lock_file = "table/stripe_lock.cpp";
inline constexpr const char* lock_head = "table/stripe_lock.hpp";
inline constexpr const char* table_file = "table/stripe_table.cpp";

}  // namespace model

#endif  // LARDER_TESTS_MODEL_CITED_FILES_HPP
