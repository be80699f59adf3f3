#include "descant/attribute_table.h"

#include <algorithm>

#include "descant/error.h"

namespace descant {
namespace {

constexpr double kLowQuantile = 0.15;
constexpr double kHighQuantile = 0.85;

// One line per attribute: `mode` and `level` as the settings spell them ("" where there is none).
struct Row {
  std::string_view control;
  std::string_view mode;
  std::string_view level;
  std::string_view name;
  Measure measure;
  std::optional<TokenType> token;  // nothing: known upstream, yet without a token
  bool melodic;
  bool drum;
  int size;
};

using M = Measure;
using T = TokenType;

// The first row of a control and mode gives its default level.
const Row kRows[] = {
    {"note_density_quantile", "", "track", "note_density", M::DensityQuantile, T::NoteDensity,
     false, true, 10},
    {"note_density_quantile", "", "bar", "bar_note_density", M::DensityQuantile,
     T::BarLevelOnsetDensity, false, true, 10},
    {"polyphony_quantile", "min", "track", "min_polyphony", M::PolyphonyQuantile, T::MinPolyphony,
     true, false, 10},
    {"polyphony_quantile", "max", "track", "max_polyphony", M::PolyphonyQuantile, T::MaxPolyphony,
     true, false, 10},
    {"polyphony_quantile", "min", "bar", "bar_min_polyphony", M::PolyphonyQuantile,
     T::BarLevelOnsetPolyphonyMin, true, false, 10},
    {"polyphony_quantile", "max", "bar", "bar_max_polyphony", M::PolyphonyQuantile,
     T::BarLevelOnsetPolyphonyMax, true, false, 10},
    {"note_duration_quantile", "min", "track", "min_note_duration", M::DurationQuantile,
     T::MinNoteDuration, true, false, 6},
    {"note_duration_quantile", "max", "track", "max_note_duration", M::DurationQuantile,
     T::MaxNoteDuration, true, false, 6},
    {"note_duration_quantile", "min", "bar", "bar_min_note_duration", M::DurationQuantile,
     T::BarLevelNoteDurationMin, true, false, 6},
    {"note_duration_quantile", "max", "bar", "bar_max_note_duration", M::DurationQuantile,
     T::BarLevelNoteDurationMax, true, false, 6},
    {"silence_proportion", "", "track", "silence_proportion", M::SilenceProportion,
     T::TrackLevelSilenceProportionMax, true, true, 10},
    {"silence_proportion", "", "bar", "bar_silence_proportion", M::SilenceProportion, std::nullopt,
     true, true, 10},
    {"pitch_class_set", "", "bar", "pitch_class_set", M::PitchClassSet, T::BarLevelPitchClassSet,
     true, false, 13},
    {"pitch_class_set", "", "track", "track_pitch_class_set", M::PitchClassSet, std::nullopt, true,
     false, 13},
    {"key_signature", "", "track", "key_signature", M::KeySignature, T::KeySignature, true, false,
     25},
    {"pitch_range", "", "track", "pitch_range", M::PitchRange, T::TrackLevelPitchRangeMax, true,
     false, 128},
    {"pitch_low", "", "track", "pitch_low", M::PitchLow, T::TrackLevelPitchLow, true, false, 128},
    {"pitch_high", "", "track", "pitch_high", M::PitchHigh, T::TrackLevelPitchHigh, true, false,
     128},
    {"nomml", "", "track", "nomml", M::Nomml, T::TrackLevelNomml, true, true, 13},
    {"note_density", "", "track", "note_density", M::NoteDensity, T::NoteDensity, true, false, 10},
    {"onset_polyphony", "", "track", "onset_polyphony", M::OnsetPolyphony,
     T::BarLevelOnsetPolyphonyMax, true, false, 10},
    {"note_duration_dist", "", "track", "note_duration_dist", M::DurationDist, T::NoteDuration,
     true, true, 6},
    {"tension", "", "bar", "tension", M::Tension, T::Tension, true, false, 10},
    {"tension_drum", "", "bar", "tension_drum", M::Tension, T::TensionDrum, false, true, 10},
};

// The attribute that a domain of this type brings along when no entry names it.
struct Implied {
  TokenType token;
  std::string_view control;
  std::string_view mode;
  std::string_view level;
};

constexpr Implied kImplied[] = {
    {T::MinPolyphony, "polyphony_quantile", "min", "track"},
    {T::MaxPolyphony, "polyphony_quantile", "max", "track"},
    {T::MinNoteDuration, "note_duration_quantile", "min", "track"},
    {T::MaxNoteDuration, "note_duration_quantile", "max", "track"},
    {T::NoteDensity, "note_density_quantile", "", "track"},
    {T::TrackLevelSilenceProportionMax, "silence_proportion", "", "track"},
    {T::TrackLevelPitchRangeMax, "pitch_range", "", "track"},
    {T::KeySignature, "key_signature", "", "track"},
    {T::BarLevelPitchClassSet, "pitch_class_set", "", "bar"},
    {T::BarLevelOnsetDensity, "note_density_quantile", "", "bar"},
    {T::BarLevelOnsetPolyphonyMin, "polyphony_quantile", "min", "bar"},
    {T::BarLevelOnsetPolyphonyMax, "polyphony_quantile", "max", "bar"},
    {T::Tension, "tension", "", "bar"},
    {T::TensionDrum, "tension_drum", "", "bar"},
    {T::TrackLevelNomml, "nomml", "", "track"},
    {T::BarLevelNoteDurationMin, "note_duration_quantile", "min", "bar"},
    {T::BarLevelNoteDurationMax, "note_duration_quantile", "max", "bar"},
    {T::TrackLevelPitchLow, "pitch_low", "", "track"},
    {T::TrackLevelPitchHigh, "pitch_high", "", "track"},
};

std::string param(const AttributeControl& control, const char* key) {
  auto found = control.params.find(key);
  return found == control.params.end() ? std::string() : found->second;
}

[[noreturn]] void refuse(const AttributeControl& control, const std::string& why) {
  throw BadVocabulary("attribute \"" + control.name + "\" " + why);
}

const Row& row_of(const AttributeControl& control) {
  const std::string mode = param(control, "mode");
  const std::string level = param(control, "level");
  bool name_known = false;
  bool takes_mode = false;
  for (const Row& row : kRows) {
    if (row.control != control.name) continue;
    name_known = true;
    takes_mode = takes_mode || !row.mode.empty();
    if (row.mode == mode && (level.empty() || row.level == level)) return row;
  }
  if (!name_known) refuse(control, "is not one this version knows");
  if (takes_mode && mode != "min" && mode != "max")
    refuse(control, "needs mode \"min\" or \"max\", not \"" + mode + "\"");
  if (!takes_mode && !mode.empty()) refuse(control, "takes no mode, yet has \"" + mode + "\"");
  refuse(control, "cannot have level \"" + level + "\"");
}

void apply_track_type(const AttributeControl& control, AttributeSpec& spec) {
  const std::string track_type = param(control, "track_type");
  if (track_type.empty()) return;
  if (track_type != "melodic" && track_type != "drum" && track_type != "both")
    refuse(control,
           "has track_type \"" + track_type + "\"; allowed are \"melodic\", \"drum\" and \"both\"");
  spec.melodic = track_type != "drum";
  spec.drum = track_type != "melodic";
  spec.drum_hits = spec.drum;
}

void apply_edges(const AttributeControl& control, AttributeSpec& spec) {
  if (control.edges.empty()) return;
  if (spec.measure != Measure::DensityQuantile) refuse(control, "takes no edges");
  const std::size_t count = control.edges.begin()->second.size();
  for (const auto& [family, edges] : control.edges) {
    if (edges.empty() || edges.size() != count || !std::is_sorted(edges.begin(), edges.end()))
      refuse(control,
             "needs equally many ascending edges for each family; \"" + family + "\" differs");
  }
  spec.edges = control.edges;
  spec.size = static_cast<int>(count) + 1;
}

}  // namespace

AttributeSpec attribute_from(const AttributeControl& control) {
  const Row& row = row_of(control);
  AttributeSpec spec;
  spec.name = row.name;
  spec.measure = row.measure;
  spec.written = row.token.has_value();
  spec.token = row.token.value_or(TokenType::NoteDensity);
  spec.per_bar = row.level == "bar";
  spec.melodic = row.melodic;
  spec.drum = row.drum;
  spec.size = row.size;
  spec.quantile = row.mode == "min" ? kLowQuantile : kHighQuantile;
  const std::string empty = param(control, "empty");
  if (!empty.empty() && empty != "lowest" && empty != "unset")
    refuse(control, "has empty \"" + empty + "\"; allowed are \"lowest\" and \"unset\"");
  spec.unset_when_empty = empty == "unset";
  const std::string drums = param(control, "drums");
  if (!drums.empty() && (drums != "ignored" || spec.measure != Measure::KeySignature))
    refuse(control, "has drums \"" + drums + "\"; only key_signature takes it, as \"ignored\"");
  spec.ignores_drums = !drums.empty();
  apply_track_type(control, spec);
  apply_edges(control, spec);
  return spec;
}

std::vector<AttributeSpec> attributes_of(const EncoderConfig& config) {
  std::vector<AttributeSpec> specs;
  for (const TokenDomain& domain : config.token_domains)
    for (const Implied& implied : kImplied) {
      if (implied.token != domain.type) continue;
      AttributeControl control{std::string(implied.control), {}, {}};
      if (!implied.mode.empty()) control.params["mode"] = implied.mode;
      control.params["level"] = implied.level;
      specs.push_back(attribute_from(control));
    }
  for (const AttributeControl& control : config.attribute_controls) {
    AttributeSpec spec = attribute_from(control);
    if (!spec.written) refuse(control, "has no token at the level asked for");
    auto same = std::find_if(specs.begin(), specs.end(),
                             [&](const AttributeSpec& other) { return other.token == spec.token; });
    if (same == specs.end())
      specs.push_back(std::move(spec));
    else
      *same = std::move(spec);
  }
  return specs;
}

namespace {

std::vector<std::string> density_labels(const AttributeSpec& spec) {
  std::vector<std::string> labels;
  for (int level = 0; level < spec.size; ++level)
    labels.push_back(std::string("Q").append(std::to_string(level)));
  labels.front() = "sparsest (Q0)";
  labels.back() = "densest (Q" + std::to_string(spec.size - 1) + ")";
  return labels;
}

std::string note_words(int low, int high) {
  if (high == 0) return "silent";
  const std::string words =
      low == high ? std::to_string(high) : std::to_string(low) + "-" + std::to_string(high);
  return words + (high == 1 ? " note a bar" : " notes a bar");
}

std::vector<std::string> edge_labels(const std::vector<int>& edges) {
  std::vector<std::string> labels;
  int low = 0;
  for (const int high : edges) {
    labels.push_back(note_words(low, high));
    low = high + 1;
  }
  labels.push_back(std::to_string(low) + "+ notes a bar");
  return labels;
}

std::vector<std::string> voice_labels(int size) {
  std::vector<std::string> labels = {"1 voice"};
  for (int voices = 2; voices < size; ++voices)
    labels.push_back(std::to_string(voices) + " voices");
  labels.push_back(std::to_string(size) + "+ voices");
  return labels;
}

std::vector<std::string> key_labels() {
  const char* tonics[] = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};
  std::vector<std::string> labels;
  for (const char* mode : {" major", " minor"})
    for (const char* tonic : tonics) labels.push_back(std::string(tonic) + mode);
  labels.emplace_back("no notes");
  return labels;
}

std::vector<std::string> numbers(int size, const std::string& unit) {
  std::vector<std::string> labels;
  for (int level = 0; level < size; ++level) labels.push_back(std::to_string(level) + unit);
  return labels;
}

std::vector<std::string> silence_labels(int size) {
  std::vector<std::string> labels;
  for (int level = 0; level < size; ++level)
    labels.push_back(std::to_string(100 * level / size) + "-" +
                     std::to_string(100 * (level + 1) / size) + "% silent");
  return labels;
}

}  // namespace

