#include "descant/cache.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "descant/large_pages.h"

namespace descant {
namespace {

int groups_of(int count) { return (count + kGroup - 1) / kGroup; }

// Of the keys, or the values, of one head.
std::size_t bytes_of_head(Precision precision, int groups, int capacity) {
  const std::size_t tiles = static_cast<std::size_t>(groups) * groups_of(capacity);
  return tiles * (precision == Precision::float32 ? kGroup * kPanel * sizeof(float) : kGroupBytes);
}

std::size_t scales_of_head(Precision precision, int groups, int capacity) {
  return precision == Precision::float32
             ? 0
             : static_cast<std::size_t>(groups) * groups_of(capacity) * kGroup;
}

std::size_t heads_of(const NetworkShape& shape, int sequences) {
  return static_cast<std::size_t>(sequences) * shape.layers * shape.heads;
}

float* scales_of(std::uint8_t* tile) { return reinterpret_cast<float*>(tile + kGroup * kPanel); }

// A panel holds its weights unsigned.
std::uint8_t stored(std::int8_t value) { return static_cast<std::uint8_t>(value + 128); }

struct QuantizedGroup {
  std::int8_t values[kGroup];
  float scale;
  std::int32_t offset;
};

QuantizedGroup quantized_group(const Kernels& kernels, const float* x) {
  QuantizedGroup group;
  kernels.quantize(x, 1, group.values, &group.scale, &group.offset);
  return group;
}

}  // namespace

CacheWorkspace::CacheWorkspace(int rows, int width, int most_keys)
    : stride(static_cast<std::size_t>(groups_of(most_keys)) * kGroup),
      weights(rows * stride),
      quantized(rows, std::max(groups_of(width), groups_of(most_keys))) {}

KeyValueCache::KeyValueCache(const NetworkShape& shape, Precision precision, int sequences,
                             int capacity)
    : precision_(precision),
      layers_(shape.layers),
      heads_(shape.heads),
      groups_(shape.padded_head_width() / kGroup),
      sequences_(sequences),
      capacity_(groups_of(capacity) * kGroup),
      head_bytes_(bytes_of_head(precision, groups_, capacity)),
      keys_(heads_of(shape, sequences) * head_bytes_),
      values_(heads_of(shape, sequences) * head_bytes_),
      value_scales_(heads_of(shape, sequences) * scales_of_head(precision, groups_, capacity)) {}

std::size_t KeyValueCache::bytes(const NetworkShape& shape, Precision precision, int sequences,
                                 int capacity) {
  const int groups = shape.padded_head_width() / kGroup;
  return heads_of(shape, sequences) * (2 * bytes_of_head(precision, groups, capacity) +
                                       scales_of_head(precision, groups, capacity) * sizeof(float));
}

void KeyValueCache::use_large_pages() {
  ask_for_large_pages(keys_.data(), keys_.size());
  ask_for_large_pages(values_.data(), values_.size());
}

std::size_t KeyValueCache::head_offset(int sequence, int layer, int head) const {
  return ((static_cast<std::size_t>(sequence) * layers_ + layer) * heads_ + head) * head_bytes_;
}

std::size_t KeyValueCache::scale_offset(int sequence, int layer, int head, int group) const {
  const std::size_t index = (static_cast<std::size_t>(sequence) * layers_ + layer) * heads_ + head;
  return (index * groups_ + group) * capacity_;
}

void KeyValueCache::write_key(const Kernels& kernels, int sequence, int layer, int head, int index,
                              int group, const float* key) {
  std::uint8_t* const base = keys_.data() + head_offset(sequence, layer, head);
  if (!quantized()) {
    const std::size_t block = static_cast<std::size_t>(index / kKeyBlock) * groups_ * kGroup;
    float* const first = reinterpret_cast<float*>(base) + (block + group * kGroup) * kKeyBlock;
    for (int c = 0; c < kGroup; ++c) first[c * kKeyBlock + index % kKeyBlock] = key[c];
    return;
  }
  QuantizedGroup own = quantized_group(kernels, key);
  const int column = index % kPanel;
  std::uint8_t* const tile =
      base + (static_cast<std::size_t>(index / kPanel) * groups_ + group) * kGroupBytes;
  for (std::int8_t& value : own.values) value = static_cast<std::int8_t>(stored(value));
  for (int c = 0; c < kGroup; c += 4) {
    std::memcpy(tile + c * kPanel + column * 4, own.values + c, 4);
  }
  scales_of(tile)[column] = own.scale;
}

void KeyValueCache::write_value(const Kernels& kernels, int sequence, int layer, int head,
                                int index, int group, const float* value) {
  std::uint8_t* const base = values_.data() + head_offset(sequence, layer, head);
  if (!quantized()) {
    const std::size_t first = static_cast<std::size_t>(index) * groups_ * kGroup + group * kGroup;
    std::copy_n(value, kGroup, reinterpret_cast<float*>(base) + first);
    return;
  }
  const QuantizedGroup own = quantized_group(kernels, value);
  const int row = index % kGroup;
  const std::size_t tiles = static_cast<std::size_t>(capacity_) / kGroup;
  std::uint8_t* const tile = base + (group * tiles + index / kGroup) * kGroupBytes;
  for (int c = 0; c < kGroup; ++c) {
    tile[row / 4 * (kPanel * 4) + c * 4 + row % 4] = stored(own.values[c]);
  }
  if (row == 0) std::fill_n(scales_of(tile), kPanel, 1.0f);
  value_scales_[scale_offset(sequence, layer, head, group) + index] = own.scale;
}

void KeyValueCache::list_keys(ReadingList& list, int sequence, int layer, int head,
                              int count) const {
  if (!quantized()) return;
  list.add(keys_.data() + head_offset(sequence, layer, head), groups_of(count) * groups_);
}

void KeyValueCache::list_values(ReadingList& list, int sequence, int layer, int head,
                                int count) const {
  if (!quantized()) return;
  const std::uint8_t* panel = values_.data() + head_offset(sequence, layer, head);
  for (int group = 0; group < groups_; ++group, panel += panel_bytes()) {
    list.add(panel, groups_of(count));
  }
}

void KeyValueCache::scores(const Kernels& kernels, int sequence, int layer, int head,
                           const float* queries, std::size_t query_stride, int rows, int count,
                           float* out, std::size_t out_stride, CacheWorkspace& workspace) const {
  const std::uint8_t* const base = keys_.data() + head_offset(sequence, layer, head);
  const int tiles = groups_of(count);
  if (!quantized()) {
    kernels.scores(queries, query_stride, rows, reinterpret_cast<const float*>(base),
                   tiles * kGroup / kKeyBlock, groups_ * kGroup, out, out_stride);
    return;
  }
  workspace.quantized.fill(kernels, queries, query_stride, rows, groups_);
  for (int r = 0; r < rows; ++r) std::fill_n(out + r * out_stride, tiles * kGroup, 0.0f);
  const std::uint8_t* tile = base;
  for (int t = 0; t < tiles; ++t) {
    for (int g = 0; g < groups_; ++g, tile += kGroupBytes) {
      kernels.multiply_int8(workspace.quantized.from(g), rows, tile, out + t * kPanel, out_stride,
                            workspace.list.ahead());
      // `mix` reads them next, and on no list.
      kernels.prefetch(value_scales_.data() + scale_offset(sequence, layer, head, g) + t * kGroup,
                       kGroup * sizeof(float));
    }
  }
}

void KeyValueCache::mix(const Kernels& kernels, int sequence, int layer, int head,
                        const float* weights, std::size_t weight_stride, int rows, int count,
                        float* out, std::size_t out_stride, CacheWorkspace& workspace) const {
  const std::uint8_t* const base = values_.data() + head_offset(sequence, layer, head);
  if (!quantized()) {
    kernels.mix(weights, weight_stride, rows, reinterpret_cast<const float*>(base), count,
                groups_ * kGroup, out, out_stride);
    return;
  }
  const int tiles = groups_of(count);
  for (int group = 0; group < groups_; ++group) {
    const float* const scales = value_scales_.data() + scale_offset(sequence, layer, head, group);
    for (int r = 0; r < rows; ++r) {
      float* const scaled = workspace.weights.data() + r * workspace.stride;
      std::transform(scales, scales + count, weights + r * weight_stride, scaled,
                     std::multiplies<>());
      std::fill(scaled + count, scaled + tiles * kGroup, 0.0f);
    }
    workspace.quantized.fill(kernels, workspace.weights.data(), workspace.stride, rows, tiles);
    const std::uint8_t* tile = base + group * panel_bytes();
    for (int t = 0; t < tiles; ++t, tile += kGroupBytes) {
      kernels.multiply_int8(workspace.quantized.from(t), rows, tile, out + group * kPanel,
                            out_stride, workspace.list.ahead());
    }
  }
}

}  // namespace descant
