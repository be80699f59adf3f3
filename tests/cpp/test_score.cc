#include <doctest/doctest.h>

#include <climits>

#include "descant/error.h"
#include "descant/score.h"

using namespace descant;

namespace {

Score one_note(int resolution, Note note) {
  Score score;
  score.resolution = resolution;
  score.tracks.emplace_back().bars.push_back({{note}, 4, 4, false});
  return score;
}

Note only_note(const Score& score) { return score.tracks.at(0).bars.at(0).notes.at(0); }

}  // namespace

TEST_CASE("positions and durations are floored to the new grid") {
  CHECK(only_note(resampled(one_note(480, {60, 90, 39, 79, 5}), 12, false)) ==
        Note{60, 90, 0, 1, 0});
  CHECK(only_note(resampled(one_note(480, {60, 90, 40, 80, 5}), 12, false)) ==
        Note{60, 90, 1, 2, 0});
}

TEST_CASE("with microtiming the rest of a position is kept in parts of a tick") {
  CHECK(only_note(resampled(one_note(480, {60, 90, 70, 480, 0}), 12, true)) ==
        Note{60, 90, 1, 12, 9});
}

TEST_CASE("equal resolutions leave a score as it is") {
  const Score score = one_note(12, {60, 90, 1, 1, 7});
  CHECK(resampled(score, 12, false) == score);
}

TEST_CASE("extreme values stay within what an int can hold") {
  const Note far = only_note(resampled(one_note(1, {60, 90, INT_MAX, INT_MAX, 0}), 32767, false));
  CHECK(far.onset == INT_MAX);
  CHECK(far.duration == INT_MAX);
  CHECK_THROWS_AS(resampled(one_note(12, {}), 0, false), BadScore);
}

TEST_CASE("a window renumbers bars and moves their attributes along") {
  Score score;
  Track track;
  track.bars.resize(4);
  for (int bar = 0; bar < 4; ++bar) track.bars[static_cast<std::size_t>(bar)].numerator = bar + 1;
  track.attributes = {{"bar_BarLevelOnsetDensity_0", 5},
                      {"bar_BarLevelOnsetDensity_2", 7},
                      {"bar_odd", 1},
                      {"min_polyphony", 3}};
  score.tracks = {Track{}, track};
  const int wanted[] = {1};
  const Score part = windowed(score, wanted, 2, 5);
  REQUIRE(part.tracks.size() == 1);
  CHECK(part.tracks[0].bars.size() == 2);
  CHECK(part.tracks[0].bars[0].numerator == 3);
  CHECK(part.tracks[0].attributes == std::map<std::string, int>{{"bar_BarLevelOnsetDensity_0", 7},
                                                                {"bar_odd", 1},
                                                                {"min_polyphony", 3}});
  const int missing[] = {2};
  CHECK_THROWS_AS(windowed(score, missing, 0, 1), BadScore);
}
