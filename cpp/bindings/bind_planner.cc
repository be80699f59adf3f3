#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "descant/error.h"
#include "descant/planner.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {
namespace {

using Matrix = py::array_t<bool, py::array::c_style>;
using Row = py::array_t<bool, py::array::c_style>;

std::vector<std::uint8_t> flags(const Row& row) {
  if (row.ndim() != 1) throw BadRequest("planner flags need shape (tracks,)");
  return {row.data(), row.data() + row.size()};
}

PlanRequest plan_request(const Matrix& selected, const Row& autoregressive, const Row& ignore) {
  if (selected.ndim() != 2) throw BadRequest("selected bars need shape (tracks, bars)");
  PlanRequest request;
  request.bars = static_cast<int>(selected.shape(1));
  for (py::ssize_t track = 0; track < selected.shape(0); ++track) {
    const bool* row = selected.data(track, 0);
    request.selected.emplace_back(row, row + request.bars);
  }
  request.autoregressive = flags(autoregressive);
  request.ignore = flags(ignore);
  return request;
}

// Rows for descant.plan.Step: (start, end, autoregressive, [(track, bar)], [track]).
py::list rows(const std::vector<Step>& steps) {
  py::list result;
  for (const Step& step : steps) {
    py::list targets;
    for (const Cell& cell : step.targets) targets.append(py::make_tuple(cell.track, cell.bar));
    result.append(py::make_tuple(step.start_bar, step.end_bar, step.autoregressive,
                                 py::tuple(targets), py::tuple(py::cast(step.track_indices))));
  }
  return result;
}

}  // namespace

void register_planner(py::module_& module) {
  module.def(
      "plan_windows",
      [](const Matrix& selected, const Row& autoregressive, const Row& ignore, int window,
         int bars_per_step, int tracks_per_step, double ar_overlap, int min_overlap_bars) {
        PlanRequest request = plan_request(selected, autoregressive, ignore);
        request.window = window;
        request.bars_per_step = bars_per_step;
        request.tracks_per_step = tracks_per_step;
        request.ar_overlap = ar_overlap;
        request.min_overlap_bars = min_overlap_bars;
        return rows(plan_windows(request));
      },
      py::kw_only(), py::arg("selected"), py::arg("autoregressive"), py::arg("ignore"),
      py::arg("window"), py::arg("bars_per_step"), py::arg("tracks_per_step"),
      py::arg("ar_overlap"), py::arg("min_overlap_bars"),
      "Steps of the 0.4 planner as tuples (start, end, autoregressive, targets, tracks).");
  module.def(
      "plan_grid",
      [](const Matrix& selected, const Row& autoregressive, const Row& ignore, int window,
         int bars_per_step, int tracks_per_step) {
        PlanRequest request = plan_request(selected, autoregressive, ignore);
        request.window = window;
        request.bars_per_step = bars_per_step;
        request.tracks_per_step = tracks_per_step;
        return rows(plan_grid(request));
      },
      py::kw_only(), py::arg("selected"), py::arg("autoregressive"), py::arg("ignore"),
      py::arg("window"), py::arg("bars_per_step"), py::arg("tracks_per_step"),
      "Steps of the 0.2.4 planner as tuples (start, end, autoregressive, targets, tracks).");
}

}  // namespace descant::bindings