const std::vector<int>* edges_of(const AttributeSpec& spec, std::string_view family) {
  auto found = spec.edges.find(std::string(family));
  if (found == spec.edges.end() && family != "drum") found = spec.edges.find("melodic");
  return found == spec.edges.end() ? nullptr : &found->second;
}

std::vector<std::string> level_labels(const AttributeSpec& spec, std::string_view family) {
  if (const std::vector<int>* edges = edges_of(spec, family)) return edge_labels(*edges);
  switch (spec.measure) {
    case Measure::DensityQuantile:
      return density_labels(spec);
    case Measure::PolyphonyQuantile:
      return voice_labels(spec.size);
    case Measure::DurationQuantile:
    case Measure::DurationDist:
      return {"32nd", "16th", "8th", "quarter", "half", "whole"};
    case Measure::KeySignature:
      return key_labels();
    case Measure::SilenceProportion:
      return silence_labels(spec.size);
    case Measure::PitchRange:
      return numbers(spec.size, " semitones");
    case Measure::PitchClassSet:
      return numbers(spec.size, " pitch classes");
    case Measure::NoteDensity:
      return numbers(spec.size, " notes a bar");
    default:
      return numbers(spec.size, "");
  }
}

std::string_view family_of(const Track& track) {
  if (track.drum) return "drum";
  if (track.program >= 32 && track.program <= 39) return "bass";
  std::vector<int> pitches;
  for (const Bar& bar : track.bars)
    for (const Note& note : bar.notes) pitches.push_back(note.pitch);
  if (pitches.empty()) return "high";
  const auto middle = pitches.begin() + static_cast<std::ptrdiff_t>(pitches.size() / 2);
  std::nth_element(pitches.begin(), middle, pitches.end());
  return *middle < 60 ? "low" : "high";
}

}  // namespace descant
