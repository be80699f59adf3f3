#include "descant/transformer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <new>
#include <string>

#include "descant/error.h"

namespace descant {
namespace {

constexpr int kBlock = 64;  // tokens that go through the network together
constexpr int kRowsPerTask = 8;

std::string megabytes(std::size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

void check_memory(std::size_t needed, std::size_t limit, const std::string& what) {
  if (needed > limit) {
    throw BadRequest(what + " needs " + megabytes(needed) + " of memory, but the limit is " +
                     megabytes(limit));
  }
}

// Weights, and the prompt's cache.
std::size_t network_bytes(const NetworkShape& shape, Precision precision) {
  return Weights::bytes(shape, precision) +
         KeyValueCache::bytes(shape, precision, 1, shape.positions);
}

NetworkShape checked(const NetworkShape& shape, const WeightViews& views,
                     const TransformerSettings& settings) {
  check_weights(shape, views);
  check_memory(network_bytes(shape, settings.precision), settings.memory_limit, "the network");
  return shape;
}

int threads_of(const TransformerSettings& settings) {
  return settings.threads > 0 ? settings.threads : ThreadPool::default_threads();
}

void check_token(int id, int vocab_size) {
  if (id < 0 || id >= vocab_size) {
    throw BadRequest("token " + std::to_string(id) + " is outside the vocabulary, 0 to " +
                     std::to_string(vocab_size - 1));
  }
}

void check_position(int position, int positions) {
  if (position < 0 || position >= positions) {
    throw BadRequest("position " + std::to_string(position) + " is outside the network's 0 to " +
                     std::to_string(positions - 1));
  }
}

// What one panel of a matrix makes of the tokens in a pass.
struct PanelRows {
  alignas(64) float values[kBlock * kPanel];
  float* data() { return values; }
};

// Onto the columns of `to` that belong to the panel.
void add(const PanelRows& from, int rows, int panel, Activations& to) {
  for (int r = 0; r < rows; ++r) {
    const float* const own = from.values + r * kPanel;
    float* const sums = to.row(r) + panel * kPanel;
    std::transform(own, own + kPanel, sums, sums, std::plus<>());
  }
}

int tasks_for(int rows) { return (rows + kRowsPerTask - 1) / kRowsPerTask; }

}  // namespace

Transformer::Transformer(const NetworkShape& shape, const WeightViews& views,
                         const TransformerSettings& settings)
    : settings_(settings),
      shape_(checked(shape, views, settings)),
      weights_(shape, views, settings.precision),
      kernels_(choose_kernels()),
      pool_(threads_of(settings)),
      trunk_(shape, settings.precision, 1, shape.positions),
      state_(kBlock, shape.width),
      normed_(kBlock, shape.width),
      query_rows_(kBlock, shape.attention_width()),
      attended_(kBlock, shape.attention_width()),
      inner_(kBlock, shape.inner_width()),
      last_(kBlock, shape.width),
      last_normed_(kBlock, shape.width),
      attention_(pool_.threads(), shape.padded_head_width(), 2 * shape.positions) {
  trunk_.use_large_pages();
}

std::size_t Transformer::memory_needed(int rows, int tokens) const {
  return KeyValueCache::bytes(shape_, settings_.precision, rows, tokens);
}

void Transformer::check_prompt(std::span<const int> ids, std::span<const int> positions,
                               std::span<const std::uint8_t> visible) const {
  if (ids.empty()) throw BadRequest("the prompt is empty; at least one token is needed");
  if (positions.size() != ids.size() || visible.size() != ids.size()) {
    throw BadRequest("the prompt has " + std::to_string(ids.size()) + " tokens, but " +
                     std::to_string(positions.size()) + " positions and " +
                     std::to_string(visible.size()) + " marks of what is visible");
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    check_token(ids[i], shape_.vocab_size);
    check_position(positions[i], shape_.positions);
    if (i > 0 && positions[i] <= positions[i - 1]) {
      throw BadRequest("position " + std::to_string(positions[i]) + " follows " +
                       std::to_string(positions[i - 1]) + "; positions must grow");
    }
  }
  if (std::ranges::none_of(visible, [](std::uint8_t seen) { return seen != 0; })) {
    throw BadRequest("every token of the prompt is hidden; at least one must be visible");
  }
}

// A hidden token is never read, so it does not enter the cache, and but for the last one, whose
// logits are wanted, it is not computed either.
bool Transformer::prefill(std::span<const int> ids, std::span<const int> positions,
                          std::span<const std::uint8_t> visible, std::span<float> logits) {
  check_prompt(ids, positions, visible);
  std::vector<Place> places;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (visible[i] != 0) places.emplace_back(ids[i], positions[i]);
  }
  const auto same = std::ranges::mismatch(trunk_places_, places).in1 - trunk_places_.begin();
  const bool last_visible = visible.back() != 0;
  const std::size_t known = std::min(static_cast<std::size_t>(same),
                                     places.size() - static_cast<std::size_t>(last_visible));
  row_lengths_.clear();
  trunk_places_.resize(known);

