#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "descant/matrix.h"

namespace descant {

enum class WeightType { float32, float16, bfloat16 };

// A tensor somebody else owns, row-major.
struct WeightView {
  WeightType type;
  std::vector<std::int64_t> shape;
  const void* data;

  float operator[](std::size_t index) const;
};
using WeightViews = std::map<std::string, WeightView>;

// Sizes of a GPT-2 (spec/generation.md 2.2).
struct NetworkShape {
  int vocab_size;
  int positions;
  int width;  // n_embd
  int layers;
  int heads;

  int head_width() const { return width / heads; }
  int padded_head_width() const { return (head_width() + kGroup - 1) / kGroup * kGroup; }
  int attention_width() const { return heads * padded_head_width(); }
  int inner_width() const { return 4 * width; }
};

// BadWeights, naming the first few problems: sizes that make no network, tensors that are missing,
// unknown, of another shape, or hold a NaN or infinity.  Without lm_head.weight the head is tied to
// transformer.wte.weight.
void check_weights(const NetworkShape& shape, const WeightViews& views);

struct Norm {
  AlignedBuffer<float> gain;
  AlignedBuffer<float> bias;
};

struct Block {
  Norm attention_norm;
  Matrix attention;   // width -> queries, keys, values, each (heads, padded_head_width)
  Matrix projection;  // (heads, padded_head_width) -> width
  Norm inner_norm;
  Matrix expand;    // width -> inner_width
  Matrix contract;  // inner_width -> width
};

// A GPT-2 packed for the kernels.  Nothing refers to the views afterwards.
struct Weights {
  Weights(const NetworkShape& shape, const WeightViews& views, Precision precision);
  static std::size_t bytes(const NetworkShape& shape, Precision precision);
  static std::size_t stored_bytes(const NetworkShape& shape, Precision precision);  // in the store

  WeightStore store;                        // of all matrices
  AlignedBuffer<float> token_embedding;     // (vocab_size, width)
  AlignedBuffer<float> position_embedding;  // (positions, width)
  std::vector<Block> blocks;
  Norm final_norm;
  Matrix head;  // width -> vocab_size
};

}  // namespace descant
