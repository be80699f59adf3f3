#pragma once

#include "descant/grammar.h"
#include "descant/token_mask.h"

namespace descant {

// Hard limits on the notes begun at one position (polyphony) and in one bar (density).
// Source: spec/generation.md 6.2; 0.2.4 counted across infill blocks, which is kept for replay.
class NoteLimits {
 public:
  NoteLimits(int polyphony, int density, GrammarVersion version)  // 0: no limit
      : polyphony_(polyphony), density_(density), version_(version) {}

  void accept(TokenType type);
  void restrict_to(TokenMask& mask) const;

 private:
  int polyphony_;
  int density_;
  GrammarVersion version_;
  int at_position_ = 0;
  int in_bar_ = 0;
};

}  // namespace descant