  std::vector<Token> tokens;
  for (std::size_t i = known; i < places.size(); ++i) {
    const int slot = static_cast<int>(i);
    tokens.push_back({places[i].first, places[i].second, {-1, slot + 1, 0}, slot});
  }
  if (!last_visible) {
    tokens.push_back({ids.back(), positions.back(), {-1, static_cast<int>(places.size()), 0}, -1});
  }
  for (std::size_t first = 0; first < tokens.size(); first += kBlock) {
    if (stop_requested()) return false;
    const std::size_t count = std::min<std::size_t>(kBlock, tokens.size() - first);
    forward(std::span(tokens).subspan(first, count));
    const std::size_t stored = std::min(known + first + count, places.size());
    trunk_places_.assign(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(stored));
  }
  const int final = static_cast<int>((tokens.size() - 1) % kBlock);
  std::copy_n(state_.row(final), shape_.width, last_.row(0));
  head(1, logits);
  return true;
}

bool Transformer::last_attention(std::span<const int> ids, std::span<const int> positions,
                                 std::span<const std::uint8_t> visible, std::span<float> mass) {
  std::vector<float> logits(static_cast<std::size_t>(shape_.vocab_size));
  if (!prefill(ids, positions, visible, logits)) return false;
  // The prompt is cached now, so that the second pass computes its last token and nothing else.
  watched_.assign(trunk_places_.size(), 0.0f);
  const bool finished = prefill(ids, positions, visible, logits);
  const std::vector<float> weights = std::exchange(watched_, {});
  std::size_t key = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) mass[i] = visible[i] != 0 ? weights[key++] : 0.0f;
  return finished;
}

// Adds up what the token, alone in its pass, attends to in this layer.
void Transformer::watch(int layer, const Token& token) {
  if (layer < shape_.layers / 2) return;
  const int keys = token.query.trunk_keys;
  const int head_width = shape_.padded_head_width();
  std::vector<float> scores(static_cast<std::size_t>(keys + 2 * kGroup));
  CacheWorkspace workspace(1, head_width, keys);
  for (int head = 0; head < shape_.heads; ++head) {
    workspace.list.clear();
    trunk_.list_keys(workspace.list, 0, layer, head, keys);
    trunk_.scores(kernels_, 0, layer, head, query_rows_.row(0) + head * head_width,
                  query_rows_.stride(), 1, keys, scores.data(), scores.size(), workspace);
    const float sum = kernels_.softmax(scores.data(), keys) * static_cast<float>(shape_.heads);
    for (std::size_t k = 0; k < static_cast<std::size_t>(keys); ++k) watched_[k] += scores[k] / sum;
  }
}

void Transformer::fork(int rows, int next_position) {
  if (rows < 1) throw BadRequest("cannot fork into " + std::to_string(rows) + " rows; at least 1");
  if (trunk_places_.empty()) throw BadRequest("there is no prompt to fork from");
  if (next_position <= trunk_places_.back().second || next_position > shape_.positions) {
    throw BadRequest("the next position is " + std::to_string(next_position) +
                     ", but must lie behind the prompt's last, " +
                     std::to_string(trunk_places_.back().second) + ", and within " +
                     std::to_string(shape_.positions));
  }
  const int capacity = shape_.positions - next_position;
  if (rows_.sequences() < rows || rows_.capacity() < capacity) {
    check_memory(network_bytes(shape_, settings_.precision) + memory_needed(rows, capacity),
                 settings_.memory_limit,
                 "continuing the prompt in " + std::to_string(rows) + " takes");
    rows_ = KeyValueCache();
    rows_ = KeyValueCache(shape_, settings_.precision, rows, capacity);
  }
  row_lengths_.assign(static_cast<std::size_t>(rows), 0);
  next_position_ = next_position;
}

