#include "descant/encoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "descant/error.h"

namespace descant {
namespace {

constexpr int kDefaultWindow = 4;
constexpr int kUnset = -1;
using BarLevels = std::array<int, kBarAttributes.size()>;

// One call of `encode`: where everything goes, and what has been said so far.
class Writer {
 public:
  Writer(const Vocabulary& vocabulary, const Score& score, const EncodeOptions& options)
      : vocabulary_(vocabulary),
        score_(score),
        options_(options),
        infill_(options.infill || !options.targets.empty()),
        velocity_(vocabulary.has(TokenType::VelocityLevel) && options.velocity != 0),
        delta_(vocabulary.config().uses_delta() && vocabulary.has(TokenType::Delta) &&
               options.microtiming != 0),
        targets_(options.targets) {
    std::sort(targets_.begin(), targets_.end());
    targets_.erase(std::unique(targets_.begin(), targets_.end()), targets_.end());
  }

  Encoded write() {
    reserve();
    write_header();
    for (std::size_t track = 0; track < score_.tracks.size(); ++track) write_track(track);
    if (infill_) write_blocks();
    if (!options_.prompt) emit_if_known(TokenType::PieceEnd, 0);
    return std::move(out_);
  }

 private:
  int position() const { return static_cast<int>(out_.tokens.size()); }

  void emit(TokenType type, int value) { out_.tokens.push_back(vocabulary_.clamped(type, value)); }

  void emit_if_known(TokenType type, int value) {
    if (vocabulary_.has(type)) emit(type, value);
  }

  void reserve() {
    std::size_t estimate = 16;
    for (const Track& track : score_.tracks) {
      estimate += 16 + 12 * track.bars.size();
      for (const Bar& bar : track.bars) estimate += 4 * bar.notes.size();
    }
    out_.tokens.reserve(estimate);
    out_.tracks.reserve(score_.tracks.size());
  }

  void write_header() {
    emit(TokenType::PieceStart, infill_ ? 1 : 0);
    emit_if_known(TokenType::UseVelocity, options_.velocity != 0 ? 1 : 0);
    emit_if_known(TokenType::UseMicrotiming, options_.microtiming != 0 ? 1 : 0);
    if (options_.genre >= 0) emit_if_known(TokenType::Genre, options_.genre);
    if (vocabulary_.has(TokenType::NumBars))
      emit(TokenType::NumBars, vocabulary_.num_bars_value(window_bars()));
  }

  int window_bars() const {
    if (options_.window_bars >= 0) return options_.window_bars;
    std::size_t longest = 0;
    for (const Track& track : score_.tracks) longest = std::max(longest, track.bars.size());
    return longest > 0 ? static_cast<int>(longest) : kDefaultWindow;
  }

  void write_track(std::size_t index) {
    const Track& track = score_.tracks[index];
    const bool partial = static_cast<int>(index) == options_.partial_track;
    std::size_t bars = track.bars.size();
    if (partial && options_.partial_bars >= 0)
      bars = std::min(bars, static_cast<std::size_t>(options_.partial_bars));
    const int begin = position();
    emit(TokenType::Track, track.drum ? 1 : 0);
    emit_if_known(TokenType::Instrument, vocabulary_.instrument_value(track.program));
    write_track_attributes(track);
    gather_bar_levels(track);
    level_in_force_ = 0;
    first_bars_.push_back(out_.bars.size());
    for (std::size_t bar = 0; bar < bars; ++bar) write_bar(track, static_cast<int>(index), bar);
    if (!partial) emit_if_known(TokenType::TrackEnd, 0);
    out_.tracks.push_back({begin, position()});
  }

  void write_track_attributes(const Track& track) {
    if (track.attributes.empty()) return;
    for (const auto& [type, key] : kTrackAttributes) {
      if (!vocabulary_.has(type)) continue;
      const auto found = track.attributes.find(std::string(key));
      if (found != track.attributes.end()) emit(type, found->second);
    }
  }

  // Turns the "bar_<name>_<index>" entries into a row of levels a bar, once a track.
  void gather_bar_levels(const Track& track) {
    BarLevels none;
    none.fill(kUnset);
    bar_levels_.assign(track.bars.size(), none);
    for (const auto& [key, value] : track.attributes) {
      const std::size_t mark = key.rfind('_');
      if (!key.starts_with("bar_") || mark < 4) continue;
      std::size_t bar = 0;
      const char* end = key.data() + key.size();
      if (std::from_chars(key.data() + mark + 1, end, bar).ptr != end) continue;
      const int column = attribute_column(std::string_view(key).substr(4, mark - 4));
      if (column >= 0 && bar < bar_levels_.size())
        bar_levels_[bar][static_cast<std::size_t>(column)] = std::max(0, value);
    }
  }

  int attribute_column(std::string_view name) const {
    if (options_.pitch_class_set && name == "BarLevelPitchClassSet") name = "PitchClassSet";
    for (std::size_t column = 0; column < kBarAttributes.size(); ++column)
      if (kBarAttributes[column].key == name && vocabulary_.has(kBarAttributes[column].type))
        return static_cast<int>(column);
    return kUnset;
  }

  bool is_target(int track, int bar) const {
    return std::binary_search(targets_.begin(), targets_.end(), std::pair(track, bar));
  }

  void write_bar(const Track& track, int track_index, std::size_t bar_index) {
    const Bar& bar = track.bars[bar_index];
    const int bar_number = static_cast<int>(bar_index);
    const int begin = position();
    const int level = level_in_force_;
    const bool removed = bar.future && options_.remove_future;
    emit(TokenType::Bar, 0);
    if (!removed) write_bar_attributes(bar_levels_[bar_index]);
    write_meter(bar, track_index, bar_number);
    if (!removed) write_content(track, bar, is_target(track_index, bar_number));
    emit(TokenType::BarEnd, 0);
    const TokenRange range{begin, position()};
    out_.bars.push_back({track_index, bar_number, range, level});
    if (bar.future && !removed && options_.span_future && !is_target(track_index, bar_number))
      out_.hidden.push_back(range);
  }

