#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "descant/error.h"
#include "descant/transformer.h"

using descant::BadRequest;
using descant::BadWeights;
using descant::NetworkShape;
using descant::Precision;
using descant::Transformer;
using descant::TransformerSettings;
using descant::WeightViews;

namespace {

constexpr NetworkShape kShape{50, 160, 24, 2, 3};

// The tensors of a small network, from a seed.
class SmallWeights {
 public:
  SmallWeights() {
    const int width = kShape.width;
    add("transformer.wte.weight", {kShape.vocab_size, width});
    add("transformer.wpe.weight", {kShape.positions, width});
    add("transformer.ln_f.weight", {width});
    add("transformer.ln_f.bias", {width});
    for (int layer = 0; layer < kShape.layers; ++layer) {
      const std::string block = "transformer.h." + std::to_string(layer) + ".";
      for (const char* norm : {"ln_1", "ln_2"}) {
        add(block + norm + ".weight", {width});
        add(block + norm + ".bias", {width});
      }
      add_linear(block + "attn.c_attn", width, 3 * width);
      add_linear(block + "attn.c_proj", width, width);
      add_linear(block + "mlp.c_fc", width, 4 * width);
      add_linear(block + "mlp.c_proj", 4 * width, width);
    }
  }

  WeightViews views() const {
    WeightViews views;
    for (const auto& [name, tensor] : tensors_) {
      views[name] = {descant::WeightType::float32, tensor.shape, tensor.values.data()};
    }
    return views;
  }
  std::vector<float>& values(const std::string& name) { return tensors_.at(name).values; }

 private:
  struct Tensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
  };

  void add_linear(const std::string& name, int inputs, int outputs) {
    add(name + ".weight", {inputs, outputs});
    add(name + ".bias", {outputs});
  }
  void add(const std::string& name, std::vector<std::int64_t> shape) {
    std::size_t size = 1;
    for (const std::int64_t length : shape) size *= static_cast<std::size_t>(length);
    std::vector<float> values(size);
    std::normal_distribution<float> normal(0.0f, 0.3f);
    for (float& value : values) value = normal(generator_);
    tensors_[name] = {std::move(shape), std::move(values)};
  }

  std::mt19937 generator_{7};
  std::map<std::string, Tensor> tensors_;
};

std::vector<int> tokens(int count, int seed) {
  std::mt19937 generator(static_cast<unsigned>(seed));
  std::vector<int> ids;
  for (int i = 0; i < count; ++i) ids.push_back(static_cast<int>(generator() % kShape.vocab_size));
  return ids;
}

std::vector<float> prefill(Transformer& network, const std::vector<int>& ids) {
  std::vector<int> positions(ids.size());
  std::iota(positions.begin(), positions.end(), 0);
  const std::vector<std::uint8_t> visible(ids.size(), 1);
  std::vector<float> logits(kShape.vocab_size);
  REQUIRE(network.prefill(ids, positions, visible, logits));
  return logits;
}

std::vector<float> extend(Transformer& network, const std::vector<descant::Run>& runs) {
  std::vector<float> logits(runs.size() * kShape.vocab_size);
  network.extend(runs, logits);
  return logits;
}

TransformerSettings with(Precision precision, int threads) {
  TransformerSettings settings;
  settings.precision = precision;
  settings.threads = threads;
  return settings;
}

}  // namespace

// The logits behind `tail` of every one of `rows` rows, fed `run` tokens at a time.
std::vector<float> continued(Transformer& network, int prompt, const std::vector<int>& tail,
                             int rows, std::size_t run) {
  network.fork(rows, prompt);
  std::vector<float> logits;
  for (std::size_t first = 0; first < tail.size(); first += run) {
    const std::span part = std::span(tail).subspan(first, std::min(run, tail.size() - first));
    std::vector<descant::Run> runs;
    for (int row = 0; row < rows; ++row) runs.push_back({row, part});
    logits = extend(network, runs);
  }
  return logits;
}

TEST_CASE("logits do not depend on threads, on the batch, or on how the tokens were fed") {
  const SmallWeights weights;
  const std::vector<int> prompt = tokens(70, 1);
  const std::vector<int> tail = tokens(20, 2);
  for (const Precision precision : {Precision::float32, Precision::int8, Precision::int6}) {
    Transformer alone(kShape, weights.views(), with(precision, 1));
    prefill(alone, prompt);
    const std::vector<float> wanted = continued(alone, 70, tail, 1, tail.size());
    for (const int threads : {1, 2, 5}) {
      for (const int rows : {1, 3, 8, 20}) {
        for (const std::size_t run : {1, 7}) {
          Transformer network(kShape, weights.views(), with(precision, threads));
          prefill(network, prompt);
          const std::vector<float> logits = continued(network, 70, tail, rows, run);
          for (int row = 0; row < rows; ++row) {
            const auto first = logits.begin() + row * kShape.vocab_size;
            REQUIRE(std::vector<float>(first, first + kShape.vocab_size) == wanted);
          }
        }
      }
    }
  }
}

