#include "descant/sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "descant/error.h"

namespace descant {
namespace {

constexpr float kTooLittle =
    1e-6f;  // a distribution that adds up to less is replaced by a flat one

// Sorts descending by a positive probability, then ascending by index, as one integer.
std::uint64_t rank_key(float probability, std::uint32_t index) {
  return std::uint64_t{~std::bit_cast<std::uint32_t>(probability)} << 32 | index;
}

std::uint32_t index_of(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

bool is_note_type(TokenType type) {
  return type == TokenType::NoteDuration ||
         std::find(std::begin(kNoteStarts), std::end(kNoteStarts), type) != std::end(kNoteStarts);
}

}  // namespace

Sampler::Sampler(const Vocabulary& vocabulary, SamplingOptions options)
    : vocabulary_(&vocabulary), options_(options) {
  const auto size = static_cast<std::size_t>(vocabulary.size());
  ids_.reserve(size);
  probabilities_.reserve(size);
  order_.reserve(size);
  marked_.reserve(size);
  droppable_.resize(size);
  for (std::size_t id = 0; id < size; ++id)
    droppable_[id] =
        !options.mask_notes_only || is_note_type(vocabulary.type(static_cast<int>(id)));
}

int Sampler::draw(std::span<const float> logits, const StepRules& rules, std::optional<double> u) {
  if (const int forced = rules.forced(); forced >= 0) return forced;
  load(logits, rules.mask());
  rules.reweigh(ids_, probabilities_);
  filter();
  return u && options_.temperature > 0.0f ? pick(*u) : most_probable();
}

void Sampler::load(std::span<const float> logits, std::span<const std::uint32_t> mask) {
  const auto size = static_cast<std::size_t>(vocabulary_->size());
  if (logits.size() != size || mask.size() < TokenMask::word_count(vocabulary_->size()))
    throw BadRequest("sampling needs " + std::to_string(size) + " logits and their mask, not " +
                     std::to_string(logits.size()) + " and " + std::to_string(mask.size()) +
                     " words");
  ids_.clear();
  probabilities_.clear();
  for (std::size_t word = 0; word < TokenMask::word_count(vocabulary_->size()); ++word)
    for (std::uint32_t bits = mask[word]; bits != 0; bits &= bits - 1) {
      const std::size_t id = 32 * word + static_cast<std::size_t>(std::countr_zero(bits));
      if (id >= size) break;
      ids_.push_back(static_cast<int>(id));
      probabilities_.push_back(logits[id]);
    }
  if (ids_.empty()) throw NoLegalToken("the rules of this step leave no legal token");
  softmax();
}

void Sampler::softmax() {
  const float temperature = options_.temperature > 0.0f ? options_.temperature : 1.0f;
  float highest = -std::numeric_limits<float>::infinity();
  for (float& p : probabilities_) {
    p /= temperature;
    highest = std::max(highest, p);
  }
  float sum = 0.0f;
  for (float& p : probabilities_) {
    p = std::exp(p - highest);
    sum += p;
  }
  if (!(sum >= kTooLittle) || std::isinf(sum)) {
    const float flat = 1.0f / static_cast<float>(ids_.size());
    std::fill(probabilities_.begin(), probabilities_.end(), flat);
    return;
  }
  for (float& p : probabilities_) p /= sum;
}

void Sampler::sort_prefix(std::size_t length) {
  if (length <= sorted_) return;
  const std::size_t stop =
      std::min(order_.size(), std::max({length, 2 * sorted_, std::size_t{16}}));
  const auto at = [this](std::size_t i) { return order_.begin() + static_cast<std::ptrdiff_t>(i); };
  std::partial_sort(at(sorted_), at(stop), order_.end());
  sorted_ = stop;
}

// How many of the most probable tokens it takes to reach `mass` of `total`, at most `limit`.
std::size_t Sampler::reach(float mass, float total, std::size_t limit) {
  double cumulated = 0.0;
  for (std::size_t i = 0; i < limit; ++i) {
    sort_prefix(i + 1);
    cumulated += static_cast<double>(probabilities_[index_of(order_[i])] / total);
    if (static_cast<float>(cumulated) >= mass) return i + 1;
  }
  return limit;
}

std::size_t Sampler::kept_count() {
  const std::size_t positive = order_.size();
  std::size_t kept = positive;
  if (options_.top_k > 0) kept = std::min(kept, static_cast<std::size_t>(options_.top_k));
  if (options_.top_p < 1.0f) kept = std::min(kept, reach(options_.top_p, 1.0f, positive));
  return kept;
}

// Both masks are measured on the kept tokens before anything is dropped, so they overlap.
std::size_t Sampler::dropped_count(std::size_t kept) {
  std::size_t dropped = 0;
  if (options_.mask_k > 0 && static_cast<std::size_t>(options_.mask_k) < kept)
    dropped = static_cast<std::size_t>(options_.mask_k);
  if (options_.mask_p > 0.0f) {
    float total = 0.0f;
    for (std::size_t i = 0; i < kept; ++i) total += probabilities_[index_of(order_[i])];
    dropped = std::max(dropped, reach(options_.mask_p, total, kept - 1));
  }
  return dropped;
}

bool Sampler::droppable(int id) const { return droppable_[static_cast<std::size_t>(id)] != 0; }

void Sampler::filter() {
  if (!options_.filters()) return;
  order_.clear();
  sorted_ = 0;
  for (std::uint32_t i = 0; i < ids_.size(); ++i)
    if (probabilities_[i] > 0.0f) order_.push_back(rank_key(probabilities_[i], i));
  if (order_.empty()) return;
  const std::size_t kept = kept_count();
  sort_prefix(kept < order_.size() ? kept : 0);
  const std::size_t dropped = dropped_count(kept);
  sort_prefix(dropped);
  marked_.assign(ids_.size(), 0);
  bool any = false;
  for (std::size_t i = 0; i < kept; ++i) {
    const std::uint32_t index = index_of(order_[i]);
    if (i < dropped && droppable(ids_[index])) continue;
    marked_[index] = 1;
    any = true;
  }
  if (any) keep_marked();
  renormalise();
}

void Sampler::keep_marked() {
  std::size_t count = 0;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (!marked_[i]) continue;
    ids_[count] = ids_[i];
    probabilities_[count] = probabilities_[i];
    ++count;
  }
  ids_.resize(count);
  probabilities_.resize(count);
}

void Sampler::renormalise() {
  float sum = 0.0f;
  for (float p : probabilities_) sum += p;
  for (float& p : probabilities_) p /= sum;
}

int Sampler::pick(double u) const {
  double cumulated = 0.0;
  int last = ids_.front();
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (probabilities_[i] <= 0.0f) continue;
    last = ids_[i];
    cumulated += static_cast<double>(probabilities_[i]);
    if (cumulated > u) return last;
  }
  return last;  // rounding may leave the sum a little short of 1
}

int Sampler::most_probable() const {
  const auto best = std::max_element(probabilities_.begin(), probabilities_.end());
  return ids_[static_cast<std::size_t>(best - probabilities_.begin())];
}

}  // namespace descant
