#include "descant/note_schedule.h"

#include <algorithm>

namespace descant {

using T = TokenType;

const BarSchedule* NoteSchedule::bar() const {
  const std::size_t index = options_->repeat ? 0 : bar_;
  if (index >= options_->bars.size() || options_->bars[index].empty()) return nullptr;
  return &options_->bars[index];
}

bool NoteSchedule::states_pitches() const {
  for (const BarSchedule& groups : options_->bars)
    for (const ScheduledGroup& group : groups)
      for (const ScheduledNote& note : group.notes)
        if (note.pitch >= 0) return true;
  return false;
}

void NoteSchedule::accept(TokenType type, int value) {
  last_ = type;
  switch (type) {
    case T::TimeAbsolutePos: {
      const BarSchedule* groups = bar();
      const bool lead_in = groups && awaits_lead_in(*groups) && value == groups->front().position;
      if (!lead_in) {
        ++group_;
        note_ = 0;
      }
      begun_ = true;
      break;
    }
    case T::NoteOnset:
      begun_ = true;
      awaits_duration_ = !options_->count_at_pitch;
      if (options_->count_at_pitch) ++note_;
      break;
    case T::NoteDuration:
      if (!options_->count_at_pitch) ++note_;
      awaits_duration_ = false;
      break;
    case T::BarEnd:
    case T::FillInEnd:
      ++bar_;
      group_ = note_ = 0;
      begun_ = awaits_duration_ = false;
      break;
    default:
      break;
  }
}

bool NoteSchedule::awaits_lead_in(const BarSchedule& groups) const {
  return !begun_ && groups.front().position > 0;
}

void NoteSchedule::restrict_to(TokenMask& mask) const {
  const BarSchedule* groups = bar();
  if (!strict_ && !options_->repeat && bar_ >= options_->bars.size()) remove_note_starts(mask);
  if (!groups || (strict_ && last_ == T::DeltaDirection)) return;
  if (awaits_duration_) {
    if (group_ >= groups->size() || note_ >= (*groups)[group_].notes.size()) return;
    const int duration = (*groups)[group_].notes[note_].duration;
    if (mask.has(T::NoteDuration, duration)) mask.remove_others(T::NoteDuration, duration);
    return;
  }
  if (awaits_lead_in(*groups)) {
    const int position = groups->front().position;
    if (mask.has(T::TimeAbsolutePos, position)) {
      remove_notes(mask);
      remove_ends(mask);
      mask.remove_others(T::TimeAbsolutePos, position);
      return;
    }
    if (!mask.any(T::TimeAbsolutePos) && !mask.any(T::NoteOnset)) return;
  }
  if (group_ >= groups->size()) {
    remove_note_starts(mask);
    return;
  }
  const ScheduledGroup& group = (*groups)[group_];
  if (note_ < group.notes.size() && mask.any(T::NoteOnset))
    ask_for_pitch(group, mask);
  else
    ask_to_move_on(*groups, mask);
}

void NoteSchedule::ask_for_pitch(const ScheduledGroup& group, TokenMask& mask) const {
  mask.remove(T::TimeAbsolutePos);
  remove_ends(mask);
  const int pitch = group.notes[note_].pitch;
  if (mask.has(T::NoteOnset, pitch)) {
    mask.remove_others(T::NoteOnset, pitch);
    return;
  }
  if (!strict_) return;
  TokenMask spared = mask;
  for (std::size_t i = note_ + 1; i < group.notes.size(); ++i)
    if (const int later = group.notes[i].pitch; later >= 0)
      spared.remove(T::NoteOnset, later, later + 1);
  if (spared.any(T::NoteOnset)) mask = std::move(spared);
}

void NoteSchedule::ask_to_move_on(const BarSchedule& groups, TokenMask& mask) const {
  remove_notes(mask);
  if (group_ + 1 >= groups.size()) {
    mask.remove(T::TimeAbsolutePos);
    return;
  }
  const int next = groups[group_ + 1].position;
  const bool reachable = mask.has(T::TimeAbsolutePos, next);
  mask.remove_others(T::TimeAbsolutePos, next);
  if (reachable) remove_ends(mask);
}

}  // namespace descant