TEST_CASE("a row continues the prompt as a longer prompt does") {
  const SmallWeights weights;
  const std::vector<int> prompt = tokens(70, 1);
  const std::vector<int> tail = tokens(20, 2);
  std::vector<int> all = prompt;
  all.insert(all.end(), tail.begin(), tail.end());
  for (const Precision precision : {Precision::float32, Precision::int8, Precision::int6}) {
    Transformer network(kShape, weights.views(), with(precision, 1));
    const std::vector<float> wanted = prefill(network, all);
    prefill(network, prompt);
    const std::vector<float> logits = continued(network, 70, tail, 1, 1);
    if (precision == Precision::float32) {
      CHECK(logits == wanted);
    } else {  // keys are weighted in groups, which begin anew in a row
      const auto [least, most] = std::ranges::minmax(wanted);
      for (std::size_t i = 0; i < logits.size(); ++i) {
        CHECK(std::fabs(logits[i] - wanted[i]) < 0.02f * (most - least));
      }
    }
  }
}

TEST_CASE("rows differ, and rolling one back leaves the others") {
  const SmallWeights weights;
  Transformer network(kShape, weights.views(), with(Precision::int8, 2));
  prefill(network, tokens(33, 1));
  network.fork(2, 33);
  const std::vector<int> first = tokens(40, 3);
  const std::vector<int> second = tokens(25, 4);
  const std::vector<float> start = extend(network, {{0, first}, {1, second}});
  network.rollback(1, 10);
  extend(network, {{1, first}});
  network.rollback(1, 10);
  network.rollback(0, 39);
  const std::vector<float> again =
      extend(network, {{0, std::span(first).last(1)}, {1, std::span(second).subspan(10)}});
  CHECK(again == start);
}

TEST_CASE("a stopped prompt says so, and what it has done is reused") {
  const SmallWeights weights;
  Transformer network(kShape, weights.views(), with(Precision::float32, 2));
  const std::vector<int> ids = tokens(150, 5);
  const std::vector<float> wanted = prefill(network, ids);
  const std::vector<int> positions = [] {
    std::vector<int> counted(150);
    std::iota(counted.begin(), counted.end(), 0);
    return counted;
  }();
  const std::vector<std::uint8_t> visible(150, 1);
  std::vector<float> logits(kShape.vocab_size, 123.0f);
  std::atomic<bool> stop{true};
  network.stop_when(&stop);
  CHECK_FALSE(network.prefill(ids, positions, visible, logits));
  CHECK(logits == std::vector<float>(kShape.vocab_size, 123.0f));
  stop = false;
  CHECK(network.prefill(ids, positions, visible, logits));
  CHECK(logits == wanted);
}

TEST_CASE("memory: what is asked for is named before it is taken") {
  const SmallWeights weights;
  TransformerSettings settings = with(Precision::int8, 1);
  settings.memory_limit = std::size_t{1} << 10;
  CHECK_THROWS_AS(Transformer(kShape, weights.views(), settings), BadRequest);
  settings.memory_limit = std::size_t{4} << 20;
  Transformer network(kShape, weights.views(), settings);
  // rows x layers x heads x (key and value tiles of 64 x 64 bytes and scales, scales of values)
  CHECK(network.memory_needed(3, 32) == 3u * 2 * 3 * (2 * (64 * 64 + 64 * 4) + 64 * 4));
  prefill(network, tokens(10, 1));
  CHECK_THROWS_AS(network.fork(1000, 10), BadRequest);
  CHECK_NOTHROW(network.fork(5, 10));
}

TEST_CASE("tensors that make no network are named") {
  SmallWeights weights;
  WeightViews views = weights.views();
  views.erase("transformer.wpe.weight");
  views["transformer.h.0.attn.bias"] = views.at("transformer.ln_f.bias");
  try {
    Transformer(kShape, views, {});
    FAIL("accepted");
  } catch (const BadWeights& error) {
    CHECK(std::string(error.what()) ==
          "transformer.wpe.weight is missing; transformer.h.0.attn.bias is not a tensor of this "
          "network");
  }
  weights.values("transformer.h.1.mlp.c_fc.bias")[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(Transformer(kShape, weights.views(), {}), BadWeights);
  for (const NetworkShape& shape :
       {NetworkShape{50, 160, 24, 2, 5}, NetworkShape{50, 160, 24, 3, 3},
        NetworkShape{50, 160, 0, 2, 3}, NetworkShape{50, 160, 24, 2, -3},
        NetworkShape{50, 160, 24, std::numeric_limits<int>::max(), 3},
        NetworkShape{std::numeric_limits<int>::max(), 160, 24, 2, 3}}) {
    CHECK_THROWS_AS(Transformer(shape, weights.views(), {}), BadWeights);
  }
}
