#include "descant/rules.h"

#include <algorithm>

#include "descant/error.h"

namespace descant {
namespace {

using T = TokenType;

// Remixed notes may move past their neighbours, so a chord need not ascend.
GrammarOptions grammar_options(const StepOptions& options) {
  GrammarOptions grammar = options.grammar;
  if (options.schedule && NoteSchedule(*options.schedule, grammar.strict).states_pitches())
    grammar.ascending = false;
  return grammar;
}

void reweigh_by(const Vocabulary& vocabulary, T type, const std::vector<float>& weights,
                std::span<const int> ids, std::span<float> probabilities) {
  if (weights.empty()) return;
  const int begin = vocabulary.offset(type);
  const int end = begin + std::min(vocabulary.domain_size(type), static_cast<int>(weights.size()));
  const auto weight = [&](std::size_t i) {
    const bool weighted = ids[i] >= begin && ids[i] < end;
    return weighted ? weights[static_cast<std::size_t>(ids[i] - begin)] : 1.0f;
  };
  float sum = 0.0f;
  for (std::size_t i = 0; i < ids.size(); ++i) sum += probabilities[i] * weight(i);
  if (!(sum > 0.0f)) return;
  for (std::size_t i = 0; i < ids.size(); ++i)
    probabilities[i] = probabilities[i] * weight(i) / sum;
}

// Every token but the pitches outside the set.
std::shared_ptr<const TokenMask> pitch_mask(const Vocabulary& vocabulary,
                                            const StepOptions& options) {
  if (!options.pitches) return nullptr;
  auto mask = std::make_shared<TokenMask>(vocabulary);
  mask->fill();
  for (int pitch = 0; pitch < vocabulary.domain_size(T::NoteOnset); ++pitch) {
    const auto word = static_cast<std::size_t>(pitch) / 32;
    if (pitch >= 128 || ((*options.pitches)[word] >> (pitch % 32) & 1u) == 0)
      mask->remove(T::NoteOnset, pitch, pitch + 1);
  }
  return mask;
}

}  // namespace

StepRules::StepRules(std::shared_ptr<const Vocabulary> vocabulary,
                     std::shared_ptr<const StepOptions> options,
                     std::span<const std::int32_t> prompt)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      grammar_(*vocabulary_, grammar_options(*options_)),
      limits_(options_->polyphony_limit, options_->density_limit, options_->grammar.version),
      meter_(options_->kept_meter),
      pitches_(pitch_mask(*vocabulary_, *options_)),
      mask_(*vocabulary_) {
  if (options_->schedule) schedule_.emplace(*options_->schedule, options_->grammar.strict);
  for (std::int32_t token : prompt) {
    grammar_.advance(token);
    limits_.accept(vocabulary_->type(token));
  }
  if (!prompt.empty() && vocabulary_->type(prompt.back()) == T::FillInStart) begin_header();
  update();
}

// The options outlive the rules, so a view of them may be kept.
void StepRules::begin_header() {
  const auto block = static_cast<std::size_t>(blocks_done_);
  if (block < options_->block_headers.size()) header_ = options_->block_headers[block];
}

// The other tokens of a header say where the bar stands: its instrument, what the track is like,
// and its meter.
bool StepRules::is_level(std::int32_t token) const {
  const T type = vocabulary_->type(token);
  return std::ranges::any_of(vocabulary_->attributes(), [type](const AttributeSpec& attribute) {
    return attribute.written && attribute.per_bar && attribute.token == type;
  });
}

bool StepRules::asks_for_levels() const {
  return std::ranges::any_of(options_->block_headers, [&](const auto& header) {
    return std::ranges::any_of(header, [&](std::int32_t token) { return is_level(token); });
  });
}

void StepRules::update() {
  mask_.clear();
  if (complete_ && grammar_.strict()) return;  // upstream's grammar goes on
  if (!header_.empty()) {
    const int value = vocabulary_->value(header_.front());
    mask_.allow(vocabulary_->type(header_.front()), value, value + 1);
    return;
  }
  grammar_.fill(mask_);
  limits_.restrict_to(mask_);
  apply_wishes(options_->track_wishes, grammar_, mask_);
  apply_wishes(options_->bar_wishes, grammar_, mask_);
  if (!options_->microtiming) {
    mask_.remove(T::Delta);
    mask_.remove(T::DeltaDirection);
  }
  if (!options_->velocity) mask_.remove(T::VelocityLevel);
  apply_pitches();
  if (schedule_) schedule_->restrict_to(mask_);
  meter_.restrict_to(mask_);
}

void StepRules::apply_pitches() {
  if (!pitches_) return;
  mask_.intersect(pitches_->words());
  // A note must not be begun that could find no pitch.
  if (grammar_.strict() && !grammar_.pitch_left(&*options_->pitches)) remove_notes(mask_);
}

void StepRules::fill_mask(std::span<std::uint32_t> words) const {
  const auto mine = mask_.words();
  if (words.size() < mine.size())
    throw BadRequest("a mask of " + std::to_string(words.size()) + " words cannot hold " +
                     std::to_string(vocabulary_->size()) + " tokens");
  std::copy(mine.begin(), mine.end(), words.begin());
}

bool StepRules::has_weights() const {
  return !options_->pitch_weights.empty() || !options_->position_weights.empty();
}

void StepRules::reweigh(std::span<const int> ids, std::span<float> probabilities) const {
  reweigh_by(*vocabulary_, T::NoteOnset, options_->pitch_weights, ids, probabilities);
  reweigh_by(*vocabulary_, T::TimeAbsolutePos, options_->position_weights, ids, probabilities);
}

int StepRules::block_count() const { return static_cast<int>(options_->grammar.blocks.size()); }

void StepRules::accept(int token) {
  if (!mask_.test(token))
    throw IllegalToken("token " + std::to_string(token) + " (" + vocabulary_->token_name(token) +
                       ") is not legal at position " + std::to_string(length()) +
                       (complete_ ? ": the step is complete" : ""));
  if (!header_.empty()) {  // the rules of notes stand where the block begins
    header_ = header_.subspan(1);
    update();
    return;
  }
  const T type = vocabulary_->type(token);
  grammar_.advance(token);
  limits_.accept(type);
  if (schedule_) schedule_->accept(type, vocabulary_->value(token));
  meter_.accept(type);
  if (type == T::FillInEnd) ++blocks_done_;
  if (type == T::FillInStart) begin_header();
  if (options_->grammar.autoregressive)
    complete_ = type == T::TrackEnd || type == T::PieceEnd;
  else
    complete_ = blocks_done_ > 0 && blocks_done_ == block_count();
  update();
}

}  // namespace descant
