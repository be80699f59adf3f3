#include "descant/smf.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "descant/error.h"

namespace descant {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr int kEndOfTrack = 0x2F;
constexpr int kMeta = 0xFF;

bool starts_with(Bytes data, std::size_t at, std::string_view tag) {
  if (data.size() < at + tag.size()) return false;
  return std::equal(tag.begin(), tag.end(), data.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

std::uint32_t big_endian(Bytes data, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | data[at + i];
  return value;
}

std::uint32_t little_endian(Bytes data, std::size_t at) {
  return data[at] | data[at + 1] << 8 | data[at + 2] << 16 |
         static_cast<std::uint32_t>(data[at + 3]) << 24;
}

std::string hex(int byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {digits[static_cast<std::size_t>(byte >> 4 & 15)],
          digits[static_cast<std::size_t>(byte & 15)]};
}

// The MIDI data inside a RIFF file of type RMID; positions stay those of the whole file.
std::size_t riff_payload(Bytes data, std::size_t& end) {
  if (!starts_with(data, 8, "RMID")) {
    throw BadFile("this is a RIFF file, but not one that holds MIDI (no RMID mark)");
  }
  std::size_t at = 12;
  while (at + 8 <= data.size()) {
    const std::size_t size = little_endian(data, at + 4);
    const std::size_t rest = data.size() - at - 8;
    if (starts_with(data, at, "data")) {
      end = at + 8 + std::min(size, rest);
      return at + 8;
    }
    if (size > rest) break;
    at += 8 + size + size % 2;
  }
  throw BadFile("the RIFF file has no data chunk, so it holds no music");
}

// Reads the events of one chunk.
class ChunkReader {
 public:
  ChunkReader(Bytes data, std::size_t begin, std::size_t end, std::size_t number)
      : data_(data), at_(begin), end_(end), number_(number) {}

  void read(SmfChunk& chunk, std::size_t room) {
    chunk.events.reserve(std::min(room, (end_ - at_) / 3));
    std::int64_t tick = 0;
    while (at_ < end_) {
      const std::int64_t next = tick + variable_length();
      const SmfEvent event = read_event(next);
      if (event.is_meta(kEndOfTrack)) {
        chunk.end = next;
        return;
      }
      if (chunk.events.size() == room) {
        throw BadFile("the file holds more than the allowed number of events (reached in " +
                      place() + ")");
      }
      chunk.events.push_back(event);
      tick = next;
    }
    chunk.end = tick;
  }

 private:
  std::string place() const {
    return "track chunk " + std::to_string(number_) + " at byte " + std::to_string(at_);
  }

  std::uint8_t byte() {
    if (at_ >= end_) {
      throw BadFile("the music is cut off in the middle of an event (" + place() + ")");
    }
    return data_[at_++];
  }

  std::uint32_t variable_length() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const std::uint8_t next = byte();
      value = value << 7 | (next & 0x7F);
      if (next < 0x80) return value;
    }
    throw BadFile("a time or length is longer than four bytes (" + place() + ")");
  }

  SmfEvent read_event(std::int64_t tick) {
    SmfEvent event{.tick = tick};
    event.status = byte();
    if (event.status < 0x80) {
      if (running_ == 0) {
        throw BadFile("byte " + hex(event.status) + " stands where an event should begin (" +
                      place() + ")");
      }
      --at_;
      event.status = running_;
    }
    if (event.is_channel_message()) {
      running_ = event.status;
      read_channel_message(event);
    } else {
      read_system_message(event);
    }
    return event;
  }

  void read_channel_message(SmfEvent& event) {
    event.first = data_byte(event);
    if (smf_data_bytes(event.status) == 2) event.second = data_byte(event);
  }

  // Upstream refuses the top bit in notes, controllers and programs and overlooks it elsewhere.
  std::uint8_t data_byte(const SmfEvent& event) {
    const std::uint8_t value = byte();
    if (value < 0x80) return value;
    const int kind = event.kind();
    if (kind == 0x80 || kind == 0x90 || kind == 0xB0 || kind == 0xC0) {
      throw BadFile("value " + std::to_string(value) + " in an event " + hex(event.status) +
                    " is above 127 (" + place() + ")");
    }
    return value & 0x7F;
  }

  void read_system_message(SmfEvent& event) {
    const int status = event.status;
    if (status == 0xF4 || status == 0xF5 || status == 0xF9 || status == 0xFD) {
      throw BadFile("status byte " + hex(status) + " is not defined in MIDI (" + place() + ")");
    }
    if (status == kMeta) {
      event.first = byte();
      read_payload(event);
      return;
    }
    running_ = 0;
    if (status == 0xF0 || status == 0xF7) {
      read_payload(event);
      return;
    }
    const int count = smf_data_bytes(status);
    if (count > 0) event.first = byte() & 0x7F;
    if (count > 1) event.second = byte() & 0x7F;
  }

  void read_payload(SmfEvent& event) {
    event.size = variable_length();
    if (event.size > end_ - at_) {
      throw BadFile("an event of " + std::to_string(event.size) + " bytes is cut off after " +
                    std::to_string(end_ - at_) + " (" + place() + ")");
    }
    event.payload = static_cast<std::uint32_t>(at_);
    at_ += event.size;
  }

  Bytes data_;
  std::size_t at_;
  std::size_t end_;
  std::size_t number_;
  std::uint8_t running_ = 0;
};

struct Header {
  int format;
  std::size_t declared;
  int division;
};

Header read_header(Bytes data, std::size_t at, std::size_t end) {
  if (end - at < 14) {
    throw BadFile("a MIDI file has at least 14 bytes, this one has " + std::to_string(end - at));
  }
  if (!starts_with(data, at, "MThd")) {
    throw BadFile("this is not a MIDI file: it does not begin with MThd");
  }
  if (const auto length = big_endian(data, at + 4, 4); length != 6) {
    throw BadFile("the header's length is " + std::to_string(length) + ", it must be 6");
  }
  const int format = static_cast<int>(big_endian(data, at + 8, 2));
  if (format > 2) {
    throw BadFile("MIDI file format " + std::to_string(format) + " is unknown; 0, 1 and 2 exist");
  }
  const int division = static_cast<int>(big_endian(data, at + 12, 2));
  if (division > 0x7FFF) {
    throw BadFile("the file counts time in film frames (SMPTE), not in beats; only beats are read");
  }
  return {format, big_endian(data, at + 10, 2), division == 0 ? 480 : division};
}

// The bounds of the next MTrk, or false at the end of the file.
bool next_chunk(Bytes data, std::size_t end, std::size_t& at, std::size_t& chunk_end,
                std::size_t number) {
  while (at < end) {
    const std::string place =
        "track chunk " + std::to_string(number) + " at byte " + std::to_string(at);
    if (end - at < 8) {
      throw BadFile("the file is cut off in the header of " + place);
    }
    const std::size_t size = big_endian(data, at + 4, 4);
    const bool is_track = starts_with(data, at, "MTrk");
    const std::size_t rest = end - at - 8;
    if (size > rest) {
      throw BadFile("the file is cut off: " + place + " should have " + std::to_string(size) +
                    " bytes, " + std::to_string(rest) + " are left");
    }
    at += 8;
    if (is_track) {
      chunk_end = at + size;
      return true;
    }
    at += size;
  }
  return false;
}

}  // namespace

