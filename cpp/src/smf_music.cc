#include "descant/smf_music.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "descant/error.h"
#include "smf_meters.h"

namespace descant {
namespace {

constexpr int kChannels = 16;
constexpr int kLyric = 0x05;
constexpr int kTrackName = 0x03;
constexpr int kTempo = 0x51;
constexpr std::int64_t kOpen = -1;

struct FileNote {
  std::int64_t on;
  std::int64_t off;  // kOpen: never closed
  std::int32_t track;
  std::uint8_t pitch;
  std::uint8_t velocity;
  std::uint8_t release;
};

void append(RawEvents& out, const SmfEvent& event, const SmfFile& file, int chunk) {
  out.ticks.push_back(event.tick);
  out.chunks.push_back(chunk);
  out.data.push_back(event.status);
  if (event.status == 0xFF) out.data.push_back(event.first);
  const auto payload = file.bytes.subspan(event.payload, event.size);
  out.data.insert(out.data.end(), payload.begin(), payload.end());
  if (event.status < 0xF0 || (event.status > 0xF0 && event.status < 0xF7)) {
    const int count = smf_data_bytes(event.status);
    if (count > 0) out.data.push_back(event.first);
    if (count > 1) out.data.push_back(event.second);
  }
  out.starts.push_back(static_cast<std::int64_t>(out.data.size()));
}

// First in, first out: the open notes of one chunk, by channel and pitch.
class OpenNotes {
 public:
  OpenNotes() { head_.fill(kNone); }

  void open(int channel, int pitch, std::size_t note) {
    const std::size_t key = key_of(channel, pitch);
    next_.resize(note + 1, kNone);
    if (head_[key] == kNone) {
      head_[key] = static_cast<std::int32_t>(note);
    } else {
      next_[static_cast<std::size_t>(tail_[key])] = static_cast<std::int32_t>(note);
    }
    tail_[key] = static_cast<std::int32_t>(note);
  }

  // Index of the oldest open note, or -1.
  std::int32_t close(int channel, int pitch) {
    const std::size_t key = key_of(channel, pitch);
    const std::int32_t note = head_[key];
    if (note != kNone) head_[key] = next_[static_cast<std::size_t>(note)];
    return note;
  }

 private:
  static constexpr std::int32_t kNone = -1;
  static std::size_t key_of(int channel, int pitch) {
    return static_cast<std::size_t>(channel) * 128 + static_cast<std::size_t>(pitch);
  }
  std::array<std::int32_t, kChannels * 128> head_;
  std::array<std::int32_t, kChannels * 128> tail_{};
  std::vector<std::int32_t> next_;
};

// Makes the tracks of one chunk: first the notes, then whom every other event belongs to.
class ChunkTracks {
 public:
  ChunkTracks(const SmfFile& file, int chunk, SmfMusic& music)
      : file_(file),
        events_(file.chunks[static_cast<std::size_t>(chunk)].events),
        chunk_(chunk),
        music_(music),
        first_(music.tracks.size()),
        kept_(events_.size(), 0) {
    for (auto& row : track_of_) row.fill(-1);
  }

  void collect_notes(bool lyric_makes_track) {
    OpenNotes open;
    std::array<int, kChannels> program{};
    std::vector<std::size_t> opened;  // event of each note
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const SmfEvent& event = events_[i];
      if (event.is_channel_message() && event.kind() == 0xC0) {
        program[at(event.channel())] = event.first;
      } else if (event.is_channel_message() && event.is_note_on()) {
        const int track = track_for(event.channel(), program[at(event.channel())]);
        open.open(event.channel(), event.first, notes.size());
        notes.push_back({event.tick, kOpen, track, event.first, event.second, 64});
        opened.push_back(i);
      } else if (event.is_channel_message() && event.is_note_off()) {
        close(open.close(event.channel(), event.first), i);
      } else if (lyric_makes_track && event.is_meta(kLyric)) {
        track_for(kChannels - 1, program[kChannels - 1]);
      }
    }
    for (std::size_t note = 0; note < notes.size(); ++note) {
      if (notes[note].off == kOpen) kept_[opened[note]] = 1;
    }
    sort_tracks();
  }

  void share_out_events() {
    std::array<int, kChannels> program{};
    name_tracks();
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const SmfEvent& event = events_[i];
      if (event.is_channel_message()) {
        const bool is_note = event.is_note_on() || event.is_note_off();
        if (is_note && !kept_[i]) continue;
        if (event.kind() == 0xC0) program[at(event.channel())] = event.first;
        append(owner(event, program[at(event.channel())]), event, file_, chunk_);
      } else {
        append(owner_of_meta(event), event, file_, chunk_);
      }
    }
  }