  void write_bar_attributes(const BarLevels& levels) {
    for (std::size_t column = 0; column < levels.size(); ++column)
      if (levels[column] != kUnset) emit(kBarAttributes[column].type, levels[column]);
  }

  void write_meter(const Bar& bar, int track, int bar_index) {
    if (!vocabulary_.has(TokenType::TimeSig)) return;
    const int value = vocabulary_.time_signature_value(bar.numerator, bar.denominator);
    if (value < 0)
      throw BadScore("Unknown time signature: " + std::to_string(bar.numerator) + "/" +
                     std::to_string(bar.denominator) + " (track " + std::to_string(track + 1) +
                     ", bar " + std::to_string(bar_index + 1) + ")");
    emit(TokenType::TimeSig, value);
  }

  void write_content(const Track& track, const Bar& bar, bool target) {
    if (target) {
      emit(TokenType::FillInPlaceholder, 0);
      level_in_force_ = kCarriedLevel;
    } else if (bar.future && options_.span_future) {
      return;
    } else if (bar.future && vocabulary_.has(TokenType::MaskBar)) {
      emit(TokenType::MaskBar, 0);
    } else {
      write_body(track, bar);
    }
  }

  void write_body(const Track& track, const Bar& bar) {
    order_notes(bar);
    int level_said = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const Note& note = bar.notes[order_[i]];
      const bool opens_group = i == 0 || bar.notes[order_[i - 1]].onset != note.onset;
      if (opens_group && note.onset > 0) emit(TokenType::TimeAbsolutePos, note.onset);
      if (velocity_) write_velocity(note, level_said);
      if (delta_ && note.delta != 0) write_delta(note.delta);
      emit(TokenType::NoteOnset, note.pitch);
      if (!track.drum) emit(TokenType::NoteDuration, note.duration - 1);
    }
  }

  // By onset, then pitch, then as listed.
  void order_notes(const Bar& bar) {
    order_.resize(bar.notes.size());
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(i);
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
      const Note& first = bar.notes[a];
      const Note& second = bar.notes[b];
      if (first.onset != second.onset) return first.onset < second.onset;
      if (first.pitch != second.pitch) return first.pitch < second.pitch;
      return a < b;
    };
    if (!std::is_sorted(order_.begin(), order_.end(), before))
      std::sort(order_.begin(), order_.end(), before);
  }

  void write_velocity(const Note& note, int& level_said) {
    const int level = vocabulary_.velocity_level(note.velocity);
    if (level == 0 || (vocabulary_.config().velocity_sticky && level == level_said)) return;
    emit(TokenType::VelocityLevel, level);
    level_said = level;
    level_in_force_ = level;
  }

  void write_delta(int delta) {
    if (delta < 0) emit_if_known(TokenType::DeltaDirection, 0);
    emit(TokenType::Delta, delta < 0 ? -std::max(delta, -kLargestDelta) : delta);
  }

  void write_blocks() {
    for (const auto& [track, bar] : targets_) {
      const BarRange* place = placeholder_of(track, bar);
      if (place == nullptr) continue;
      const int begin = position();
      const int level = place->velocity_level;
      emit(TokenType::FillInStart, 0);
      if (!options_.prompt) {
        const Track& owner = score_.tracks[static_cast<std::size_t>(track)];
        write_body(owner, owner.bars[static_cast<std::size_t>(bar)]);
        emit(TokenType::FillInEnd, 0);
      }
      out_.blocks.push_back({track, bar, {begin, position()}, level});
      if (options_.prompt) return;
    }
  }

  // Where a target's placeholder was written; null for a target that was not.
  const BarRange* placeholder_of(int track, int bar) const {
    if (track < 0 || bar < 0 || static_cast<std::size_t>(track) >= first_bars_.size())
      return nullptr;
    const std::size_t at =
        first_bars_[static_cast<std::size_t>(track)] + static_cast<std::size_t>(bar);
    if (at >= out_.bars.size() || out_.bars[at].track != track) return nullptr;
    const Bar& source =
        score_.tracks[static_cast<std::size_t>(track)].bars[static_cast<std::size_t>(bar)];
    return source.future && options_.remove_future ? nullptr : &out_.bars[at];
  }

  static constexpr int kLargestDelta = 1 << 30;

  const Vocabulary& vocabulary_;
  const Score& score_;
  const EncodeOptions& options_;
  const bool infill_;
  const bool velocity_;
  const bool delta_;
  std::vector<std::pair<int, int>> targets_;
  Encoded out_;
  std::vector<std::size_t> first_bars_;  // by track, index into out_.bars
  std::vector<BarLevels> bar_levels_;
  std::vector<std::uint32_t> order_;
  int level_in_force_ = 0;
};

}  // namespace

Encoder::Encoder(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

Encoded Encoder::encode(const Score& score, const EncodeOptions& options) const {
  const bool infill = options.infill || !options.targets.empty();
  if (infill &&
      !(vocabulary_.config().supports_infill && vocabulary_.has(TokenType::FillInPlaceholder) &&
        vocabulary_.has(TokenType::FillInStart) && vocabulary_.has(TokenType::FillInEnd)))
    throw BadRequest("this encoder cannot infill bars: its vocabulary has no FillIn tokens");
  return Writer(vocabulary_, score, options).write();
}

}  // namespace descant