void Transformer::check_runs(std::span<const Run> runs) const {
  std::vector<bool> listed(row_lengths_.size());
  for (const Run& run : runs) {
    const std::size_t row = static_cast<std::size_t>(run.row);
    if (run.row < 0 || row >= row_lengths_.size() || listed[row]) {
      throw BadRequest("row " + std::to_string(run.row) + " is listed twice or is not one of the " +
                       std::to_string(row_lengths_.size()) + " rows");
    }
    listed[row] = true;
    if (run.tokens.empty()) {
      throw BadRequest("row " + std::to_string(run.row) + " is given no token; at least 1");
    }
    for (const int id : run.tokens) check_token(id, shape_.vocab_size);
    const int length = row_lengths_[row] + static_cast<int>(run.tokens.size());
    check_position(next_position_ + length - 1, shape_.positions);
  }
}

void Transformer::extend(std::span<const Run> runs, std::span<float> logits) {
  check_runs(runs);
  std::vector<Token> tokens;
  std::vector<std::size_t> ends;  // of the runs, in tokens
  const int trunk_keys = static_cast<int>(trunk_places_.size());
  for (const Run& run : runs) {
    int& length = row_lengths_[static_cast<std::size_t>(run.row)];
    for (const int id : run.tokens) {
      tokens.push_back({id, next_position_ + length, {run.row, trunk_keys, length + 1}, length});
      ++length;
    }
    ends.push_back(tokens.size());
  }
  const std::size_t vocab_size = static_cast<std::size_t>(shape_.vocab_size);
  std::size_t answered = 0;
  for (std::size_t first = 0; first < tokens.size(); first += kBlock) {
    const std::size_t count = std::min<std::size_t>(kBlock, tokens.size() - first);
    forward(std::span(tokens).subspan(first, count));
    int wanted = 0;
    for (std::size_t r = answered; r < ends.size() && ends[r] <= first + count; ++r) {
      std::copy_n(state_.row(static_cast<int>(ends[r] - 1 - first)), shape_.width,
                  last_.row(wanted++));
    }
    head(wanted, logits.subspan(answered * vocab_size, wanted * vocab_size));
    answered += static_cast<std::size_t>(wanted);
  }
}

void Transformer::rollback(int row, int length) {
  if (row < 0 || row >= static_cast<int>(row_lengths_.size())) {
    throw BadRequest("row " + std::to_string(row) + " is not one of the " +
                     std::to_string(row_lengths_.size()) + " rows");
  }
  int& present = row_lengths_[static_cast<std::size_t>(row)];
  if (length < 0 || length > present) {
    throw BadRequest("row " + std::to_string(row) + " has " + std::to_string(present) +
                     " tokens and cannot keep " + std::to_string(length));
  }
  present = length;
}

// Leaves the final state of each token, before the last norm, in state_.
void Transformer::forward(std::span<const Token> tokens) {
  const int rows = static_cast<int>(tokens.size());
  const std::size_t width = static_cast<std::size_t>(shape_.width);
  queries_.clear();
  for (int r = 0; r < rows; ++r) {
    const Token& token = tokens[static_cast<std::size_t>(r)];
    queries_.push_back(token.query);
    const float* const meaning = weights_.token_embedding.data() + token.id * width;
    const float* const place = weights_.position_embedding.data() + token.position * width;
    std::transform(meaning, meaning + width, place, state_.row(r), std::plus<>());
  }
  for (int layer = 0; layer < shape_.layers; ++layer) {
    attention(layer, tokens);
    inner(layer, rows);
  }
}