  std::vector<FileNote> notes;  // in note-on order; `track` indexes music.tracks

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  int track_for(int channel, int program) {
    int& track = track_of_[at(channel)][at(program)];
    if (track < 0) {
      track = static_cast<int>(music_.tracks.size());
      SmfTrack& made = music_.tracks.emplace_back();
      made.chunk = chunk_;
      made.channel = channel;
      made.program = program;
    }
    return track;
  }

  void close(std::int32_t note, std::size_t event) {
    if (note < 0) {
      kept_[event] = 1;
      return;
    }
    FileNote& closed = notes[at(note)];
    closed.off = events_[event].tick;
    if (events_[event].kind() == 0x80) closed.release = events_[event].second;
  }

  // Tracks were made in order of their first note; they stand by channel, then program.
  void sort_tracks() {
    const auto begin = music_.tracks.begin() + static_cast<std::ptrdiff_t>(first_);
    std::sort(begin, music_.tracks.end(), [](const SmfTrack& a, const SmfTrack& b) {
      return a.channel != b.channel ? a.channel < b.channel : a.program < b.program;
    });
    std::vector<int> moved(music_.tracks.size() - first_);
    for (std::size_t i = first_; i < music_.tracks.size(); ++i) {
      const SmfTrack& track = music_.tracks[i];
      int& entry = track_of_[at(track.channel)][at(track.program)];
      moved[at(entry) - first_] = static_cast<int>(i);
      entry = static_cast<int>(i);
    }
    for (FileNote& note : notes) note.track = moved[at(note.track) - first_];
  }

  bool has_one_channel() const {
    return music_.tracks.size() > first_ &&
           music_.tracks[first_].channel == music_.tracks.back().channel;
  }

  void name_tracks() {
    if (!has_one_channel()) return;
    for (const SmfEvent& event : events_) {
      if (!event.is_meta(kTrackName)) continue;
      const auto text = file_.bytes.subspan(event.payload, event.size);
      for (std::size_t i = first_; i < music_.tracks.size(); ++i) {
        music_.tracks[i].name.assign(text.begin(), text.end());
      }
      return;
    }
  }

  // A program change belongs to the track it selects, so that the track's instrument can be
  // changed later; any other message to the track that sounds at that moment.
  RawEvents& owner(const SmfEvent& event, int program) {
    const auto& row = track_of_[at(event.channel())];
    int track = row[at(program)];
    if (track < 0 && event.kind() != 0xC0) {
      const auto found = std::find_if(row.begin(), row.end(), [](int t) { return t >= 0; });
      if (found != row.end()) track = *found;
    }
    return track < 0 ? music_.events : music_.tracks[at(track)].events;
  }

  // Names, lyrics, instrument names and the old port and channel prefixes go with the track.
  RawEvents& owner_of_meta(const SmfEvent& event) {
    const bool of_track = event.status == 0xFF &&
                          (event.first == kTrackName || event.first == 0x04 ||
                           event.first == kLyric || event.first == 0x20 || event.first == 0x21);
    return of_track && has_one_channel() ? music_.tracks[first_].events : music_.events;
  }

  const SmfFile& file_;
  const std::vector<SmfEvent>& events_;
  int chunk_;
  SmfMusic& music_;
  std::size_t first_;
  std::vector<std::uint8_t> kept_;  // note events that are part of no note
  std::array<std::array<int, 128>, kChannels> track_of_;
};

std::int32_t fitting(std::int64_t ticks) {
  if (ticks > std::numeric_limits<std::int32_t>::max()) {
    throw BadFile("a note lasts " + std::to_string(ticks) + " ticks; at most 2147483647 are read");
  }
  return static_cast<std::int32_t>(ticks);
}

// Puts notes of the file's clock into bars of the score's.
class NotePlacer {
 public:
  NotePlacer(const std::vector<SmfBar>& bars, int division, int resolution)
      : bars_(bars), division_(division), resolution_(resolution), exact_(resolution == 0) {
    starts_.reserve(bars.size() + 1);
    double start = 0.0;
    for (const SmfBar& bar : bars) {
      starts_.push_back(start);
      start += scaled(bar.length);
    }
  }

  void place(const FileNote& note, SmfTrack& track) {
    if (note.off == kOpen) return;
    bar_ = bar_at(note.on, bar_);
    const SmfBar& bar = bars_[bar_];
    NoteRow row{note.pitch, note.velocity, 0, 0, 0, exact_ ? note.release : 64};
    if (exact_) {
      row[2] = static_cast<std::int32_t>(note.on - bar.start);
      row[3] = fitting(note.off - note.on);
    } else if (!place_rounded(note, row)) {
      return;
    }
    const auto index = static_cast<std::int32_t>(bar_);
    const auto count = static_cast<std::int32_t>(track.notes.size());
    if (track.bars.empty() || track.bars.back().bar != index) {
      track.bars.push_back({index, count, count});
    }
    track.notes.push_back(row);
    ++track.bars.back().end;
  }

