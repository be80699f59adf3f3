#pragma once

#include <vector>

#include "descant/grammar.h"
#include "descant/token_mask.h"

namespace descant {

// A value that an attribute (or the meter) of a track written from its beginning must have.
struct TrackWish {
  TokenType type;
  int value;
};

// The same for one bar of the window.
struct BarWish {
  TokenType type;
  int track;  // replay: index in the step's tracks; strict: not looked at, the written track counts
  int bar;    // in the window
  int value;
};

// Removes every other value of what was wished.  Strict, a wished attribute is also written: no
// token that would come after it is legal before it.  Upstream leaves that to the model, and counts
// context tracks too, so that a bar wish works only for the last track (spec/generation.md 6.2).
void apply_wishes(const std::vector<TrackWish>& wishes, const Grammar& grammar, TokenMask& mask);
void apply_wishes(const std::vector<BarWish>& wishes, const Grammar& grammar, TokenMask& mask);

// Keeps a piece in its one meter (spec/generation.md 6.4): the only legal TimeSig value, and
// nothing of a bar before it.
class MeterKeeper {
 public:
  explicit MeterKeeper(int meter) : meter_(meter) {}  // a TimeSig value; -1: off

  void accept(TokenType type);
  void restrict_to(TokenMask& mask) const;

 private:
  int meter_;
  bool awaited_ = false;
};

}  // namespace descant
