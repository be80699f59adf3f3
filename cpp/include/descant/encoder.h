#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "descant/score.h"
#include "descant/vocabulary.h"

namespace descant {

// How to write a score (spec/encoding.md 9).  Indices are of the score given, from 0.
struct EncodeOptions {
  int window_bars = -1;  // what NumBars says; -1: the longest track, or 4
  std::vector<std::pair<int, int>>
      targets;               // track, bar to infill; those that do not exist count not
  bool infill = false;       // infill form even when `targets` is empty; any target switches it on
  int partial_track = -1;    // this track is written without TrackEnd ...
  int partial_bars = -1;     // ... and only its first bars; -1: all
  bool span_future = false;  // future bars: header only, reported as hidden spans
  bool remove_future = false;    // future bars: empty, without attributes
  int velocity = -1;             // velocity tokens: 0 off, 1 on, -1 the encoder's default (on)
  int microtiming = -1;          // the same for microtiming tokens
  int genre = -1;                // value of the genre, -1 none
  bool prompt = false;           // stop right after the first FillInStart; never close the piece
  bool pitch_class_set = false;  // write measured pitch class counts, which 0.3.2 to 0.4.2 do not
};

// Half-open range of positions in the token sequence.
struct TokenRange {
  int begin = 0;
  int end = 0;

  bool operator==(const TokenRange&) const = default;
};

// Velocity level in force at a target when generated notes before it decide.
inline constexpr int kCarriedLevel = -1;

struct BarRange {
  int track = 0;
  int bar = 0;
  TokenRange tokens;
  // Velocity level a decoder has on entering the bar: 0 none yet in the track, kCarriedLevel that
  // of the end of the last target before it in the track.
  int velocity_level = 0;
};

struct Encoded {
  std::vector<std::int32_t> tokens;
  std::vector<TokenRange> hidden;  // of future bars with `span_future`
  std::vector<TokenRange> tracks;  // Track to TrackEnd, by track
  std::vector<BarRange> bars;      // Bar to BarEnd, in the order written
  std::vector<BarRange> blocks;    // FillInStart to FillInEnd, in the order written; with `prompt`
                                   // the first only, of one token
};

// Music -> tokens.  The score must be on the model grid, and holds the attributes to be written.
// Cost: linear in notes (n log n in a bar whose notes are out of order); no allocation per token.
// Immutable; keeps a reference to the vocabulary; `encode` may run in several threads at once.
class Encoder {
 public:
  explicit Encoder(const Vocabulary& vocabulary);

  // BadScore for a meter the vocabulary lacks; BadRequest for targets where it cannot infill;
  // IllegalToken for a window length it lacks.
  Encoded encode(const Score& score, const EncodeOptions& options) const;

 private:
  const Vocabulary& vocabulary_;
};

}  // namespace descant
