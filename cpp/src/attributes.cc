#include "descant/attributes.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <span>

namespace descant {
namespace {

using Bars = std::span<const Bar>;

Bars bars_of(const Track& track, int bar) {
  const Bars all(track.bars);
  return bar < 0 ? all : all.subspan(static_cast<std::size_t>(bar), 1);
}

std::int64_t note_count(Bars bars) {
  std::int64_t count = 0;
  for (const Bar& bar : bars) count += static_cast<std::int64_t>(bar.notes.size());
  return count;
}

std::int64_t length_ticks(const Bar& bar, int resolution) {
  return std::llrint(bar.quarters() * resolution);
}

// The value at quantile q of a list given as how often each value 0, 1, 2, ... occurs; 0 if empty.
int quantile_of(const std::vector<std::int64_t>& histogram, double q) {
  std::int64_t size = 0;
  for (const std::int64_t count : histogram) size += count;
  if (size == 0) return 0;
  std::int64_t rank = std::min<std::int64_t>(std::llrint(static_cast<double>(size) * q), size - 1);
  for (std::size_t value = 0; value < histogram.size(); ++value) {
    rank -= histogram[value];
    if (rank < 0) return static_cast<int>(value);
  }
  return static_cast<int>(histogram.size()) - 1;
}

struct Span {
  std::int64_t begin;
  std::int64_t end;
};

// For how many ticks 1, 2, 3, ... notes sound together (index 0 stays 0).
std::vector<std::int64_t> voices_histogram(const std::vector<Span>& sounding) {
  std::vector<std::pair<std::int64_t, int>> events;
  for (const Span& span : sounding) {
    if (span.begin >= span.end) continue;
    events.emplace_back(span.begin, +1);
    events.emplace_back(span.end, -1);
  }
  std::sort(events.begin(), events.end());
  std::vector<std::int64_t> histogram(sounding.size() + 1, 0);
  std::size_t voices = 0;
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    voices = events[i].second > 0 ? voices + 1 : voices - 1;
    if (voices > 0) histogram[voices] += events[i + 1].first - events[i].first;
  }
  return histogram;
}

// The last tick, of the bar or of the track's last note, is never counted: trained in.
double polyphony(const AttributeSpec& spec, const Track& track, int bar, int resolution) {
  const bool hits = spec.drum_hits && track.drum;
  std::vector<Span> sounding;
  std::int64_t start = 0;
  std::int64_t latest = 0;
  for (const Bar& each : bars_of(track, bar)) {
    for (const Note& note : each.notes) {
      const std::int64_t onset = start + note.onset;
      sounding.push_back({std::max<std::int64_t>(onset, 0), onset + (hits ? 1 : note.duration)});
      latest = std::max(latest, sounding.back().end);
    }
    start += length_ticks(each, resolution);
  }
  const std::int64_t last = (bar < 0 ? latest : start) - 1;
  for (Span& span : sounding) span.end = std::min(span.end, last);
  return quantile_of(voices_histogram(sounding), spec.quantile);
}

// 0 below a 16th, 1 from a 16th, 2 from an 8th, ... 5 from a whole note.
int duration_level(std::int64_t ticks, int resolution) {
  int level = 0;
  while (level < 5 && 8 * ticks >= (std::int64_t{2} << level) * resolution) ++level;
  return level;
}

double duration(const AttributeSpec& spec, const Track& track, int bar, int resolution) {
  std::vector<std::int64_t> histogram(6, 0);
  for (const Bar& each : bars_of(track, bar))
    for (const Note& note : each.notes)
      ++histogram[static_cast<std::size_t>(
          duration_level(track.drum ? resolution : note.duration, resolution))];
  return quantile_of(histogram, spec.quantile);
}

double commonest_duration(Bars bars, int resolution) {
  std::vector<int> seen;
  std::array<int, 6> counts{};
  for (const Bar& bar : bars)
    for (const Note& note : bar.notes) {
      const int level = duration_level(note.duration, resolution);
      if (counts[static_cast<std::size_t>(level)]++ == 0) seen.push_back(level);
    }
  int best = seen.empty() ? 3 : seen.front();
  for (const int level : seen)
    if (counts[static_cast<std::size_t>(level)] > counts[static_cast<std::size_t>(best)])
      best = level;
  return best;
}

double largest_chord(Bars bars) {
  std::int64_t largest = 0;
  std::vector<int> onsets;
  for (const Bar& bar : bars) {
    onsets.clear();
    for (const Note& note : bar.notes) onsets.push_back(note.onset);
    std::sort(onsets.begin(), onsets.end());
    for (auto at = onsets.begin(); at != onsets.end();) {
      const auto next = std::upper_bound(at, onsets.end(), *at);
      largest = std::max<std::int64_t>(largest, next - at);
      at = next;
    }
  }
  return static_cast<double>(largest);
}

struct PitchSpan {
  int low = 127;
  int high = 0;
};

PitchSpan pitch_span(Bars bars) {
  PitchSpan span;
  for (const Bar& bar : bars)
    for (const Note& note : bar.notes) {
      span.low = std::min(span.low, note.pitch);
      span.high = std::max(span.high, note.pitch);
    }
  return span;
}

// Krumhansl and Kessler's probe-tone ratings, as upstream rounds them
// (spec/tables/key_profiles.json).
constexpr double kMajor[12] = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09,
                               2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr double kMinor[12] = {6.33, 2.68, 3.52, 5.38, 2.6,  3.53,
                               2.54, 4.75, 3.98, 2.69, 3.34, 3.17};
constexpr int kNoKey = 24;

int key_of(const Score& score, bool ignore_drums) {
  std::array<double, 12> weight{};
  bool any = false;
  for (const Track& track : score.tracks) {
    if (ignore_drums && track.drum) continue;
    for (const Bar& bar : track.bars)
      for (const Note& note : bar.notes)
        if (note.velocity > 0) {
          weight[static_cast<std::size_t>(((note.pitch % 12) + 12) % 12)] += note.duration;
          any = true;
        }
  }
  if (!any) return kNoKey;
  int best = 0;
  double best_score = -1.0;
  for (int key = 0; key < 24; ++key) {
    const double* profile = key < 12 ? kMajor : kMinor;
    double fit = 0.0;
    for (int pitch = 0; pitch < 12; ++pitch)
      fit += profile[(pitch - key + 24) % 12] * weight[static_cast<std::size_t>(pitch)];
    if (fit > best_score) {
      best_score = fit;
      best = key;
    }
  }
  return best;
}

// Ticks of 0..length that some span covers.
std::int64_t covered(std::vector<Span>& spans) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::int64_t total = 0;
  std::int64_t until = 0;
  for (const Span& span : spans) {
    total += std::max<std::int64_t>(0, span.end - std::max(span.begin, until));
    until = std::max(until, span.end);
  }
  return total;
}

