#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "descant/rules.h"
#include "descant/vocabulary.h"

namespace descant {

// Filters in the order they apply (spec/generation.md 6.7); the defaults switch each one off.
struct SamplingOptions {
  float temperature = 1.0f;     // 0: always the most probable token
  int top_k = 0;                // only the k most probable
  float top_p = 1.0f;           // only the most probable ones that together reach p
  int mask_k = 0;               // not the k most probable
  float mask_p = 0.0f;          // not the most probable ones that together reach p
  bool mask_notes_only = true;  // the last two drop only tokens of notes (0.2.4: any token)

  bool filters() const { return top_k > 0 || top_p < 1.0f || mask_k > 0 || mask_p > 0.0f; }
};

// Turns logits into a token: softmax over the legal ones, weights, filters, draw.  Only legal
// tokens are touched; float32 throughout; equal probabilities rank by id.
// Working memory is allocated once.  Not thread-safe; the vocabulary must outlive it.
class Sampler {
 public:
  Sampler(const Vocabulary& vocabulary, SamplingOptions options);

  // One token for `logits`, shape (V,).  `u` in [0, 1) picks from the inverse of the cumulated
  // probabilities over ids; without it the most probable token is taken.
  // NoLegalToken when the rules leave nothing.
  int draw(std::span<const float> logits, const StepRules& rules, std::optional<double> u);

  // The pieces of `draw`, in order.
  void load(std::span<const float> logits, std::span<const std::uint32_t> mask);
  void filter();
  int pick(double u) const;
  int most_probable() const;

  std::span<const int> ids() const { return ids_; }  // ascending
  std::span<const float> probabilities() const { return probabilities_; }

 private:
  void softmax();
  void sort_prefix(std::size_t length);
  std::size_t reach(float mass, float total, std::size_t limit);
  std::size_t kept_count();
  std::size_t dropped_count(std::size_t kept);
  bool droppable(int id) const;
  void keep_marked();
  void renormalise();

  const Vocabulary* vocabulary_;
  SamplingOptions options_;
  std::vector<int> ids_;
  std::vector<float> probabilities_;
  std::vector<std::uint64_t> order_;  // rank keys of indexes into ids_, in order up to sorted_
  std::size_t sorted_ = 0;
  std::vector<std::uint8_t> marked_;     // by index into ids_
  std::vector<std::uint8_t> droppable_;  // by id
};

}  // namespace descant
