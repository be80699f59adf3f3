#include "descant/grammar.h"

#include <algorithm>
#include <cmath>

#include "descant/attribute_table.h"
#include "descant/error.h"

namespace descant {
namespace {

using T = TokenType;

constexpr int kPitches = 128;

// Upstream's sets (spec/generation.md 6.1): Descant's own attributes are not among them.
const std::vector<T> kTrackAttributes024 = {T::NoteDensity,
                                            T::MinPolyphony,
                                            T::MaxPolyphony,
                                            T::MinNoteDuration,
                                            T::MaxNoteDuration,
                                            T::BarLevelOnsetPolyphonyMax,
                                            T::TrackLevelPitchRangeMax};
const std::vector<T> kBarAttributes024 = {T::Tension, T::BarLevelPitchClassSet};

bool contains(const std::vector<T>& types, T type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// The attribute types of a level in the order of the encoder.  Strict, only those that an attribute
// of this encoder uses at this level: some types mean one thing for a track and another for a bar.
template <typename Table>
std::vector<T> attribute_types(const Table& table, const std::vector<T>& version_024, bool per_bar,
                               const Vocabulary& vocabulary, const GrammarOptions& options) {
  if (options.version == GrammarVersion::V024) return version_024;
  std::vector<T> types;
  for (const AttributeToken& entry : table) {
    const auto& specs = vocabulary.attributes();
    const bool used = std::any_of(specs.begin(), specs.end(), [&](const AttributeSpec& spec) {
      return spec.token == entry.type && spec.per_bar == per_bar;
    });
    if (used || !options.strict) types.push_back(entry.type);
  }
  return types;
}

}  // namespace

Grammar::Grammar(const Vocabulary& vocabulary, GrammarOptions options)
    : vocabulary_(&vocabulary),
      options_(std::make_shared<const GrammarOptions>(std::move(options))),
      track_attributes_(std::make_shared<const std::vector<T>>(
          attribute_types(kTrackAttributes, kTrackAttributes024, false, vocabulary, *options_))),
      bar_attributes_(std::make_shared<const std::vector<T>>(
          attribute_types(kBarAttributes, kBarAttributes024, true, vocabulary, *options_))) {}

void Grammar::advance(int token) {
  const T type = vocabulary_->type(token);
  follow(type, vocabulary_->value(token));
  last_ = type;
  ++length_;
}

void Grammar::accept(int token) {
  TokenMask mask(*vocabulary_);
  fill(mask);
  if (!mask.test(token))
    throw IllegalToken("token " + std::to_string(token) + " (" + vocabulary_->token_name(token) +
                       ") is not legal at position " + std::to_string(length_));
  advance(token);
}

void Grammar::follow(T type, int value) {
  const auto new_onset = [this](int position) {
    position_ = position;
    last_pitch_ = -1;
    sounding_ = {};
  };
  switch (type) {
    case T::Track:
      drum_ = value == 1;
      bars_ = 0;
      ++tracks_;
      break;
    case T::Bar:
      ++bars_;
      in_bar_ = true;
      has_notes_ = false;
      quarters_ = 4.0;
      new_onset(-1);
      break;
    case T::TimeSig: {
      const auto [numerator, denominator] = vocabulary_->time_signature(value);
      quarters_ = 4.0 * numerator / denominator;
      if (options_->version == GrammarVersion::V024) quarters_ = std::floor(quarters_);
      break;
    }
    case T::BarEnd:
      in_bar_ = false;
      break;
    case T::FillInStart:
      if (static_cast<std::size_t>(blocks_) < options_->blocks.size())
        drum_ = options_->blocks[static_cast<std::size_t>(blocks_)].drum;
      ++blocks_;
      in_fill_ = true;
      has_notes_ = false;
      new_onset(-1);
      break;
    case T::FillInEnd:
      in_fill_ = false;
      break;
    case T::TimeAbsolutePos:
      new_onset(value);
      break;
    case T::NoteOnset:
    case T::NotePitch:
      has_notes_ = true;
      last_pitch_ = value;
      if (value < kPitches) sounding_[static_cast<std::size_t>(value) / 32] |= 1u << (value % 32);
      break;
    default:
      break;
  }
}

bool Grammar::is_track_attribute(T type) const {
  if (type == T::BarLevelOnsetPolyphonyMax && in_bar_ && options_->version == GrammarVersion::V042)
    return false;
  return contains(*track_attributes_, type);
}

bool Grammar::is_bar_attribute(T type) const {
  return contains(*bar_attributes_, type) && !(type == T::BarLevelOnsetPolyphonyMax && !in_bar_);
}

void Grammar::fill(TokenMask& mask) const {
  if (options_->strict)
    fill_strict(mask);
  else
    fill_upstream(mask);
  if (options_->autoregressive) {
    mask.remove(T::FillInPlaceholder);
    mask.remove(T::FillInStart);
    mask.remove(T::FillInEnd);
  }
}

void Grammar::allow_bars_or_end(TokenMask& mask) const {
  const bool free = options_->exact_bars < 0;
  const bool full = !free && bars_ >= options_->exact_bars;
  if (free || !full) mask.allow(T::Bar);
  if (free || full) mask.allow(T::TrackEnd);
}

void Grammar::allow_attributes(const std::vector<T>& types, TokenMask& mask) const {
  for (T type : types) mask.allow(type);
}

void Grammar::allow_later(const std::vector<T>& types, TokenMask& mask) const {
  const auto at = std::find(types.begin(), types.end(), last_);
  for (auto type = at == types.end() ? types.begin() : at + 1; type != types.end(); ++type)
    mask.allow(*type);
}

int Grammar::position_limit() const {
  double quarters = quarters_;
  if (options_->strict && in_fill_ && blocks_ > 0 &&
      static_cast<std::size_t>(blocks_) <= options_->blocks.size())
    quarters = options_->blocks[static_cast<std::size_t>(blocks_ - 1)].quarters();
  return static_cast<int>(std::floor(quarters * vocabulary_->config().resolution + 0.5));
}

void Grammar::allow_note_start(TokenMask& mask) const {
  const bool version_024 = options_->version == GrammarVersion::V024;
  const bool limited = options_->strict || in_bar_ || (in_fill_ && !version_024);
  if (limited)
    // Position 0 is never written by an encoder; upstream allows it once.
    mask.allow(T::TimeAbsolutePos, std::max(position_, options_->strict ? 0 : -1) + 1,
               position_limit());
  else
    mask.allow(T::TimeAbsolutePos);
  if (options_->strict && !pitch_left(nullptr)) return;
  mask.allow(T::VelocityLevel);
  mask.allow(T::DeltaDirection);
  mask.allow(T::Delta);
  allow_pitches(mask);
}

void Grammar::allow_pitches(TokenMask& mask) const {
  for (T type : kPitchTypes) {
    if (!options_->strict) {
      mask.allow(type);
    } else if (options_->ascending) {
      mask.allow(type, last_pitch_ + 1, vocabulary_->domain_size(type));
    } else {
      mask.allow(type);
      for (int pitch = 0; pitch < kPitches; ++pitch)
        if (sounding_[static_cast<std::size_t>(pitch) / 32] >> (pitch % 32) & 1u)
          mask.remove(type, pitch, pitch + 1);
    }
  }
}

bool Grammar::pitch_left(const std::array<std::uint32_t, 4>* pitches) const {
  const int size =
      std::max(vocabulary_->domain_size(T::NoteOnset), vocabulary_->domain_size(T::NotePitch));
  if (!pitches && options_->ascending) return last_pitch_ + 1 < size;
  const int first = options_->ascending ? last_pitch_ + 1 : 0;
  for (int pitch = first; pitch < std::min(size, kPitches); ++pitch) {
    const auto word = static_cast<std::size_t>(pitch) / 32;
    const std::uint32_t bit = 1u << (pitch % 32);
    const bool wanted = !pitches || ((*pitches)[word] & bit) != 0;
    if (wanted && (options_->ascending || (sounding_[word] & bit) == 0)) return true;
  }
  return false;
}

void Grammar::allow_end(TokenMask& mask) const { mask.allow(in_fill_ ? T::FillInEnd : T::BarEnd); }

}  // namespace descant
