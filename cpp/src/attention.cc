#include "descant/attention.h"

#include <algorithm>
#include <array>

namespace descant {
namespace {

// A stretch of queries that belong to one row.
struct Stretch {
  std::size_t first;
  std::size_t end;
  int keys;  // most row keys of any of them
};

Stretch stretch_from(std::span<const Query> tokens, std::size_t first) {
  Stretch stretch{first, first, 0};
  while (stretch.end < tokens.size() && tokens[stretch.end].row == tokens[first].row) {
    stretch.keys = std::max(stretch.keys, tokens[stretch.end++].row_keys);
  }
  return stretch;
}

// Calls work(stretch) for all that look at keys of their row.
template <typename Work>
void each_stretch(std::span<const Query> tokens, const Work& work) {
  for (std::size_t q = 0; q < tokens.size();) {
    const Stretch stretch = stretch_from(tokens, q);
    if (stretch.keys > 0) work(stretch);
    q = stretch.end;
  }
}

int most_trunk_keys(std::span<const Query> tokens) {
  int most = 0;
  for (const Query& token : tokens) most = std::max(most, token.trunk_keys);
  return most;
}

// What `attend` reads, in its order.
void list_all(ReadingList& list, const KeyValueCache& trunk, const KeyValueCache& rows, int layer,
              int head, std::span<const Query> tokens) {
  const int trunk_keys = most_trunk_keys(tokens);
  list.clear();
  trunk.list_keys(list, 0, layer, head, trunk_keys);
  each_stretch(tokens, [&](const Stretch& s) {
    rows.list_keys(list, tokens[s.first].row, layer, head, s.keys);
  });
  trunk.list_values(list, 0, layer, head, trunk_keys);
  each_stretch(tokens, [&](const Stretch& s) {
    rows.list_values(list, tokens[s.first].row, layer, head, s.keys);
  });
}

}  // namespace

Attention::Attention(int threads, int width, int most_keys)
    : width_(width),
      stride_(static_cast<std::size_t>(most_keys) + 2 * kGroup),
      scores_(threads * kQueries * stride_) {
  for (int thread = 0; thread < threads; ++thread)
    workspaces_.emplace_back(kQueries, width, most_keys);
}

void Attention::attend(const Kernels& kernels, const KeyValueCache& trunk,
                       const KeyValueCache& rows, int layer, int head,
                       std::span<const Query> tokens, const float* queries,
                       std::size_t query_stride, float* out, std::size_t out_stride, int thread) {
  float* const scores = scores_.data() + thread * kQueries * stride_;
  CacheWorkspace& workspace = workspaces_[static_cast<std::size_t>(thread)];
  const int count = static_cast<int>(tokens.size());
  const int trunk_keys = most_trunk_keys(tokens);

  list_all(workspace.list, trunk, rows, layer, head, tokens);
  workspace.list.begin(kernels);

  // The trunk's scores go in whole blocks, so the row's scores, which follow the last trunk key
  // without a gap, are written after them.
  if (trunk_keys > 0) {
    trunk.scores(kernels, 0, layer, head, queries, query_stride, count, trunk_keys, scores, stride_,
                 workspace);
  }
  each_stretch(tokens, [&](const Stretch& s) {
    rows.scores(kernels, tokens[s.first].row, layer, head, queries + s.first * query_stride,
                query_stride, static_cast<int>(s.end - s.first), s.keys,
                scores + s.first * stride_ + tokens[s.first].trunk_keys, stride_, workspace);
  });

  std::array<float, kQueries> sums;
  for (std::size_t q = 0; q < tokens.size(); ++q) {
    float* const own = scores + q * stride_;
    const int length = tokens[q].trunk_keys + tokens[q].row_keys;
    sums[q] = kernels.softmax(own, length);
    // Keys that only a later query of this call may look at weigh nothing.
    const std::size_t used = std::max<std::size_t>(trunk_keys, length);
    const Stretch stretch = stretch_from(tokens, q);
    std::fill(own + length, own + std::max<std::size_t>(used, tokens[q].trunk_keys + stretch.keys),
              0.0f);
    std::fill_n(out + q * out_stride, width_, 0.0f);
  }

  if (trunk_keys > 0) {
    trunk.mix(kernels, 0, layer, head, scores, stride_, count, trunk_keys, out, out_stride,
              workspace);
  }
  each_stretch(tokens, [&](const Stretch& s) {
    rows.mix(kernels, tokens[s.first].row, layer, head,
             scores + s.first * stride_ + tokens[s.first].trunk_keys, stride_,
             static_cast<int>(s.end - s.first), s.keys, out + s.first * out_stride, out_stride,
             workspace);
  });
  for (std::size_t q = 0; q < tokens.size(); ++q) {
    for (int d = 0; d < width_; ++d) out[q * out_stride + d] /= sums[q];
  }
}

}  // namespace descant
