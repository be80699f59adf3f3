#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "descant/attention.h"
#include "descant/cache.h"
#include "descant/network.h"
#include "descant/thread_pool.h"
#include "descant/weights.h"

namespace descant {

struct TransformerSettings {
  Precision precision = Precision::int8;
  int threads = 0;                                  // 0: ThreadPool::default_threads()
  std::size_t memory_limit = std::size_t{8} << 30;  // bytes, of weights and caches together
};

// GPT-2 on the CPU (spec/generation.md 2.3).  float32 is the network as trained, up to rounding;
// int8 holds weights, keys, values and what they are multiplied with in int8, all else in float32;
// int6 is int8 with weights of six bits.
// A row's logits do not depend, to the bit, on the other rows, the number of threads, or on whether
// its tokens came one by one or in a run; in float32 neither on whether they came as a prompt.
class Transformer final : public Network {
 public:
  // BadWeights for tensors that make no network, BadRequest when it would exceed the memory limit;
  // both before anything large is allocated.
  Transformer(const NetworkShape& shape, const WeightViews& views,
              const TransformerSettings& settings);

  int vocab_size() const override { return shape_.vocab_size; }
  int positions() const override { return shape_.positions; }
  std::size_t memory_needed(int rows, int tokens) const override;
  bool prefill(std::span<const int> ids, std::span<const int> positions,
               std::span<const std::uint8_t> visible, std::span<float> logits) override;
  void fork(int rows, int next_position) override;
  void extend(std::span<const Run> runs, std::span<float> logits) override;
  void rollback(int row, int length) override;
  bool last_attention(std::span<const int> ids, std::span<const int> positions,
                      std::span<const std::uint8_t> visible, std::span<float> mass) override;

  int threads() const { return pool_.threads(); }
  const char* kernels() const { return kernels_.name; }

 private:
  // A token on its way through the network.
  struct Token {
    int id;
    int position;
    Query query;
    int slot;  // where its key goes in the trunk (row < 0) or in its row; negative: nowhere
  };
  using Place = std::pair<int, int>;  // (id, position)

  void check_prompt(std::span<const int> ids, std::span<const int> positions,
                    std::span<const std::uint8_t> visible) const;
  void check_runs(std::span<const Run> runs) const;
  void forward(std::span<const Token> tokens);
  void attention(int layer, std::span<const Token> tokens);
  void watch(int layer, const Token& token);
  void inner(int layer, int rows);
  void norm(const Norm& norm, const Activations& from, int rows, Activations& to, bool quantize);
  void store(int layer, std::span<const Token> tokens, int panel, const float* from);
  void head(int rows, std::span<float> logits);
  bool quantized() const { return settings_.precision != Precision::float32; }

  TransformerSettings settings_;
  NetworkShape shape_;
  Weights weights_;
  const Kernels& kernels_;
  ThreadPool pool_;

  std::vector<float> watched_;  // attention of a single token to the trunk; empty: not watched
  std::vector<Place> trunk_places_;
  std::vector<int> row_lengths_;
  int next_position_ = 0;
  KeyValueCache trunk_;
  KeyValueCache rows_;

  // Of the tokens in the pass, at most kBlock.
  std::vector<Query> queries_;
  Activations state_;
  Activations normed_;
  Activations query_rows_;
  Activations attended_;
  Activations inner_;
  Activations last_;  // final states whose logits are wanted
  Activations last_normed_;
  Attention attention_;
};

}  // namespace descant