int smf_data_bytes(int status) {
  if (status < 0xF0) return (status & 0xE0) == 0xC0 ? 1 : 2;
  if (status == 0xF2) return 2;
  return status == 0xF1 || status == 0xF3 ? 1 : 0;
}

SmfFile parse_smf(Bytes data, const SmfLimits& limits) {
  if (data.size() > limits.bytes) {
    throw BadFile("the file has " + std::to_string(data.size()) + " bytes; at most " +
                  std::to_string(limits.bytes) + " are read");
  }
  std::size_t at = 0;
  std::size_t end = data.size();
  if (starts_with(data, 0, "RIFF")) at = riff_payload(data, end);
  const Header header = read_header(data, at, end);
  at += 14;
  SmfFile file{.format = header.format, .division = header.division, .bytes = data, .chunks = {}};
  std::size_t room = limits.events;
  std::size_t chunk_end = 0;
  while (file.chunks.size() < header.declared &&
         next_chunk(data, end, at, chunk_end, file.chunks.size() + 1)) {
    SmfChunk& chunk = file.chunks.emplace_back();
    ChunkReader(data, at, chunk_end, file.chunks.size()).read(chunk, room);
    room -= chunk.events.size();
    at = chunk_end;
  }
  return file;
}

}  // namespace descant
