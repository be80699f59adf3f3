#include "descant/score.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "descant/error.h"

namespace descant {
namespace {

constexpr double kLargest = std::numeric_limits<int>::max();

// Toward zero, within what an int can hold.
int truncated(double value) { return static_cast<int>(std::clamp(value, -kLargest, kLargest)); }

struct Grids {
  double source;
  double target;
  bool use_delta;
};

Note moved(Note note, const Grids& grids) {
  const auto [source, target, use_delta] = grids;
  if (use_delta) {
    const double position = (note.onset + note.delta / source) * (target / source);
    note.onset = std::max(0, truncated(position));
    note.delta = truncated(std::nearbyint((position - note.onset) * target));
  } else {
    note.onset = std::max(0, truncated(target * note.onset / source));
    note.delta = 0;
  }
  note.duration = std::max(1, truncated(target * note.duration / source));
  return note;
}

// "bar_<name>_<index>" with the index moved; empty when the bar lies outside the window.  Other
// keys stay as they are.
std::string shifted_key(const std::string& key, int first_bar, int count) {
  const std::size_t mark = key.rfind('_');
  if (!key.starts_with("bar_") || mark < 4) return key;
  int bar = 0;
  const char* end = key.data() + key.size();
  if (std::from_chars(key.data() + mark + 1, end, bar).ptr != end) return key;
  bar -= first_bar;
  if (bar < 0 || bar >= count) return {};
  return key.substr(0, mark + 1) + std::to_string(bar);
}

Track cut(const Track& track, int first_bar, int count) {
  Track part;
  part.program = track.program;
  part.drum = track.drum;
  const auto bars = static_cast<std::int64_t>(track.bars.size());
  const auto from = std::clamp<std::int64_t>(first_bar, 0, bars);
  const auto to =
      std::clamp<std::int64_t>(std::int64_t{first_bar} + std::max(count, 0), from, bars);
  part.bars.assign(track.bars.begin() + from, track.bars.begin() + to);
  for (const auto& [key, value] : track.attributes)
    if (std::string moved_key = shifted_key(key, first_bar, count); !moved_key.empty())
      part.attributes.emplace(std::move(moved_key), value);
  return part;
}

}  // namespace

Score resampled(const Score& score, int target, bool use_delta) {
  if (target < 1 || target > 32767 || score.resolution < 1)
    throw BadScore("a score of resolution " + std::to_string(score.resolution) +
                   " cannot be moved to resolution " + std::to_string(target) +
                   "; allowed is 1..32767");
  Score result = score;
  if (target == score.resolution) return result;
  const Grids grids{static_cast<double>(score.resolution), static_cast<double>(target), use_delta};
  result.resolution = target;
  for (Track& track : result.tracks)
    for (Bar& bar : track.bars)
      for (Note& note : bar.notes) note = moved(note, grids);
  return result;
}

Score windowed(const Score& score, std::span<const int> tracks, int first_bar, int count) {
  Score result;
  result.resolution = score.resolution;
  result.tempo = score.tempo;
  for (const int track : tracks) {
    if (track < 0 || static_cast<std::size_t>(track) >= score.tracks.size())
      throw BadScore("track " + std::to_string(track + 1) + " is not one of the score's " +
                     std::to_string(score.tracks.size()));
    result.tracks.push_back(cut(score.tracks[static_cast<std::size_t>(track)], first_bar, count));
  }
  return result;
}

}  // namespace descant
