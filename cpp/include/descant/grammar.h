#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "descant/token_mask.h"
#include "descant/vocabulary.h"

namespace descant {

// Whose rules to follow; V024 exists only to replay recordings of midigpt 0.2.4.
enum class GrammarVersion { V042, V024 };

// What an infill block is to hold.
struct FillBlock {
  bool drum = false;
  int numerator = 4;
  int denominator = 4;

  double quarters() const { return 4.0 * numerator / denominator; }
};

struct GrammarOptions {
  int exact_bars = -1;          // bars of every track; -1: free
  bool autoregressive = false;  // no infill tokens
  bool require_notes = true;    // a bar or block must hold a note before it may end
  int max_tracks = -1;          // -1: free
  bool strict = true;           // only what the encoder would write; false: exactly upstream
  bool ascending = true;        // strict: chord notes ascend (else: no pitch twice at one onset)
  GrammarVersion version = GrammarVersion::V042;
  std::vector<FillBlock> blocks;  // of the infill targets, in order
};

// Follows the tokens so far and answers one question: what is legal next?
//
// Not strict, it replays upstream to the token (spec/encoding.md 7.2, 7.4).  Strict, it allows what
// the encoder of this vocabulary would write and nothing else: each attribute at most once and in
// order, a meter in every bar, positions and pitches that ascend, no bar or block left by a side
// door.
//
// Cost: O(1) per accept but for the check, O(V / 32) per fill.  Copies are cheap and independent.
// Not thread-safe; the vocabulary must outlive it.
class Grammar {
 public:
  Grammar(const Vocabulary& vocabulary, GrammarOptions options);

  // Takes a token as said, legal or not: for prompts.  IllegalToken outside the vocabulary.
  void advance(int token);
  // Takes a token that must be legal; IllegalToken names it, its type and its position.
  void accept(int token);
  // Adds to `mask` every token that is legal now; the mask should be empty.
  void fill(TokenMask& mask) const;

  TokenType last() const { return last_; }
  bool started() const { return length_ > 0; }
  int length() const { return length_; }        // tokens taken so far
  int track_count() const { return tracks_; }   // Track tokens so far
  int bar_count() const { return bars_; }       // Bar tokens since the last Track
  int blocks_begun() const { return blocks_; }  // FillInStart tokens so far
  bool drum() const { return drum_; }
  bool strict() const { return options_->strict; }
  // Strict: whether a pitch of the set (128 bits, or null for all) may still sound at this onset.
  bool pitch_left(const std::array<std::uint32_t, 4>* pitches) const;

 private:
  void follow(TokenType type, int value);
  bool is_track_attribute(TokenType type) const;
  bool is_bar_attribute(TokenType type) const;

  void fill_upstream(TokenMask& mask) const;
  void fill_strict(TokenMask& mask) const;
  void fill_header(TokenMask& mask) const;
  void allow_attributes(const std::vector<TokenType>& types, TokenMask& mask) const;
  // Those that may still follow `last` in the order of the encoder, all when it is none of them.
  void allow_later(const std::vector<TokenType>& types, TokenMask& mask) const;
  void allow_bar_content(TokenMask& mask) const;  // strict
  void allow_bars_or_end(TokenMask& mask) const;
  void allow_note_start(TokenMask& mask) const;
  void allow_pitches(TokenMask& mask) const;
  void allow_end(TokenMask& mask) const;
  bool closable() const { return !options_->require_notes || has_notes_; }
  int position_limit() const;  // one past the last position of the bar or block

  const Vocabulary* vocabulary_;
  std::shared_ptr<const GrammarOptions> options_;  // shared by copies
  std::shared_ptr<const std::vector<TokenType>> track_attributes_;
  std::shared_ptr<const std::vector<TokenType>> bar_attributes_;
  TokenType last_ = TokenType::PieceStart;
  int length_ = 0;
  int tracks_ = 0;
  int bars_ = 0;
  int blocks_ = 0;
  int position_ = -1;
  double quarters_ = 4.0;
  bool drum_ = false;
  bool in_bar_ = false;
  bool in_fill_ = false;
  bool has_notes_ = false;
  int last_pitch_ = -1;
  std::array<std::uint32_t, 4> sounding_{};  // pitches begun at this onset
};

}  // namespace descant
