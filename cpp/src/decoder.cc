#include "descant/decoder.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace descant {
namespace {

using Tokens = std::span<const std::int32_t>;

// Builds the score while tokens come in; what does not fit is dropped.
class ScoreBuilder {
 public:
  explicit ScoreBuilder(const Vocabulary& vocabulary)
      : vocabulary_(vocabulary), reader_(vocabulary, false, 0) {
    score_.resolution = vocabulary.config().resolution;
  }

  void push(std::int32_t token) {
    const TokenType type = vocabulary_.type(token);
    const int value = vocabulary_.value(token);
    const std::optional<Note> note = reader_.push(type, value);
    if (note && bar_ >= 0) current_bar().notes.push_back(*note);
    switch (type) {
      case TokenType::Track:
        start_track(value == 1);
        break;
      case TokenType::TrackEnd:
        in_track_ = false;
        bar_ = -1;
        break;
      case TokenType::Instrument:
        if (in_track_) track().program = vocabulary_.program(value);
        break;
      case TokenType::Bar:
        start_bar();
        break;
      case TokenType::BarEnd:
        end_bar();
        break;
      case TokenType::TimeSig:
        if (bar_ >= 0)
          std::tie(current_bar().numerator, current_bar().denominator) =
              vocabulary_.time_signature(value);
        break;
      case TokenType::NoteDuration:
        // Position tells it from a note's length: it is shared with an attribute type.
        if (in_track_ && bar_ < 0) track().attributes["note_duration_dist"] = value;
        break;
      default:
        if (in_track_) store_attribute(type, value);
    }
  }

  Score take() { return std::move(score_); }

 private:
  Track& track() { return score_.tracks.back(); }
  Bar& current_bar() { return track().bars.back(); }

  // A Track without a TrackEnd before it continues the same track.
  void start_track(bool drum) {
    if (!in_track_) score_.tracks.emplace_back();
    in_track_ = true;
    bar_ = -1;
    track().drum = drum;
    reader_ = NoteReader(vocabulary_, drum, 0);
  }

  void start_bar() {
    if (!in_track_) return;
    track().bars.emplace_back();
    ++bar_;
    reader_.start_bar();
  }

  void end_bar() {
    if (bar_ < 0) return;
    reader_.move_to(static_cast<int>(current_bar().quarters() * score_.resolution));
  }

  void store_attribute(TokenType type, int value) {
    if (bar_ >= 0)
      for (const auto& [known, key] : kBarAttributes)
        if (known == type) {
          track().attributes["bar_" + std::string(key) + "_" + std::to_string(bar_)] = value;
          return;
        }
    for (const auto& [known, key] : kTrackAttributes)
      if (known == type) {
        track().attributes[std::string(key)] = value;
        return;
      }
  }

  const Vocabulary& vocabulary_;
  NoteReader reader_;
  Score score_;
  bool in_track_ = false;
  int bar_ = -1;  // of the bars since the last Track
};

// The infill blocks: after each FillInStart, up to the next FillInEnd or the end.
std::vector<Tokens> blocks_of(Tokens tokens, std::int32_t start, std::int32_t end) {
  std::vector<Tokens> blocks;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] != start) continue;
    const Tokens rest = tokens.subspan(i + 1);
    const auto closed = std::find(rest.begin(), rest.end(), end);
    blocks.push_back(rest.first(static_cast<std::size_t>(closed - rest.begin())));
  }
  return blocks;
}

}  // namespace

Score decode(const Vocabulary& vocabulary, Tokens tokens) {
  for (const std::int32_t token : tokens) vocabulary.type(token);
  ScoreBuilder builder(vocabulary);
  std::vector<Tokens> blocks;
  std::int32_t placeholder = -1;
  if (vocabulary.has(TokenType::FillInPlaceholder) && vocabulary.has(TokenType::FillInStart) &&
      vocabulary.has(TokenType::FillInEnd)) {
    placeholder = vocabulary.offset(TokenType::FillInPlaceholder);
    const std::int32_t start = vocabulary.offset(TokenType::FillInStart);
    blocks = blocks_of(tokens, start, vocabulary.offset(TokenType::FillInEnd));
    const auto first = std::find(tokens.begin(), tokens.end(), start);
    tokens = tokens.first(static_cast<std::size_t>(first - tokens.begin()));
  }
  std::size_t next_block = 0;
  for (const std::int32_t token : tokens) {
    if (token == placeholder && next_block < blocks.size())
      for (const std::int32_t filled : blocks[next_block++]) builder.push(filled);
    else
      builder.push(token);
  }
  return builder.take();
}

void NoteReader::start_bar() {
  move_to(0);
  open_pitch_ = -1;
}

void NoteReader::move_to(int position) {
  position_ = position;
  delta_ = 0;
  early_ = false;
}

Note NoteReader::finish(int pitch, int duration) {
  const int velocity = vocabulary_->velocity(velocity_level_);
  const Note note{pitch, velocity, position_, duration, early_ ? -delta_ : delta_};
  delta_ = 0;
  early_ = false;
  return note;
}

std::optional<Note> NoteReader::push(TokenType type, int value) {
  const int pitch = open_pitch_;
  open_pitch_ = -1;
  switch (type) {
    case TokenType::TimeAbsolutePos:
      move_to(value);
      return std::nullopt;
    case TokenType::VelocityLevel:
      velocity_level_ = value;
      return std::nullopt;
    case TokenType::DeltaDirection:
      delta_ = 0;
      early_ = true;
      return std::nullopt;
    case TokenType::Delta:
      delta_ += value;
      return std::nullopt;
    case TokenType::NoteOnset:
    case TokenType::NotePitch:
      open_pitch_ = value;
      if (drum_) return finish(value, 1);
      return std::nullopt;
    case TokenType::NoteDuration:
      if (pitch < 0) return std::nullopt;
      return finish(pitch, value + 1);
    default:
      return std::nullopt;
  }
}

BarDecoder::BarDecoder(const Vocabulary& vocabulary, bool drum, int velocity_level)
    : vocabulary_(&vocabulary), reader_(vocabulary, drum, velocity_level) {}

std::optional<std::vector<Note>> BarDecoder::push(std::int32_t token) {
  const TokenType type = vocabulary_->type(token);
  if (type == TokenType::Bar || type == TokenType::FillInStart) {
    open_ = true;
    notes_.clear();
    reader_.start_bar();
    return std::nullopt;
  }
  if (!open_) return std::nullopt;
  if (type == TokenType::BarEnd || type == TokenType::FillInEnd) {
    open_ = false;
    return std::exchange(notes_, {});
  }
  if (const auto note = reader_.push(type, vocabulary_->value(token))) notes_.push_back(*note);
  return std::nullopt;
}

}  // namespace descant