void Transformer::attention(int layer, std::span<const Token> tokens) {
  const int rows = static_cast<int>(tokens.size());
  const Block& block = weights_.blocks[static_cast<std::size_t>(layer)];
  norm(block.attention_norm, state_, rows, normed_, quantized());
  pool_.run(block.attention.panels(), [&](int panel, int) {
    PanelRows out;
    block.attention.multiply(kernels_, normed_, rows, panel, out.data());
    store(layer, tokens, panel, out.data());
  });
  const int chunks = (rows + Attention::kQueries - 1) / Attention::kQueries;
  const int head_width = shape_.padded_head_width();
  pool_.run(shape_.heads * chunks, [&](int task, int thread) {
    const int head = task % shape_.heads;
    const int first = task / shape_.heads * Attention::kQueries;
    const int count = std::min(Attention::kQueries, rows - first);
    const std::span queries = std::span(queries_).subspan(static_cast<std::size_t>(first),
                                                          static_cast<std::size_t>(count));
    attention_.attend(kernels_, trunk_, rows_, layer, head, queries,
                      query_rows_.row(first) + head * head_width, query_rows_.stride(),
                      attended_.row(first) + head * head_width, attended_.stride(), thread);
  });
  if (!watched_.empty()) watch(layer, tokens.front());
  if (quantized()) {
    pool_.run(tasks_for(rows), [&](int task, int) {
      for (int r = task * kRowsPerTask; r < std::min(rows, (task + 1) * kRowsPerTask); ++r) {
        attended_.quantize_row(kernels_, r);
      }
    });
  }
  pool_.run(block.projection.panels(), [&](int panel, int) {
    PanelRows out;
    block.projection.multiply(kernels_, attended_, rows, panel, out.data());
    add(out, rows, panel, state_);
  });
}

// Takes what one panel of the joined matrix of queries, keys and values has made to its place.
void Transformer::store(int layer, std::span<const Token> tokens, int panel, const float* from) {
  const int part_width = shape_.attention_width();
  const int head_width = shape_.padded_head_width();
  const float scale = 1.0f / std::sqrt(static_cast<float>(shape_.head_width()));
  const int part = panel * kPanel / part_width;
  const int head = panel * kPanel % part_width / head_width;
  const int group = panel * kPanel % head_width / kGroup;
  for (std::size_t t = 0; t < tokens.size(); ++t, from += kPanel) {
    const Token& token = tokens[t];
    if (part == 0) {
      std::transform(from, from + kPanel, query_rows_.row(static_cast<int>(t)) + panel * kPanel,
                     [scale](float x) { return x * scale; });
      continue;
    }
    if (token.slot < 0) continue;
    KeyValueCache& cache = token.query.row < 0 ? trunk_ : rows_;
    const int sequence = std::max(token.query.row, 0);
    const auto write = part == 1 ? &KeyValueCache::write_key : &KeyValueCache::write_value;
    (cache.*write)(kernels_, sequence, layer, head, token.slot, group, from);
  }
}

void Transformer::inner(int layer, int rows) {
  const Block& block = weights_.blocks[static_cast<std::size_t>(layer)];
  norm(block.inner_norm, state_, rows, normed_, quantized());
  pool_.run(block.expand.panels(), [&](int panel, int) {
    PanelRows out;
    block.expand.multiply(kernels_, normed_, rows, panel, out.data());
    kernels_.gelu(out.data(), rows * kPanel);
    for (int r = 0; r < rows; ++r) {
      std::copy_n(out.data() + r * kPanel, kPanel, inner_.row(r) + panel * kPanel);
      if (quantized()) inner_.quantize_group(kernels_, r, panel);
    }
  });
  pool_.run(block.contract.panels(), [&](int panel, int) {
    PanelRows out;
    block.contract.multiply(kernels_, inner_, rows, panel, out.data());
    add(out, rows, panel, state_);
  });
}

void Transformer::norm(const Norm& norm, const Activations& from, int rows, Activations& to,
                       bool quantize) {
  pool_.run(tasks_for(rows), [&](int task, int) {
    for (int r = task * kRowsPerTask; r < std::min(rows, (task + 1) * kRowsPerTask); ++r) {
      kernels_.layer_norm(from.row(r), norm.gain.data(), norm.bias.data(), shape_.width, to.row(r));
      if (quantize) to.quantize_row(kernels_, r);
    }
  });
}

// logits: (rows, V), from the states in last_.
void Transformer::head(int rows, std::span<float> logits) {
  const Matrix& head = weights_.head;
  norm(weights_.final_norm, last_, rows, last_normed_, quantized());
  pool_.run(rows == 0 ? 0 : head.panels(), [&](int panel, int) {
    PanelRows out;
    head.multiply(kernels_, last_normed_, rows, panel, out.data());
    const int first = panel * kPanel;
    const int count = std::min(kPanel, shape_.vocab_size - first);
    for (int r = 0; r < rows; ++r) {
      std::copy_n(out.data() + r * kPanel, count,
                  logits.data() + static_cast<std::size_t>(r) * shape_.vocab_size + first);
    }
  });
}

}  // namespace descant
