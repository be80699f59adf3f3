#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace descant {

// Music as the encoder sees it: plain values, times in ticks of `Score::resolution` to the quarter.
struct Note {
  int pitch = 0;
  int velocity = 0;
  int onset = 0;     // ticks from the start of the note's bar
  int duration = 0;  // ticks; may run past the bar's end
  int delta = 0;     // microtiming, in 1/resolution of one tick

  bool operator==(const Note&) const = default;
};

struct Bar {
  std::vector<Note> notes;
  int numerator = 4;
  int denominator = 4;
  bool future = false;  // hidden from the model

  double quarters() const { return 4.0 * numerator / denominator; }
  bool operator==(const Bar&) const = default;
};

struct Track {
  std::vector<Bar> bars;
  int program = 0;
  bool drum = false;
  std::map<std::string, int> attributes;  // levels by attribute name, see spec/encoding.md 5.1

  bool operator==(const Track&) const = default;
};

struct Score {
  std::vector<Track> tracks;
  int resolution = 480;
  int tempo = 500000;  // microseconds per quarter

  bool operator==(const Score&) const = default;
};

// The same music on another grid; times are floored to it, and `use_delta` keeps what the flooring
// took away as microtiming (spec/encoding.md 1.1).  Equal resolutions: the score as it is.
// BadScore when `target` is outside 1..32767.
Score resampled(const Score& score, int target, bool use_delta);

// The named tracks, in that order, cut to `count` bars from `first_bar` on and renumbered from 0;
// bar attributes move along.  Bars past the end of a track are left out.
// BadScore for a track the score lacks.
Score windowed(const Score& score, std::span<const int> tracks, int first_bar, int count);

}  // namespace descant
