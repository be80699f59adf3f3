#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "descant/encoder_config.h"
#include "descant/score.h"
#include "descant/token_type.h"

namespace descant {

// What is measured; how is said in attributes.h.
enum class Measure {
  DensityQuantile,
  PolyphonyQuantile,
  DurationQuantile,
  NoteDensity,
  OnsetPolyphony,
  PitchRange,
  PitchLow,
  PitchHigh,
  KeySignature,
  DurationDist,
  SilenceProportion,
  PitchClassSet,
  Nomml,
  Tension,  // known by name and token, never measured
};

// One attribute of one encoder: what it is called, which token carries it, whom it applies to.
struct AttributeSpec {
  std::string name;  // for example "min_polyphony", "bar_note_density"
  Measure measure = Measure::NoteDensity;
  TokenType token = TokenType::NoteDensity;
  bool written = true;  // false: known upstream, yet no token carries it; `token` says nothing then
  bool per_bar = false;
  bool melodic = true;
  bool drum = true;
  int size = 10;                  // number of levels
  double quantile = 0.0;          // of the quantile measures
  bool drum_hits = false;         // a drum note counts as one tick, as its tokens say
  bool ignores_drums = false;     // key signature: of the pitched tracks only
  bool unset_when_empty = false;  // no value where there are no notes, instead of the lowest level
  std::map<std::string, std::vector<int>> edges;  // see AttributeControl

  bool applies_to(const Track& track) const { return track.drum ? drum : melodic; }
};

// The attributes of an encoder in the order of spec/encoding.md 8.1.
// BadVocabulary for an unknown name, an unknown parameter value, or an attribute without a token.
std::vector<AttributeSpec> attributes_of(const EncoderConfig& config);

// One attribute by its settings entry, with a token or not; else the same errors.
AttributeSpec attribute_from(const AttributeControl& control);

// What each level means, for people: `size` texts.  The family counts where edges set the levels.
std::vector<std::string> level_labels(const AttributeSpec& spec, std::string_view family = "high");

// The edges a family uses, "melodic" standing in for a melodic family without its own; null if
// none.
const std::vector<int>* edges_of(const AttributeSpec& spec, std::string_view family);

// The family whose edges a track uses: "drum", "bass" (programs 32..39), "low" or "high" (median
// pitch below 60, or not); "high" without notes.
std::string_view family_of(const Track& track);

// A token type that states an attribute, with the name a track's `attributes` keep it under.
struct AttributeToken {
  TokenType type;
  std::string_view key;  // bar level: "bar_" + key + "_" + bar index
};

// In the order the encoder writes them (spec/encoding.md 5.1), Descant's own at the end.
inline constexpr std::array<AttributeToken, 12> kTrackAttributes = {{
    {TokenType::MinPolyphony, "min_polyphony"},
    {TokenType::MaxPolyphony, "max_polyphony"},
    {TokenType::MinNoteDuration, "min_note_duration"},
    {TokenType::MaxNoteDuration, "max_note_duration"},
    {TokenType::NoteDensity, "note_density"},
    {TokenType::BarLevelOnsetPolyphonyMax, "onset_polyphony"},
    {TokenType::TrackLevelPitchRangeMax, "pitch_range"},
    {TokenType::KeySignature, "key_signature"},
    {TokenType::TrackLevelSilenceProportionMax, "silence_proportion"},
    {TokenType::TrackLevelNomml, "nomml"},
    {TokenType::TrackLevelPitchLow, "pitch_low"},
    {TokenType::TrackLevelPitchHigh, "pitch_high"},
}};
inline constexpr std::array<AttributeToken, 8> kBarAttributes = {{
    {TokenType::Tension, "Tension"},
    {TokenType::TensionDrum, "TensionDrum"},
    {TokenType::BarLevelPitchClassSet, "PitchClassSet"},
    {TokenType::BarLevelOnsetDensity, "BarLevelOnsetDensity"},
    {TokenType::BarLevelOnsetPolyphonyMin, "BarLevelOnsetPolyphonyMin"},
    {TokenType::BarLevelOnsetPolyphonyMax, "BarLevelOnsetPolyphonyMax"},
    {TokenType::BarLevelNoteDurationMin, "BarLevelNoteDurationMin"},
    {TokenType::BarLevelNoteDurationMax, "BarLevelNoteDurationMax"},
}};

}  // namespace descant
