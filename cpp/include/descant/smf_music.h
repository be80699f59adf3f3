#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "descant/smf.h"

namespace descant {

// Pitch, velocity, onset in the bar, duration, delta, release velocity; as in the Python Notes.
using NoteRow = std::array<std::int32_t, 6>;

struct SmfBar {
  std::int64_t start = 0;   // file ticks
  std::int64_t length = 0;  // file ticks
  int numerator = 4;
  int denominator = 4;
};

// Events as raw messages laid end to end: message i is data[starts[i], starts[i + 1]), without
// delta time and without the length of meta and system exclusive payloads.
struct RawEvents {
  std::vector<std::int64_t> ticks;
  std::vector<std::int32_t> chunks;  // index of the chunk each stood in
  std::vector<std::int64_t> starts{0};
  std::vector<std::uint8_t> data;
};

// The bars of a track that hold notes: notes [begin, end) of the track belong to `bar`.
struct BarNotes {
  std::int32_t bar;
  std::int32_t begin;
  std::int32_t end;
};

struct SmfTrack {
  int chunk = 0;
  int channel = 0;
  int program = 0;
  std::vector<NoteRow> notes;  // in note-on order
  std::vector<BarNotes> bars;  // ascending
  std::string name;            // track name of the chunk, when the chunk has one channel
  RawEvents events;
};

// A file's music as a score holds it.
struct SmfMusic {
  int format = 1;
  int division = 480;              // ticks per quarter of `bars` and `ends`
  int resolution = 480;            // ticks per quarter of the notes
  std::vector<std::int64_t> ends;  // end-of-track tick of each chunk
  std::vector<SmfBar> bars;        // of every track
  std::vector<SmfTrack> tracks;
  int tempo = 0;     // upstream's choice among the tempo events, 0: none
  RawEvents events;  // what belongs to no track
};

// Notes, tracks and bars after spec/encoding.md 2.2 to 2.5.
// resolution 0: at the file's own division, losing nothing: bars cut by a meter change keep their
// true length, zero-length notes stay so, meters without length are ignored, and whatever is not a
// note is in `events`.  Otherwise exactly what upstream's reader makes, notes only.
// BadFile when the limits are passed or a time does not fit.
SmfMusic music_of(const SmfFile& file, int resolution, const SmfLimits& limits = {});

}  // namespace descant
