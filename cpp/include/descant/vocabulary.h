#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "descant/attribute_table.h"
#include "descant/encoder_config.h"
#include "descant/token_type.h"

namespace descant {

// Token ids: the domains laid end to end; id = domain offset + value.
// Immutable after construction; every method is const, cheap and thread-safe.
class Vocabulary {
 public:
  // BadVocabulary when the settings contradict themselves.
  explicit Vocabulary(EncoderConfig config);

  const EncoderConfig& config() const { return config_; }
  const std::vector<TokenDomain>& domains() const { return domains_; }
  const std::vector<AttributeSpec>& attributes() const { return attributes_; }
  int size() const { return static_cast<int>(types_.size()); }

  bool has(TokenType type) const { return domain_size(type) > 0; }
  // First id of the type; -1 for a type the vocabulary lacks.
  int offset(TokenType type) const { return offsets_[index(type)]; }
  int domain_size(TokenType type) const { return sizes_[index(type)]; }

  int encode(TokenType type, int value) const;  // IllegalToken outside the domain
  int clamped(TokenType type,
              int value) const;     // nearest value of the domain; IllegalToken if none
  TokenType type(int token) const;  // IllegalToken outside the vocabulary
  int value(int token) const;       // the same

  // "Type" or "Type:value", for people and messages; IllegalToken outside the vocabulary.
  std::string token_name(int token) const;

  // Programs that share a token share a value; outside 0..127: value 0.
  int instrument_value(int program) const;
  int program(int instrument_value) const;  // the group's first program
  int velocity_level(int velocity) const {
    return levels_[static_cast<std::size_t>(std::clamp(velocity, 0, 127))];
  }
  int velocity(int level) const;  // back to 1..127; level 0 gives 100
  int time_signature_value(int numerator, int denominator) const;  // -1 when unknown
  // 4/4 for a value without a meter in the settings.
  std::pair<int, int> time_signature(int value) const;
  int num_bars_value(int bars) const;              // IllegalToken when the window is unknown
  int genre_value(const std::string& name) const;  // -1 when unknown; letter case is ignored
  std::vector<std::string> genres() const;         // canonical names by value

 private:
  static std::size_t index(TokenType type) { return static_cast<std::size_t>(type); }

  EncoderConfig config_;
  std::vector<AttributeSpec> attributes_;
  std::vector<TokenDomain> domains_;
  std::vector<TokenType> types_;  // by id
  std::array<int, kTokenTypeLimit> offsets_{};
  std::array<int, kTokenTypeLimit> sizes_{};
  std::array<int, 128> levels_{};         // velocity -> level
  std::vector<int> velocities_;           // level -> velocity
  std::array<int, 128> instruments_{};    // program -> value
  std::vector<int> programs_;             // value -> program
  std::map<std::string, int> genre_ids_;  // lower-case alias -> value

  void lay_out();
  void index_velocities();
  void index_instruments();
  void index_genres();
};

}  // namespace descant
