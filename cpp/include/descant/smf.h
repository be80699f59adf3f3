#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace descant {

// What one file may ask of us; BadFile names the limit and the number found.
struct SmfLimits {
  std::size_t bytes = std::size_t{64} << 20;
  std::size_t events = 4'000'000;
  std::size_t tracks = 4'096;      // tracks of the score, one per (chunk, channel, program)
  std::int64_t bars = 100'000;     // of one track
  std::int64_t cells = 4'000'000;  // bars of all tracks together
};

// One event at an absolute tick.  A channel message has its data bytes in `first` and `second`;
// a meta event has its type in `first`.  Payloads of meta and system exclusive events are `size`
// bytes at `payload` in the data that was parsed.
struct SmfEvent {
  std::int64_t tick = 0;
  std::uint32_t payload = 0;
  std::uint32_t size = 0;
  std::uint8_t status = 0;
  std::uint8_t first = 0;
  std::uint8_t second = 0;

  bool is_channel_message() const { return status < 0xF0; }
  int channel() const { return status & 0x0F; }
  int kind() const { return status & 0xF0; }
  bool is_note_on() const { return kind() == 0x90 && second > 0; }
  bool is_note_off() const { return kind() == 0x80 || (kind() == 0x90 && second == 0); }
  bool is_meta(int type) const { return status == 0xFF && first == type; }
};

struct SmfChunk {
  std::vector<SmfEvent> events;  // without the end of track
  std::int64_t end = 0;          // tick of the end of track, or of the last event
};

struct SmfFile {
  int format = 1;
  int division = 480;                   // ticks per quarter note
  std::span<const std::uint8_t> bytes;  // what payloads point into; not owned
  std::vector<SmfChunk> chunks;
};

// Data bytes of a channel or system common message with this status.
int smf_data_bytes(int status);

// Read a Standard MIDI file, also one wrapped in RIFF ("RMID"); rules of spec/encoding.md 2.1.
// Linear in the size of the data, never reads outside it.  The result points into `data`.
// BadFile says what is wrong, in which chunk (counted from 1) and at which byte.
SmfFile parse_smf(std::span<const std::uint8_t> data, const SmfLimits& limits = {});

}  // namespace descant
