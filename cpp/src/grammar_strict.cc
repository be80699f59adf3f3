// The grammar of what the encoder writes.
#include <iterator>

#include "descant/grammar.h"

namespace descant {
namespace {

using T = TokenType;

// What stands before the first track, in order (spec/encoding.md 5.1).
struct HeaderPart {
  T type;
  bool optional;
};
constexpr HeaderPart kHeader[] = {{T::PieceStart, false},     {T::UseVelocity, false},
                                  {T::UseMicrotiming, false}, {T::Genre, true},
                                  {T::NumBars, false},        {T::Track, false}};

int header_index(T type) {
  for (std::size_t i = 0; i < std::size(kHeader); ++i)
    if (kHeader[i].type == type) return static_cast<int>(i);
  return -1;
}

}  // namespace

void Grammar::fill_header(TokenMask& mask) const {
  const int at = started() ? header_index(last_) : 0;
  for (std::size_t i = static_cast<std::size_t>(at + 1); i < std::size(kHeader); ++i) {
    if (!vocabulary_->has(kHeader[i].type)) continue;
    mask.allow(kHeader[i].type);
    if (!kHeader[i].optional) return;
  }
}

void Grammar::allow_bar_content(TokenMask& mask) const {
  if (last_ != T::TimeSig && vocabulary_->has(T::TimeSig)) {
    mask.allow(T::TimeSig);
    return;
  }
  allow_note_start(mask);
  if (closable()) mask.allow(T::BarEnd);
}

// Only what the encoder writes: spec/encoding.md 5.
void Grammar::fill_strict(TokenMask& mask) const {
  const T last = started() ? last_ : T::PieceStart;
  if (last != T::Track && header_index(last) >= 0) {
    fill_header(mask);
    return;
  }
  if (is_bar_attribute(last)) {
    allow_later(*bar_attributes_, mask);
    allow_bar_content(mask);
    return;
  }
  if (is_track_attribute(last)) {
    allow_later(*track_attributes_, mask);
    allow_bars_or_end(mask);
    return;
  }
  switch (last) {
    case T::Track:
      if (vocabulary_->has(T::Instrument)) {
        mask.allow(T::Instrument);
        break;
      }
      [[fallthrough]];
    case T::Instrument:
      allow_later(*track_attributes_, mask);
      allow_bars_or_end(mask);
      break;
    case T::Bar:
      allow_later(*bar_attributes_, mask);
      allow_bar_content(mask);
      break;
    case T::TimeSig:
      allow_bar_content(mask);
      break;
    case T::MaskBar:
    case T::FillInPlaceholder:
      mask.allow(T::BarEnd);
      break;
    case T::BarEnd:
      allow_bars_or_end(mask);
      break;
    case T::TimeAbsolutePos:
      mask.allow(T::VelocityLevel);
      mask.allow(T::DeltaDirection);
      mask.allow(T::Delta);
      allow_pitches(mask);
      break;
    case T::VelocityLevel:
      mask.allow(T::DeltaDirection);
      mask.allow(T::Delta);
      allow_pitches(mask);
      break;
    case T::DeltaDirection:
      mask.allow(T::Delta);
      break;
    case T::Delta:
      allow_pitches(mask);
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
      allow_note_start(mask);
      if (!options_->require_notes) mask.allow(T::FillInEnd);
      break;
    case T::FillInEnd:
      if (static_cast<std::size_t>(blocks_) < options_->blocks.size()) mask.allow(T::FillInStart);
      break;
    default:
      break;  // after the end of a piece nothing is legal
  }
}

}  // namespace descant
