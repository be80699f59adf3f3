#include "descant/smf_writer.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "descant/error.h"
#include "descant/smf.h"

namespace descant {
namespace {

constexpr std::int64_t kLongestGap = 0x0FFFFFFF;

using Bytes = std::vector<std::uint8_t>;

void put_big_endian(Bytes& out, std::uint64_t value, int count) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void put_variable_length(Bytes& out, std::int64_t value) {
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift) out.push_back(static_cast<std::uint8_t>(value >> shift | 0x80));
  }
  out.push_back(static_cast<std::uint8_t>(value & 0x7F));
}

// Places at one tick, in order.
enum class Rank : std::uint8_t { Event, Release, StrayOff, Onset, HangingOn };
enum class Kind : std::uint8_t { Raw, On, Off };

struct Item {
  std::int64_t tick;
  std::uint32_t part;
  std::uint32_t index;  // of the note or the raw event
  Rank rank;
  Kind kind;
};

class ChunkWriter {
 public:
  ChunkWriter(const SmfOutChunk& chunk, std::size_t number, Bytes& out)
      : chunk_(chunk), number_(number), out_(out) {}

  void write() {
    collect_notes();
    collect_events();
    std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
      return a.tick != b.tick ? a.tick < b.tick : a.rank < b.rank;
    });
    const std::size_t header = out_.size();
    for (const char letter : {'M', 'T', 'r', 'k', '\0', '\0', '\0', '\0'}) {
      out_.push_back(static_cast<std::uint8_t>(letter));
    }
    for (const Item& item : items_) write_item(item);
    const std::int64_t end = chunk_.end < 0 ? now_ + 1 : std::max(chunk_.end, now_);
    advance(end);
    out_.insert(out_.end(), {0xFF, 0x2F, 0x00});
    patch_length(header);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw BadScore("track chunk " + std::to_string(number_) + ": " + what);
  }

  void check(int value, int limit, const char* name) const {
    if (value >= 0 && value <= limit) return;
    refuse(std::string(name) + " " + std::to_string(value) + " is outside 0.." +
           std::to_string(limit));
  }

  static std::size_t key(int channel, int pitch) {
    return static_cast<std::size_t>(channel * 128 + pitch);
  }

  void collect_notes() {
    last_on_.fill(-1);
    std::vector<Item> onsets;
    for (std::size_t p = 0; p < chunk_.parts.size(); ++p) {
      const SmfPart& part = chunk_.parts[p];
      if (part.notes.empty()) continue;
      check(part.channel, 15, "channel");
      check(part.program, 127, "program");
      for (std::size_t n = 0; n < part.notes.size(); ++n) {
        const SmfNote& note = part.notes[n];
        check_note(note);
        auto& last = last_on_[key(part.channel, note.pitch)];
        last = std::max(last, note.on);
        onsets.push_back({note.on, static_cast<std::uint32_t>(p), static_cast<std::uint32_t>(n),
                          Rank::Onset, Kind::On});
      }
    }
    const auto by_tick = [](const Item& a, const Item& b) { return a.tick < b.tick; };
    if (!std::is_sorted(onsets.begin(), onsets.end(), by_tick)) {
      std::stable_sort(onsets.begin(), onsets.end(), by_tick);
    }
    items_.reserve(onsets.size() * 2);
    for (Item item : onsets) add_note(item);
  }

  void check_note(const SmfNote& note) const {
    check(note.pitch, 127, "pitch");
    check(note.velocity, 127, "velocity");
    check(note.release, 127, "release velocity");
    if (note.on < 0) refuse("a note at tick " + std::to_string(note.on) + " is before the start");
  }

  void add_note(Item item) {
    const SmfNote& note = chunk_.parts[item.part].notes[item.index];
    const bool has_length = note.off > note.on;
    item.rank = has_length ? Rank::Onset : Rank::Release;
    items_.push_back(item);
    item.kind = Kind::Off;
    item.tick = has_length ? note.off : note.on;
    item.rank = has_length ? Rank::Release : Rank::Onset;
    items_.push_back(item);
  }

  void collect_events() {
    for (std::size_t p = 0; p < chunk_.parts.size(); ++p) {
      const SmfPart& part = chunk_.parts[p];
      for (std::size_t i = 0; i < part.ticks.size(); ++i) {
        check_message(part, i);
        items_.push_back({part.ticks[i], static_cast<std::uint32_t>(p),
                          static_cast<std::uint32_t>(i), rank_of(part, i), Kind::Raw});
      }
    }
  }

  static std::span<const std::uint8_t> message(const SmfPart& part, std::size_t i) {
    const auto begin = static_cast<std::size_t>(part.starts[i]);
    return std::span(part.data).subspan(begin,
                                        static_cast<std::size_t>(part.starts[i + 1]) - begin);
  }

  void check_message(const SmfPart& part, std::size_t i) const {
    const auto bytes = message(part, i);
    const std::string place = "the event at tick " + std::to_string(part.ticks[i]);
    if (part.ticks[i] < 0) refuse(place + " is before the start");
    if (bytes.empty() || bytes[0] < 0x80) refuse(place + " does not begin with a status byte");
    if (bytes[0] == 0xF0 || bytes[0] == 0xF7) return;
    if (bytes[0] == 0xFF) {
      if (bytes.size() < 2) refuse(place + " has no meta type");
      if (bytes[1] == 0x2F) refuse(place + " is an end of track; the writer makes those");
      return;
    }
    const bool right_size = bytes.size() == 1 + static_cast<std::size_t>(smf_data_bytes(bytes[0]));
    const bool in_range =
        std::all_of(bytes.begin() + 1, bytes.end(), [](std::uint8_t b) { return b < 128; });
    if (!right_size || !in_range) refuse(place + " is not a whole MIDI message");
  }

  static Rank rank_of(const SmfPart& part, std::size_t i) {
    const auto bytes = message(part, i);
    const int kind = bytes[0] & 0xF0;
    if (kind == 0x80 || (kind == 0x90 && bytes[2] == 0)) return Rank::StrayOff;
    return kind == 0x90 ? Rank::HangingOn : Rank::Event;
  }

  void write_item(const Item& item) {
    const SmfPart& part = chunk_.parts[item.part];
    if (item.kind == Kind::Raw) {
      write_raw(part, item);
      return;
    }
    const SmfNote& note = part.notes[item.index];
    const bool is_on = item.kind == Kind::On;
    if (note.off > note.on) sounding_[key(part.channel, note.pitch)] += is_on ? 1 : -1;
    if (is_on) use_program(part.channel, part.program, item.tick);
    const auto status = static_cast<std::uint8_t>((is_on ? 0x90 : 0x80) | part.channel);
    const int value = is_on ? note.velocity : note.release;
    const std::array bytes{status, static_cast<std::uint8_t>(note.pitch),
                           static_cast<std::uint8_t>(value)};
    put(item.tick, bytes);
  }

  void use_program(int channel, int program, std::int64_t tick) {
    if (program_[static_cast<std::size_t>(channel)] == program) return;
    program_[static_cast<std::size_t>(channel)] = program;
    const std::array bytes{static_cast<std::uint8_t>(0xC0 | channel),
                           static_cast<std::uint8_t>(program)};
    put(tick, bytes);
  }

  void write_raw(const SmfPart& part, const Item& item) {
    const auto source = message(part, item.index);
    if (source[0] >= 0xF0) {
      put(item.tick, source);
      return;
    }
    std::array<std::uint8_t, 3> bytes{};
    std::copy(source.begin(), source.end(), bytes.begin());
    if (part.channel >= 0) {
      bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0xF0) | part.channel);
      if ((bytes[0] & 0xF0) == 0xC0) bytes[1] = static_cast<std::uint8_t>(part.program);
    }
    const int channel = bytes[0] & 0x0F;
    if (item.rank == Rank::StrayOff && sounding_[key(channel, bytes[1])] > 0) return;
    if (item.rank == Rank::HangingOn && last_on_[key(channel, bytes[1])] > item.tick) return;
    if ((bytes[0] & 0xF0) == 0xC0) program_[static_cast<std::size_t>(channel)] = bytes[1];
    if (item.rank == Rank::HangingOn && part.channel >= 0) {
      use_program(channel, part.program, item.tick);
    }
    put(item.tick, std::span(bytes).first(source.size()));
  }

  void advance(std::int64_t tick) {
    if (tick - now_ > kLongestGap) {
      refuse("nothing happens between ticks " + std::to_string(now_) + " and " +
             std::to_string(tick) + "; a file can hold gaps of 268435455");
    }
    put_variable_length(out_, tick - now_);
    now_ = tick;
  }

  void put(std::int64_t tick, std::span<const std::uint8_t> bytes) {
    advance(tick);
    const std::uint8_t status = bytes[0];
    if (status < 0xF0) {
      const bool same = status == running_;
      running_ = status;
      out_.insert(out_.end(), bytes.begin() + (same ? 1 : 0), bytes.end());
      return;
    }
    running_ = 0;
    std::size_t header = status == 0xFF ? 2 : 1;
    out_.insert(out_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
    const auto rest = bytes.subspan(header);
    if (status == 0xFF || status == 0xF0 || status == 0xF7) {
      if (static_cast<std::int64_t>(rest.size()) > kLongestGap) {
        refuse("an event of " + std::to_string(rest.size()) + " bytes is too long for a file");
      }
      put_variable_length(out_, static_cast<std::int64_t>(rest.size()));
    }
    out_.insert(out_.end(), rest.begin(), rest.end());
  }

  void patch_length(std::size_t header) {
    const std::size_t length = out_.size() - header - 8;
    if (length > 0xFFFFFFFF) refuse("the chunk is longer than a file can hold");
    for (std::size_t i = 0; i < 4; ++i) {
      out_[header + 4 + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
    }
  }

  const SmfOutChunk& chunk_;
  std::size_t number_;
  Bytes& out_;
  std::vector<Item> items_;
  std::array<std::int64_t, 16 * 128> last_on_{};
  std::array<int, 16 * 128> sounding_{};
  std::array<int, 16> program_{};
  std::int64_t now_ = 0;
  std::uint8_t running_ = 0;
};

}  // namespace

Bytes write_smf(int format, int division, std::span<const SmfOutChunk> chunks) {
  if (chunks.size() > 0xFFFF) {
    throw BadScore(std::to_string(chunks.size()) + " track chunks; a file can hold 65535");
  }
  if (division < 1 || division > 0x7FFF) {
    throw BadScore("a resolution of " + std::to_string(division) + " is outside 1..32767");
  }
  Bytes out;
  for (const char letter : {'M', 'T', 'h', 'd'}) out.push_back(static_cast<std::uint8_t>(letter));
  put_big_endian(out, 6, 4);
  put_big_endian(out, static_cast<std::uint64_t>(format), 2);
  put_big_endian(out, chunks.size(), 2);
  put_big_endian(out, static_cast<std::uint64_t>(division), 2);
  for (std::size_t i = 0; i < chunks.size(); ++i) ChunkWriter(chunks[i], i + 1, out).write();
  return out;
}

}  // namespace descant
