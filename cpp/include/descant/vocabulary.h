#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "descant/token_type.h"

namespace descant {

struct AttributeControl {
  std::string name;                           // registry name, for example "polyphony_quantile"
  std::map<std::string, std::string> params;  // mode, level, track_type
};

struct TokenDomain {
  TokenType type;
  int size;
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
  bool switchable_microtiming = false;
  std::vector<std::pair<int, int>> time_signatures;       // numerator, denominator
  std::vector<std::vector<int>> instrument_merge_groups;  // programs that share a token
  std::vector<int> num_bars_map;                          // window lengths
  std::map<std::string, std::vector<std::string>> genre_groups;
  std::vector<AttributeControl> attribute_controls;
  std::vector<TokenDomain> token_domains;  // empty: derived (spec/encoding.md 3.1)
};

// Token ids: the domains laid end to end; id = domain offset + value.
// Immutable after construction; every method is const, cheap and thread-safe.
class Vocabulary {
 public:
  // BadVocabulary when the settings contradict themselves.
  explicit Vocabulary(EncoderConfig config);

  const EncoderConfig& config() const { return config_; }
  const std::vector<TokenDomain>& domains() const { return domains_; }
  int size() const { return static_cast<int>(types_.size()); }

  bool has(TokenType type) const { return domain_size(type) > 0; }
  int offset(TokenType type) const { return offsets_[index(type)]; }
  int domain_size(TokenType type) const { return sizes_[index(type)]; }

  int encode(TokenType type, int value) const;   // IllegalToken outside the domain
  int clamped(TokenType type, int value) const;  // nearest value of the domain
  TokenType type(int token) const;               // IllegalToken outside the vocabulary
  int value(int token) const;

  int instrument_value(int program) const;
  int program(int instrument_value) const;  // the group's first program
  int velocity_level(int velocity) const;
  int velocity(int level) const;                                   // back to 1..127
  int time_signature_value(int numerator, int denominator) const;  // -1 when unknown
  std::pair<int, int> time_signature(int value) const;
  int num_bars_value(int bars) const;              // IllegalToken when the window is unknown
  int genre_value(const std::string& name) const;  // -1 when unknown; letter case is ignored
  std::vector<std::string> genres() const;

 private:
  static std::size_t index(TokenType type) { return static_cast<std::size_t>(type); }

  EncoderConfig config_;
  std::vector<TokenDomain> domains_;
  std::vector<TokenType> types_;  // by id
  std::array<int, kTokenTypeLimit> offsets_{};
  std::array<int, kTokenTypeLimit> sizes_{};
};

}  // namespace descant
