#include "descant/planner.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "descant/error.h"

namespace descant {
namespace {

int track_count(const PlanRequest& request) { return static_cast<int>(request.selected.size()); }

bool chosen(const PlanRequest& request, int track, int bar) {
  return request.selected[static_cast<std::size_t>(track)][static_cast<std::size_t>(bar)] != 0;
}

bool flag(const std::vector<std::uint8_t>& flags, int track) {
  return flags[static_cast<std::size_t>(track)] != 0;
}

void check(const PlanRequest& request) {
  const std::size_t tracks = request.selected.size();
  if (request.autoregressive.size() != tracks || request.ignore.size() != tracks)
    throw BadRequest("a plan needs one autoregressive and one ignore flag for each of its " +
                     std::to_string(tracks) + " tracks");
  for (const auto& row : request.selected)
    if (row.size() != static_cast<std::size_t>(request.bars))
      throw BadRequest("a track of the plan has " + std::to_string(row.size()) + " bars, not " +
                       std::to_string(request.bars));
  if (request.window < 1 || request.window > request.bars)
    throw BadRequest("a window of " + std::to_string(request.window) +
                     " bars does not fit a piece of " + std::to_string(request.bars));
}

std::vector<int> readable_tracks(const PlanRequest& request) {
  std::vector<int> tracks;
  for (int t = 0; t < track_count(request); ++t)
    if (!flag(request.ignore, t)) tracks.push_back(t);
  return tracks;
}

std::vector<int> target_tracks(const PlanRequest& request, bool autoregressive) {
  std::vector<int> tracks;
  for (int t = 0; t < track_count(request); ++t) {
    if (flag(request.ignore, t) || flag(request.autoregressive, t) != autoregressive) continue;
    const auto& row = request.selected[static_cast<std::size_t>(t)];
    if (std::find(row.begin(), row.end(), 1) != row.end()) tracks.push_back(t);
  }
  return tracks;
}

// The planner of 0.4: state shared by its two halves.
class WindowPlanner {
 public:
  explicit WindowPlanner(const PlanRequest& request)
      : request_(request),
        last_start_(request.bars - request.window),
        tracks_(readable_tracks(request)) {}

  std::vector<Step> plan() {
    for (int track : target_tracks(request_, true)) plan_track(track);
    plan_infill(target_tracks(request_, false));
    return std::move(steps_);
  }

 private:
  // Each maximal run of targets is written from left to right.
  void plan_track(int track) {
    for (int bar = 0; bar < request_.bars;) {
      if (!chosen(request_, track, bar)) {
        ++bar;
        continue;
      }
      int end = bar;
      while (end < request_.bars && chosen(request_, track, end)) ++end;
      plan_run(track, bar, end);
      bar = end;
    }
  }

  void plan_run(int track, int start, int end) {
    const int window = request_.window;
    const int history = window - autoregressive_bars();
    const int last = std::min(std::max(0, end - window), last_start_);
    const int wanted = std::min(history, request_.min_overlap_bars);
    for (int pos = start; pos < end;) {
      if (end <= last + window && pos >= last && (pos - last >= wanted || last == 0)) {
        emit_run(track, last, pos, end);
        return;
      }
      int first = std::max(0, pos - history);
      if (first + window > end) first = std::max(0, end - window);
      first = std::min(first, last_start_);
      const int stop = std::min(end, first + window);
      emit_run(track, first, pos, stop);
      pos = stop;
    }
  }

  int autoregressive_bars() const {
    const int window = request_.window;
    if (request_.bars_per_step > 0) return std::min(request_.bars_per_step, window);
    const int overlap = static_cast<int>(std::ceil(request_.ar_overlap * window));
    return std::max(1, window - std::max(request_.min_overlap_bars, overlap));
  }

  void emit_run(int track, int first, int begin, int end) {
    Step step{first, first + request_.window, true, {}, tracks_};
    for (int bar = begin; bar < end; ++bar) step.targets.push_back({track, bar});
    steps_.push_back(std::move(step));
  }

  void plan_infill(const std::vector<int>& tracks) {
    const std::size_t size = request_.tracks_per_step > 0
                                 ? static_cast<std::size_t>(request_.tracks_per_step)
                                 : std::max<std::size_t>(1, tracks.size());
    for (std::size_t i = 0; i < tracks.size(); i += size)
      plan_group({tracks.data() + i, tracks.data() + std::min(tracks.size(), i + size)});
  }

  void plan_group(const std::vector<int>& group) {
    const int window = request_.window;
    const int most = request_.bars_per_step > 0 ? std::min(request_.bars_per_step, window) : window;
    for (int bar = 0; bar < request_.bars;) {
      if (!any_chosen(group, bar)) {
        ++bar;
        continue;
      }
      int end = bar + 1;  // one past the chunk's last target bar
      const int limit = std::min(request_.bars, bar + most);
      for (int b = bar + 1; b < limit; ++b)
        if (any_chosen(group, b)) end = b + 1;
      emit_chunk(group, bar, end);
      bar = limit;
    }
  }

