// Runs: cells of LARGE pages, for requests above an eighth of a page. A run is a number of consecutive frames, each a 64th
// of a page, in one LARGE page or in several that lie side by side. It begins wherever there is room.
//
// Protocol (the stamps stand in the frame table)
//
//     allocate   run_borders = how many borders of pages it crosses; hint = first frame's cell; are all its pages LARGE?
//                CAS first FREE -> OWNED(me); CAS each next one FREE -> TAIL; run_borders = 0
//                if one is taken: undo from the last to the first, as free does
//     place      own all pages of a window first (hinted); stamp the frames; the first page's word = LARGE, then the
//                others': what is OWNED still when the allocator dies is given back with its frames
//     free       [hinted or in limbo] the TAIL frames = FREE from the last to the second, then the first = FREE
//
// At every instruction a TAIL belongs to the nearest frame before it that is none, so the length of a run is counted, not
// stored, and what a dead allocator had claimed is just a shorter run.
//
// A hint names the page of the run's first frame and as many behind it as run_borders says. So a page that is drained is
// not cut anew beside somebody who is about to claim frames there (I15), though the hint names a cell of another page.
//
// Where to look: page_entry::may_have_free bounds how many free frames side by side begin in a page, those included that
// follow in the next pages. Who frees frames raises it, where the frames are and where such a stretch may begin now; who
// has looked in vain lowers it, and looks again.
//
// Costs: a search of the page table, and of the stamps of pages where there may be room; a locked instruction for each
// frame, which the copying of 8 frames' worth of value and more outweighs.
#ifndef LARDER_MEMORY_RUNS_HPP
#define LARDER_MEMORY_RUNS_HPP

#include <cstdint>

#include "layout/layout.hpp"
#include "memory/actor.hpp"

namespace larder::memory {

[[nodiscard]] layout::cell_ref allocate_run(actor& me, std::uint64_t frames, layout::atomic_ref32& hint) noexcept;

// Makes a run of `frames` at the start of pages that the caller owns and hints as one span; clears that hint.
[[nodiscard]] layout::cell_ref place_run(actor& me, std::uint32_t first_page, std::uint64_t frames,
                                         layout::atomic_ref32& hint) noexcept;

// As free_cell, for the first frame's cell.
void free_run(actor& me, layout::cell_ref cell) noexcept;

// Says that frames have become free, from this one on. Idempotent.
void announce_free_frames(const segment& memory, std::uint32_t first) noexcept;

// Frames of the run that begins at `cell`.
[[nodiscard]] std::uint64_t run_length(const segment& memory, layout::cell_ref cell) noexcept;

[[nodiscard]] inline std::uint32_t frame_of(const segment& memory, layout::cell_ref cell) noexcept {
  return static_cast<std::uint32_t>((memory.offset_of(cell) - memory.geometry().pages) /
                                    memory.geometry().frame_size());
}
[[nodiscard]] inline layout::cell_ref cell_of_frame(const segment& memory, std::uint32_t frame) noexcept {
  return memory.ref_of(memory.geometry().pages + frame * memory.geometry().frame_size());
}

// True if the run that the frame belongs to begins before it.
[[nodiscard]] inline bool is_tail(const segment& memory, std::uint32_t frame) noexcept {
  return memory.frame(frame).load(std::memory_order_acquire) == layout::stamp_tail;
}

// All frames of a page that the caller owns: FREE.
void clear_frames(const segment& memory, std::uint32_t page) noexcept;

}  // namespace larder::memory

#endif  // LARDER_MEMORY_RUNS_HPP
