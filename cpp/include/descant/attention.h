#pragma once

#include <span>
#include <vector>

#include "descant/aligned_buffer.h"
#include "descant/cache.h"
#include "descant/kernels.h"

namespace descant {

// What one token may look at: the first `trunk_keys` keys of the trunk, then the first `row_keys`
// of its row.  At least one in all.
struct Query {
  int row;
  int trunk_keys;
  int row_keys;
};

// Softmax attention of one head for a few tokens at a time.  The trunk's keys and values are read
// once for all of them.
class Attention {
 public:
  static constexpr int kQueries = 16;  // most per call

  // `width`: of a head, padded.  `most_keys`: the longest trunk and the longest row together.
  // `threads` calls may run at once.
  Attention(int threads, int width, int most_keys);

  // queries: (n, padded head width), already scaled, rows `query_stride` apart; out likewise.
  // The queries of a row follow each other.
  void attend(const Kernels& kernels, const KeyValueCache& trunk, const KeyValueCache& rows,
              int layer, int head, std::span<const Query> tokens, const float* queries,
              std::size_t query_stride, float* out, std::size_t out_stride, int thread);

 private:
  int width_;
  std::size_t stride_;
  AlignedBuffer<float> scores_;             // (threads, kQueries, stride_)
  std::vector<CacheWorkspace> workspaces_;  // of each thread
};

}  // namespace descant
