#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace descant {

// One bar of one track.
struct Cell {
  int track = 0;
  int bar = 0;

  auto operator<=>(const Cell&) const = default;
};

// One pass of the model: a window of bars [start_bar, end_bar) and the cells it writes.
// The cells of `track_indices` inside the window that are not targets are what the model may read.
struct Step {
  int start_bar = 0;
  int end_bar = 0;
  bool autoregressive = false;
  std::vector<Cell> targets;       // ascending by (track, bar)
  std::vector<int> track_indices;  // ascending; the tracks of the prompt

  bool operator==(const Step&) const = default;
};

// What is to be written, and in how large bites.
struct PlanRequest {
  int bars = 0;                                     // of every track
  std::vector<std::vector<std::uint8_t>> selected;  // [track][bar], 1 = to be written
  std::vector<std::uint8_t> autoregressive;         // [track]
  std::vector<std::uint8_t> ignore;                 // [track]; never a target, never read
  int window = 4;                                   // bars the model sees at once
  int bars_per_step = 1;                            // 0: chosen by the planner
  int tracks_per_step = 1;                          // 0: all infill tracks together
  double ar_overlap = 0.5;                          // share of a window that is history, if chosen
  int min_overlap_bars = 2;                         // and at least so many bars
};

// The planner of midigpt 0.4 (spec/generation.md 4.2): autoregressive runs slide a window that
// keeps history, infill targets are cut into chunks with the window centred on them. Linear in the
// number of cells.  BadRequest when the matrices disagree in size or the window is longer than the
// piece.
std::vector<Step> plan_windows(const PlanRequest& request);

// The planner of midigpt 0.2.4 (spec/generation.md 4.4): a fixed grid of kernels laid over the
// piece.
std::vector<Step> plan_grid(const PlanRequest& request);

}  // namespace descant
