#pragma once

#include <vector>

#include "descant/token_mask.h"

namespace descant {

struct ScheduledNote {
  int pitch = -1;     // the pitch it must have, or -1
  int duration = -1;  // the NoteDuration value it must have, or -1
};

struct ScheduledGroup {
  int position = 0;  // model ticks from the bar's start
  std::vector<ScheduledNote> notes;
};

using BarSchedule = std::vector<ScheduledGroup>;  // ascending positions; empty: the bar is free

struct ScheduleOptions {
  std::vector<BarSchedule> bars;  // of the bars being written, in order
  bool repeat = false;            // the first one holds for every bar
  bool count_at_pitch = false;    // a note is done with its pitch (drums, rhythm masks)
};

// Makes bars hold notes at stated positions and no others: rhythm masks and remix
// (spec/generation.md 6.5).  A group is filled, then the next position is the only way on; where a
// stated value is not legal the choice stays free, where the next position lies outside the bar the
// bar may end.
// Strict repairs three of upstream's dead ends: a microtiming direction is let through to its
// offset, a free chord note does not take a pitch that a later note of the chord must have, and
// bars after those of the schedule may hold notes.
class NoteSchedule {
 public:
  NoteSchedule(const ScheduleOptions& options, bool strict) : options_(&options), strict_(strict) {}

  void accept(TokenType type, int value);
  void restrict_to(TokenMask& mask) const;

  bool states_pitches() const;

 private:
  const BarSchedule* bar() const;  // null: nothing is asked of this bar
  bool awaits_lead_in(const BarSchedule& groups) const;
  void ask_for_pitch(const ScheduledGroup& group, TokenMask& mask) const;
  void ask_to_move_on(const BarSchedule& groups, TokenMask& mask) const;

  const ScheduleOptions* options_;
  bool strict_;
  std::size_t bar_ = 0;
  std::size_t group_ = 0;
  std::size_t note_ = 0;
  bool begun_ = false;            // a position or a note of this bar was said
  bool awaits_duration_ = false;  // a pitch was said, its duration not yet
  TokenType last_ = TokenType::PieceStart;
};

}  // namespace descant
