#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "descant/vocabulary.h"

namespace descant::tests {

// A vocabulary with every kind of token that a step may draw, and odd domain sizes.
inline EncoderConfig every_kind_config() {
  using T = TokenType;
  EncoderConfig config;
  config.resolution = 12;
  config.supports_infill = true;
  config.emit_delta_tokens = true;
  config.time_signatures = {{4, 4}, {7, 8}, {2, 4}};
  config.num_bars_map = {4, 8};
  config.attribute_controls = {{"pitch_low", {}, {}},
                               {"note_duration_quantile", {{"mode", "min"}, {"level", "bar"}}, {}}};
  config.token_domains = {
      {T::PieceStart, 2},
      {T::NumBars, 2},
      {T::Track, 2},
      {T::TrackEnd, 1},
      {T::Instrument, 128},
      {T::Bar, 1},
      {T::BarEnd, 1},
      {T::TimeSig, 3},
      {T::NoteOnset, 128},
      {T::NoteDuration, 96},
      {T::TimeAbsolutePos, 48},
      {T::VelocityLevel, 32},
      {T::DeltaDirection, 2},
      {T::Delta, 6},
      {T::FillInPlaceholder, 1},
      {T::FillInStart, 1},
      {T::FillInEnd, 1},
      {T::MaskBar, 1},
      {T::MinPolyphony, 10},
      {T::KeySignature, 25},
      {T::TrackLevelPitchLow, 128},
      {T::BarLevelOnsetDensity, 10},
      {T::BarLevelOnsetPolyphonyMax, 10},
      {T::BarLevelNoteDurationMin, 6},
  };
  return config;
}

inline std::shared_ptr<const Vocabulary> every_kind() {
  static const auto vocabulary = std::make_shared<const Vocabulary>(every_kind_config());
  return vocabulary;
}

using Said = std::pair<TokenType, int>;

// Ids of (type, value) pairs.
inline std::vector<std::int32_t> ids(const std::vector<Said>& tokens) {
  std::vector<std::int32_t> result;
  for (const auto& [type, value] : tokens) result.push_back(every_kind()->encode(type, value));
  return result;
}

}  // namespace descant::tests