// Upstream subtracts the bar's start from onsets that already count from it, so that in later bars
// most notes vanish.  Released checkpoints were trained with these values.
double silent_part(const Bar& bar, std::int64_t start, std::int64_t length,
                   std::vector<Span>& spans) {
  if (length == 0) return 1.0;
  spans.clear();
  for (const Note& note : bar.notes) {
    const std::int64_t onset = note.onset - start;
    spans.push_back({std::clamp<std::int64_t>(onset, 0, length),
                     std::clamp<std::int64_t>(onset + note.duration, 0, length)});
  }
  return static_cast<double>(length - covered(spans)) / static_cast<double>(length);
}

double silence(const Track& track, int bar, int resolution) {
  double sum = 0.0;
  std::int64_t start = 0;
  std::vector<Span> spans;
  for (std::size_t b = 0; b < track.bars.size(); ++b) {
    const Bar& each = track.bars[b];
    const auto length =
        static_cast<std::int64_t>(each.numerator * (4.0 * resolution / each.denominator));
    if (bar < 0 || bar == static_cast<int>(b)) sum += silent_part(each, start, length, spans);
    start += length;
  }
  if (bar >= 0) return sum;
  return track.bars.empty() ? 0.0 : sum / static_cast<double>(track.bars.size());
}

double pitch_classes(Bars bars) {
  std::bitset<12> classes;
  for (const Bar& bar : bars)
    for (const Note& note : bar.notes)
      classes.set(static_cast<std::size_t>(((note.pitch % 12) + 12) % 12));
  return static_cast<double>(classes.count());
}

constexpr int kOffGrid = 12;

// How fine a grid an onset needs: 0 a beat, 1 its triplet, 2 half a beat, ...
int metric_depth(int onset, double resolution) {
  for (int i = 0; i < 6; ++i)
    if (std::fmod(onset, resolution / (1 << i)) == 0.0) return 2 * i;
  for (int i = 0; i < 6; ++i)
    if (std::fmod(onset, 2.0 * resolution / (3.0 * (1 << i))) == 0.0) return 2 * i + 1;
  return kOffGrid;
}

double nomml(const Track& track, int resolution) {
  if (const auto raw = track.attributes.find("_nomml_raw"); raw != track.attributes.end())
    return raw->second;
  std::vector<int> depths;
  for (const Bar& bar : track.bars)
    for (const Note& note : bar.notes) depths.push_back(metric_depth(note.onset, resolution));
  if (depths.empty()) return kOffGrid;
  std::sort(depths.begin(), depths.end());
  const std::size_t middle = depths.size() / 2;
  return depths.size() % 2 == 1 ? depths[middle] : (depths[middle - 1] + depths[middle]) / 2;
}

