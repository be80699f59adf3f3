// The grammar of midigpt 0.4.2 and 0.2.4, for replay.

#include "descant/grammar.h"

namespace descant {

using T = TokenType;

// Upstream, to the token: spec/encoding.md 7.2 and 7.4.
void Grammar::fill_upstream(TokenMask& mask) const {
  const bool version_024 = options_->version == GrammarVersion::V024;
  const T last = started() ? last_ : T::PieceStart;
  if (is_bar_attribute(last)) {
    allow_attributes(*bar_attributes_, mask);
    if (!version_024) mask.allow(T::TimeSig);
    mask.allow(T::MaskBar);
    allow_note_start(mask);
    if (!version_024) mask.allow(T::TimeAbsolutePos);  // upstream forgets the limits here
    if (closable()) mask.allow(T::BarEnd);
    return;
  }
  if (last == T::Instrument || is_track_attribute(last)) {
    allow_attributes(*track_attributes_, mask);
    allow_bars_or_end(mask);
    return;
  }
  switch (last) {
    case T::PieceStart:
      mask.allow(T::NumBars);
      mask.allow(T::Track);
      break;
    case T::NumBars:
      mask.allow(T::Track);
      break;
    case T::Track:
      mask.allow(T::Instrument);
      allow_bars_or_end(mask);
      break;
    case T::Bar:
      mask.allow(T::TimeSig);
      allow_attributes(*bar_attributes_, mask);
      mask.allow(T::MaskBar);
      mask.allow(T::FillInPlaceholder);
      allow_note_start(mask);
      if (closable()) mask.allow(T::BarEnd);
      break;
    case T::TimeSig:
      mask.allow(T::Tension);
      mask.allow(T::BarLevelPitchClassSet);
      mask.allow(T::MaskBar);
      mask.allow(T::FillInPlaceholder);
      allow_note_start(mask);
      if (closable()) mask.allow(T::BarEnd);
      break;
    case T::MaskBar:
    case T::FillInPlaceholder:
      mask.allow(T::BarEnd);
      break;
    case T::BarEnd:
      mask.allow(T::FillInStart);
      allow_bars_or_end(mask);
      if (options_->exact_bars < 0 || bars_ >= options_->exact_bars) mask.allow(T::PieceEnd);
      break;
    case T::TimeAbsolutePos:
      mask.allow(T::VelocityLevel);
      mask.allow(T::DeltaDirection);
      mask.allow(T::Delta);
      allow_pitches(mask);
      if (closable()) allow_end(mask);
      break;
    case T::VelocityLevel:
      if (!version_024) mask.allow(T::DeltaDirection);
      mask.allow(T::Delta);
      allow_pitches(mask);
      break;
    case T::DeltaDirection:
      mask.allow(T::Delta);
      break;
    case T::Delta:
      allow_pitches(mask);
      if (version_024) {
        mask.allow(T::Delta);
        mask.allow(T::DeltaDirection);
        if (in_fill_ && closable()) mask.allow(T::FillInEnd);
      }
      break;
    case T::NoteOnset:
    case T::NotePitch:
      if (!drum_) {
        mask.allow(T::NoteDuration);
        break;
      }
      [[fallthrough]];
    case T::NoteDuration:
      allow_note_start(mask);
      allow_end(mask);
      break;
    case T::TrackEnd:
      mask.allow(T::PieceEnd);
      if (options_->max_tracks < 0 || tracks_ < options_->max_tracks) mask.allow(T::Track);
      break;
    case T::FillInStart:
      if (version_024) {
        mask.allow(T::VelocityLevel);
        if (in_bar_)
          mask.allow(T::TimeAbsolutePos, position_ + 1, position_limit());
        else
          mask.allow(T::TimeAbsolutePos);
      } else {
        allow_note_start(mask);
      }
      break;
    case T::FillInEnd:
      mask.allow(T::FillInStart);
      mask.allow(T::BarEnd);
      mask.allow(T::PieceEnd);
      break;
    default:
      mask.fill();
  }
}

}  // namespace descant