  bool any_chosen(const std::vector<int>& group, int bar) const {
    return std::any_of(group.begin(), group.end(),
                       [&](int track) { return chosen(request_, track, bar); });
  }

  void emit_chunk(const std::vector<int>& group, int begin, int end) {
    const int centred = std::max(0, begin + end - request_.window) / 2;
    const int first = std::min(centred, last_start_);
    Step step{first, first + request_.window, false, {}, tracks_};
    for (int track : group)
      for (int bar = begin; bar < end; ++bar)
        if (chosen(request_, track, bar)) step.targets.push_back({track, bar});
    steps_.push_back(std::move(step));
  }

  const PlanRequest& request_;
  int last_start_;
  std::vector<int> tracks_;
  std::vector<Step> steps_;
};

// The planner of 0.2.4: one pass over the whole piece for each way of writing.
class GridPass {
 public:
  GridPass(const PlanRequest& request, bool autoregressive, std::vector<Step>& steps)
      : request_(request),
        autoregressive_(autoregressive),
        last_start_(std::max(0, request.bars - request.window)),
        bars_(request.bars_per_step > 0 ? std::min(request.bars_per_step, request.window)
                                        : request.window),
        produced_(request.selected.size(),
                  std::vector<std::uint8_t>(static_cast<std::size_t>(request.bars), 0)),
        steps_(steps) {
    const std::vector<int> tracks = target_tracks(request, autoregressive);
    active_.assign(request.selected.size(), 0);
    for (int track : tracks) active_[static_cast<std::size_t>(track)] = 1;
  }

  void run() {
    const int tracks = track_count(request_);
    const int group = std::clamp(request_.tracks_per_step, 1, std::max(1, tracks));
    for (int i = 0; i < tracks; i += group)
      for (int j = 0; j < request_.bars; j += bars_) place(i, std::min(tracks, i + group), j);
  }

 private:
  // Lay one kernel with its first new bar at j over tracks [first, last).
  void place(int first, int last, int j) {
    const int window = request_.window;
    const int room = window - bars_;
    const int start = std::clamp(autoregressive_ ? j : j - room / 2, 0, last_start_);
    int from = start;
    int to = start + window;
    if (autoregressive_) {
      if (j > 0) from += room + std::max(j + window - request_.bars, 0);
    } else {
      from = j;
      to = std::min(to, j + bars_);
    }
    Step step{start, std::min(start + window, request_.bars), autoregressive_, {}, {}};
    for (int track = first; track < last; ++track)
      for (int bar = from; bar < std::min(to, request_.bars); ++bar)
        if (is_candidate(track, bar)) step.targets.push_back({track, bar});
    if (step.targets.empty()) return;
    step.track_indices = tracks_of(step);
    for (const Cell& cell : step.targets) mark(cell) = 1;
    steps_.push_back(std::move(step));
  }

  bool is_candidate(int track, int bar) const {
    if (!active_[static_cast<std::size_t>(track)] || !chosen(request_, track, bar)) return false;
    return !autoregressive_ || !produced({track, bar});
  }

  // Tracks with something to write or to read in the window.
  std::vector<int> tracks_of(const Step& step) const {
    std::vector<int> tracks;
    for (int track : readable_tracks(request_))
      if (writes(step, track) || reads(step, track)) tracks.push_back(track);
    return tracks;
  }

  static bool writes(const Step& step, int track) {
    return std::any_of(step.targets.begin(), step.targets.end(),
                       [track](const Cell& cell) { return cell.track == track; });
  }

  // In the autoregressive pass a track that is being written is only known where it was written.
  bool reads(const Step& step, int track) const {
    const bool by_product = autoregressive_ && active_[static_cast<std::size_t>(track)];
    for (int bar = step.start_bar; bar < step.end_bar; ++bar) {
      const Cell cell{track, bar};
      if (std::binary_search(step.targets.begin(), step.targets.end(), cell)) continue;
      if (!by_product || produced(cell)) return true;
    }
    return false;
  }

  std::uint8_t& mark(const Cell& cell) {
    return produced_[static_cast<std::size_t>(cell.track)][static_cast<std::size_t>(cell.bar)];
  }
  bool produced(const Cell& cell) const {
    return produced_[static_cast<std::size_t>(cell.track)][static_cast<std::size_t>(cell.bar)] != 0;
  }

  const PlanRequest& request_;
  bool autoregressive_;
  int last_start_;
  int bars_;
  std::vector<std::uint8_t> active_;  // [track]: has something to write in this pass
  std::vector<std::vector<std::uint8_t>> produced_;
  std::vector<Step>& steps_;
};

}  // namespace

std::vector<Step> plan_windows(const PlanRequest& request) {
  check(request);
  return WindowPlanner(request).plan();
}

std::vector<Step> plan_grid(const PlanRequest& request) {
  check(request);
  std::vector<Step> steps;
  GridPass(request, true, steps).run();
  GridPass(request, false, steps).run();
  return steps;
}

}  // namespace descant
