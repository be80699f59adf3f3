#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace descant {

struct SmfNote {
  std::int64_t on = 0;
  std::int64_t off = 0;  // not after `on`: a note without length
  int pitch = 0;
  int velocity = 0;
  int release = 64;
};

// What one owner contributes to a chunk.  Raw events are laid end to end as in RawEvents: message i
// is data[starts[i], starts[i + 1]).
struct SmfPart {
  int channel = -1;  // -1: raw events keep their channel, and there are no notes
  int program = 0;   // of the notes, and of every program change among the raw events
  std::vector<SmfNote> notes;
  std::vector<std::int64_t> ticks;
  std::vector<std::int64_t> starts{0};
  std::vector<std::uint8_t> data;
};

struct SmfOutChunk {
  std::vector<SmfPart> parts;
  std::int64_t end = -1;  // earliest end of track; -1: one tick after the last event
};

// The bytes of a Standard MIDI file, spec/encoding.md 2.6.  At one tick come raw events, then
// releases, then notes; a program change is added where a note would sound with another program.
// A stray note-off inside a note, and a note that was never closed before a note of its pitch, are
// left out: they would change the notes.
// BadScore names the chunk (from 1) and the value that no file can hold.
std::vector<std::uint8_t> write_smf(int format, int division, std::span<const SmfOutChunk> chunks);

}  // namespace descant