 private:
  std::size_t bar_at(std::int64_t tick, std::size_t hint) const {
    if (tick >= bars_[hint].start && (hint + 1 == bars_.size() || tick < bars_[hint + 1].start)) {
      return hint;
    }
    const auto after =
        std::upper_bound(bars_.begin(), bars_.end(), tick,
                         [](std::int64_t t, const SmfBar& bar) { return t < bar.start; });
    return after == bars_.begin() ? 0 : static_cast<std::size_t>(after - bars_.begin()) - 1;
  }

  double scaled(std::int64_t length) const {
    return static_cast<double>(resolution_) * static_cast<double>(length) / division_;
  }

  double on_grid(std::int64_t tick, const SmfBar& bar) const {
    return static_cast<double>(tick - bar.start) / division_ * resolution_;
  }

  // False: the note rounds up to the barline and is dropped, as upstream does.
  bool place_rounded(const FileNote& note, NoteRow& row) const {
    const SmfBar& bar = bars_[bar_];
    const double onset = on_grid(note.on, bar);
    const double rounded = std::round(onset);
    if (rounded >= std::round(scaled(bar.length))) return false;
    const double first = std::max(0.0, rounded);
    const std::size_t last = bar_at(note.off, bar_);
    const double end = std::round(on_grid(note.off, bars_[last]));
    const double length = std::round(starts_[last]) + end - (std::round(starts_[bar_]) + first);
    row[2] = static_cast<std::int32_t>(first);
    row[3] = fitting(static_cast<std::int64_t>(std::max(1.0, length)));
    row[4] = static_cast<std::int32_t>(std::round((onset - rounded) * resolution_));
    return true;
  }

  const std::vector<SmfBar>& bars_;
  double division_;
  int resolution_;
  bool exact_;
  std::vector<double> starts_;  // of each bar on the score's grid
  std::size_t bar_ = 0;
};

// The earliest tempo, and the first of the file among equals.
int first_tempo(const SmfFile& file) {
  std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
  int tempo = 0;
  for (const SmfChunk& chunk : file.chunks) {
    for (const SmfEvent& event : chunk.events) {
      if (!event.is_meta(kTempo) || event.size < 3 || event.tick >= earliest) continue;
      const std::uint8_t* at = file.bytes.data() + event.payload;
      const int value = at[0] << 16 | at[1] << 8 | at[2];
      if (value == 0) continue;
      earliest = event.tick;
      tempo = value;
    }
  }
  return tempo;
}

void check_size(const SmfMusic& music, const SmfLimits& limits) {
  if (music.tracks.size() > limits.tracks) {
    throw BadFile("the music would have more than " + std::to_string(limits.tracks) +
                  " tracks (one for each chunk, channel and program)");
  }
}

void check_cells(const SmfMusic& music, const SmfLimits& limits) {
  const auto cells = static_cast<std::int64_t>(music.tracks.size() * music.bars.size());
  if (cells <= limits.cells) return;
  throw BadFile(std::to_string(music.tracks.size()) + " tracks of " +
                std::to_string(music.bars.size()) + " bars are too many; at most " +
                std::to_string(limits.cells) + " bars altogether are read");
}

}  // namespace

SmfMusic music_of(const SmfFile& file, int resolution, const SmfLimits& limits) {
  const bool exact = resolution == 0;
  SmfMusic music;
  music.format = file.format;
  music.division = file.division;
  music.resolution = exact ? file.division : resolution;
  music.tempo = first_tempo(file);
  std::vector<std::vector<FileNote>> notes;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < file.chunks.size(); ++i) {
    ChunkTracks chunk(file, static_cast<int>(i), music);
    chunk.collect_notes(!exact);
    check_size(music, limits);
    if (exact) chunk.share_out_events();
    for (const FileNote& note : chunk.notes) last = std::max(last, note.off);
    notes.push_back(std::move(chunk.notes));
    music.ends.push_back(file.chunks[i].end);
  }
  if (music.tracks.empty()) return music;
  music.bars = bars_of(file, last, exact, limits);
  check_cells(music, limits);
  NotePlacer placer(music.bars, file.division, resolution);
  for (const auto& chunk : notes) {
    for (const FileNote& note : chunk) {
      placer.place(note, music.tracks[static_cast<std::size_t>(note.track)]);
    }
  }
  return music;
}

}  // namespace descant
