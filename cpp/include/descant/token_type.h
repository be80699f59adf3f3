#pragma once

#include <optional>
#include <string_view>

namespace descant {

// What a token says; the numbers are upstream's and are permanent.  Types that no encoder known to
// us uses are named all the same, so that any checkpoint's domain list can be read back and
// written. Numbers from 128 on are Descant's own (design: bar-level levels for every kind of
// track).
enum class TokenType : int {
  PieceStart = 0,
  NoteOnset = 1,
  NotePitch = 3,
  TimeAbsolutePos = 7,
  Instrument = 8,
  Bar = 9,
  BarEnd = 10,
  Track = 11,
  TrackEnd = 12,
  FillInPlaceholder = 15,
  FillInStart = 16,
  FillInEnd = 17,
  VelocityLevel = 19,
  Genre = 20,
  NoteDensity = 21,
  TimeSig = 22,
  NoteDuration = 26,
  MinPolyphony = 28,
  MaxPolyphony = 29,
  MinNoteDuration = 30,
  MaxNoteDuration = 31,
  NumBars = 32,
  BarLevelOnsetDensity = 40,
  BarLevelOnsetPolyphonyMin = 41,
  BarLevelOnsetPolyphonyMax = 42,
  TrackLevelPitchRangeMin = 48,
  TrackLevelPitchRangeMax = 49,
  KeySignature = 50,
  BarLevelPitchClassSet = 51,
  TrackLevelSilenceProportionMax = 53,
  Tension = 58,
  Delta = 68,
  DeltaDirection = 69,
  PieceEnd = 70,
  MaskBar = 71,
  TensionDrum = 77,
  UseVelocity = 86,
  UseMicrotiming = 87,
  TrackLevelNomml = 88,
  BarLevelNoteDurationMin = 128,
  BarLevelNoteDurationMax = 129,
  TrackLevelPitchLow = 130,
  TrackLevelPitchHigh = 131,
};

inline constexpr int kTokenTypeLimit = 132;  // one past the largest number

// The type of any accepted spelling (canonical, alias or TOKEN_ form), or nothing.
std::optional<TokenType> token_type_from(std::string_view spelling);

// The canonical spelling: the one written into a checkpoint.
std::string_view token_type_name(TokenType type);

}  // namespace descant