// The first level whose upper end holds the value.
int level_within(const std::vector<int>& edges, std::int64_t value) {
  const auto found = std::lower_bound(edges.begin(), edges.end(), value);
  return static_cast<int>(found - edges.begin());
}

}  // namespace

AttributeAnalyzer::AttributeAnalyzer(const EncoderConfig& config)
    : attributes_(attributes_of(config)), density_quantiles_(config.density_quantiles) {}

std::optional<double> AttributeAnalyzer::density(const AttributeSpec& spec, const Track& track,
                                                 int bar) const {
  const Bars bars = bars_of(track, bar);
  const std::int64_t notes = note_count(bars);
  const auto filled =
      std::count_if(bars.begin(), bars.end(), [](const Bar& each) { return !each.notes.empty(); });
  const std::int64_t per_bar =
      notes == 0 ? 0 : std::llrint(static_cast<double>(notes) / static_cast<double>(filled));
  const std::vector<int>* edges = nullptr;
  if (!spec.edges.empty()) {
    edges = edges_of(spec, family_of(track));
  } else if (!density_quantiles_.empty()) {
    const auto row = static_cast<std::size_t>(track.drum ? 128 : track.program);
    edges = &density_quantiles_[row < density_quantiles_.size() ? row : 0];
  }
  if (edges == nullptr) return std::nullopt;
  return level_within(*edges, per_bar);
}

std::optional<double> AttributeAnalyzer::measure(const AttributeSpec& spec, const Score& score,
                                                 std::size_t track, int bar) const {
  const Track& measured = score.tracks.at(track);
  const Bars bars = bars_of(measured, bar);
  if (spec.unset_when_empty && note_count(bars) == 0) return std::nullopt;
  switch (spec.measure) {
    case Measure::DensityQuantile:
      return density(spec, measured, bar);
    case Measure::PolyphonyQuantile:
      return polyphony(spec, measured, bar, score.resolution);
    case Measure::DurationQuantile:
      return duration(spec, measured, bar, score.resolution);
    case Measure::NoteDensity:
      return bars.empty()
                 ? 0.0
                 : static_cast<double>(note_count(bars)) / static_cast<double>(bars.size());
    case Measure::OnsetPolyphony:
      return largest_chord(bars);
    case Measure::PitchRange: {
      const PitchSpan span = pitch_span(bars);
      return std::max(0, span.high - span.low);
    }
    case Measure::PitchLow:
      return pitch_span(bars).low;
    case Measure::PitchHigh:
      return pitch_span(bars).high;
    case Measure::KeySignature:
      return key_of(score, spec.ignores_drums);
    case Measure::DurationDist:
      return commonest_duration(bars, score.resolution);
    case Measure::SilenceProportion:
      return silence(measured, bar, score.resolution);
    case Measure::PitchClassSet:
      return pitch_classes(bars);
    case Measure::Nomml:
      return nomml(measured, score.resolution);
    case Measure::Tension:
      return std::nullopt;
  }
  return std::nullopt;
}

int AttributeAnalyzer::level(const AttributeSpec& spec, double raw) {
  switch (spec.measure) {
    case Measure::PolyphonyQuantile:
      raw -= 1.0;
      break;
    case Measure::SilenceProportion:
      raw *= 10.0;
      break;
    case Measure::NoteDensity:
      return static_cast<int>(raw);  // as upstream keeps it; the encoder writes the highest level
    default:
      break;
  }
  return static_cast<int>(std::clamp(raw, 0.0, static_cast<double>(spec.size - 1)));
}

void AttributeAnalyzer::annotate_track(const AttributeSpec& spec, Score& score,
                                       std::size_t track) const {
  Track& annotated = score.tracks[track];
  const auto store = [&](const std::string& key, int bar) {
    const std::optional<double> raw = measure(spec, score, track, bar);
    if (raw)
      annotated.attributes[key] = level(spec, *raw);
    else
      annotated.attributes.erase(key);
  };
  if (!spec.per_bar) return store(spec.name, -1);
  const std::string stem = "bar_" + std::string(token_type_name(spec.token)) + "_";
  for (int bar = 0; bar < static_cast<int>(annotated.bars.size()); ++bar)
    store(stem + std::to_string(bar), bar);
}

void AttributeAnalyzer::annotate(Score& score) const {
  for (std::size_t track = 0; track < score.tracks.size(); ++track)
    for (const AttributeSpec& spec : attributes_)
      if (spec.applies_to(score.tracks[track])) annotate_track(spec, score, track);
}

}  // namespace descant
