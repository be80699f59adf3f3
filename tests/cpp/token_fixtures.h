#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "descant/score.h"
#include "descant/vocabulary.h"

namespace descant::tests {

// A small encoder with infill, MaskBar and microtiming.
inline EncoderConfig token_config() {
  EncoderConfig config;
  config.resolution = 12;
  config.supports_infill = true;
  config.supports_mask_bar_token = true;
  config.emit_delta_tokens = true;
  config.time_signatures = {{4, 4}, {3, 4}};
  config.num_bars_map = {2, 4};
  config.attribute_controls = {{"polyphony_quantile", {{"mode", "max"}}, {}},
                               {"polyphony_quantile", {{"mode", "max"}, {"level", "bar"}}, {}}};
  return config;
}

inline Score one_track(std::initializer_list<std::vector<Note>> bars, bool drum = false) {
  Score score;
  score.resolution = 12;
  Track& track = score.tracks.emplace_back();
  track.drum = drum;
  for (const std::vector<Note>& notes : bars) track.bars.push_back({notes, 4, 4, false});
  return score;
}

// Token names without their values, space between.
inline std::string kinds(const Vocabulary& vocabulary, const std::vector<std::int32_t>& tokens) {
  std::string text;
  for (const std::int32_t token : tokens) {
    if (!text.empty()) text += ' ';
    text += token_type_name(vocabulary.type(token));
  }
  return text;
}

}  // namespace descant::tests
