#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "descant/token_type.h"

namespace descant {

// One attribute an encoder asks for, as its settings name it (spec/encoding.md 8.1).
struct AttributeControl {
  std::string name;                           // for example "polyphony_quantile"
  std::map<std::string, std::string> params;  // mode, level, track_type, empty, drums
  // Upper ends of the levels by family of track ("drum", "bass", "low", "high", "melodic"): level i
  // holds raw values up to edges[i], the last level everything above.  Empty: the built-in levels.
  std::map<std::string, std::vector<int>> edges;
};

struct TokenDomain {
  TokenType type;
  int size;

  bool operator==(const TokenDomain&) const = default;
};

// The encoder settings a checkpoint carries, already parsed and range-checked (spec/encoding.md 3).
struct EncoderConfig {
  int resolution = 480;         // model grid, ticks per quarter
  int decode_resolution = 480;  // grid of decoded scores
  int pitch_min = 0;
  int pitch_max = 127;
  int velocity_levels = 32;
  bool velocity_sticky = true;
  int note_duration_max_beats = 8;
  bool emit_delta_tokens = false;
  bool supports_infill = false;
  bool supports_mask_bar_token = false;
  bool switchable_velocity = false;
  bool switchable_microtiming =
      false;  // microtiming tokens are then written whatever the above says
  std::vector<std::pair<int, int>> time_signatures;       // numerator, denominator
  std::vector<std::vector<int>> instrument_merge_groups;  // programs that share a token
  std::vector<int> num_bars_map;                          // window lengths
  std::map<std::string, std::vector<std::string>> genre_groups;
  std::vector<AttributeControl> attribute_controls;
  std::vector<TokenDomain> token_domains;  // empty: derived (spec/encoding.md 3.1)
  // Ten upper ends per program 0..127, then drums: levels of note_density_quantile.
  std::vector<std::vector<int>> density_quantiles;

  bool uses_delta() const { return emit_delta_tokens || switchable_microtiming; }
};

}  // namespace descant
