#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "descant/error.h"
#include "descant/planner.h"

using descant::BadRequest;
using descant::Cell;
using descant::plan_grid;
using descant::plan_windows;
using descant::PlanRequest;
using descant::Step;

namespace {

PlanRequest one_track(const std::string& bars, bool autoregressive) {
  PlanRequest request;
  request.bars = static_cast<int>(bars.size());
  request.selected.emplace_back();
  for (char bar : bars) request.selected[0].push_back(bar == 'x');
  request.autoregressive = {static_cast<std::uint8_t>(autoregressive)};
  request.ignore = {0};
  return request;
}

PlanRequest any_request(unsigned seed) {
  std::mt19937 random(seed);
  const auto between = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  };
  PlanRequest request;
  request.window = between(1, 8);
  request.bars = request.window + between(0, 20);
  request.bars_per_step = between(0, request.window);
  request.tracks_per_step = between(0, 3);
  request.min_overlap_bars = between(0, 3);
  request.ar_overlap = between(0, 9) / 10.0;
  for (int track = between(1, 4); track > 0; --track) {
    request.autoregressive.push_back(random() % 2);
    request.ignore.push_back(random() % 5 == 0);
    std::vector<std::uint8_t> row;
    for (int bar = 0; bar < request.bars; ++bar) row.push_back(random() % 3 == 0);
    request.selected.push_back(row);
  }
  return request;
}

void check_plan(const PlanRequest& request, const std::vector<Step>& steps) {
  std::set<Cell> written;
  bool infill_begun = false;
  for (const Step& step : steps) {
    CHECK(step.end_bar - step.start_bar == request.window);
    CHECK(step.start_bar >= 0);
    CHECK(step.end_bar <= request.bars);
    CHECK(std::is_sorted(step.targets.begin(), step.targets.end()));
    CHECK(std::is_sorted(step.track_indices.begin(), step.track_indices.end()));
    CHECK_FALSE((infill_begun && step.autoregressive));
    infill_begun = infill_begun || !step.autoregressive;
    for (const Cell& cell : step.targets) {
      CHECK(cell.bar >= step.start_bar);
      CHECK(cell.bar < step.end_bar);
      CHECK(std::binary_search(step.track_indices.begin(), step.track_indices.end(), cell.track));
      CHECK(written.insert(cell).second);
    }
  }
  std::set<Cell> wanted;
  for (int track = 0; track < static_cast<int>(request.selected.size()); ++track)
    for (int bar = 0; bar < request.bars; ++bar) {
      const auto t = static_cast<std::size_t>(track);
      if (!request.ignore[t] && request.selected[t][static_cast<std::size_t>(bar)])
        wanted.insert({track, bar});
    }
  CHECK(written == wanted);
}

}  // namespace

TEST_CASE("every wanted bar is written once, inside its window, autoregressive steps first") {
  for (unsigned seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const PlanRequest request = any_request(seed);
    check_plan(request, plan_windows(request));
    check_plan(request, plan_grid(request));
  }
}

TEST_CASE("an infill chunk sits in the middle of its window") {
  const auto steps = plan_windows(one_track("......x.....", false));
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].start_bar == 4);
  CHECK(steps[0].end_bar == 8);
}

TEST_CASE("a continuation keeps history in front of it") {
  PlanRequest request = one_track("....xxxx", true);
  request.bars_per_step = 2;
  const auto steps = plan_windows(request);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].start_bar == 2);
  CHECK(steps[0].targets == std::vector<Cell>{{0, 4}, {0, 5}});
  CHECK(steps[1].start_bar == 4);
}

TEST_CASE("a plan that cannot be is refused") {
  PlanRequest request = one_track("x..", false);
  CHECK_THROWS_AS(plan_windows(request), BadRequest);  // a window of 4 in 3 bars
  request.window = 2;
  request.ignore.clear();
  CHECK_THROWS_AS(plan_grid(request), BadRequest);
  request.ignore = {0};
  request.selected[0].pop_back();
  CHECK_THROWS_AS(plan_windows(request), BadRequest);
}
