#pragma once

#include <cstddef>
#include <cstdint>

#include "descant/aligned_buffer.h"
#include "descant/kernels.h"
#include "descant/quantized_buffer.h"
#include "descant/reading_list.h"
#include "descant/weights.h"

namespace descant {

// What reading a cache needs besides: what is read in which order, and room for some rows of
// queries or of weights of keys.
struct CacheWorkspace {
  CacheWorkspace(int rows, int width, int most_keys);

  ReadingList list;
  std::size_t stride;
  AlignedBuffer<float> weights;  // (rows, stride)
  QuantizedBuffer quantized;
};

// Keys and values of some sequences of equal capacity, allocated once and written in place.
//
// Precision::float32: one head's keys lie in blocks of kKeyBlock, within a block by component, so
// that one vector holds the same component of kKeyBlock keys; its values lie key after key.
// Otherwise both are groups of multiply_int8.  Keys are its outputs, kPanel to a group, and
// components its inputs; each key has a scale.  For values, components are the outputs and keys the
// inputs; a group has no room for a scale to each input, so those lie apart, and what multiplies
// the values is multiplied with them first.
class KeyValueCache {
 public:
  KeyValueCache() = default;
  KeyValueCache(const NetworkShape& shape, Precision precision, int sequences, int capacity);
  static std::size_t bytes(const NetworkShape& shape, Precision precision, int sequences,
                           int capacity);

  // For a cache that fills up and is read whole every time; the memory of one that stays mostly
  // empty would be taken without need.
  void use_large_pages();

  int sequences() const { return sequences_; }
  int capacity() const { return capacity_; }

  // Stores kGroup components, those of group `group` of the head, of the key or value at `index`.
  // Every index before it has been stored.
  void write_key(const Kernels& kernels, int sequence, int layer, int head, int index, int group,
                 const float* key);
  void write_value(const Kernels& kernels, int sequence, int layer, int head, int index, int group,
                   const float* value);

  // Says what `scores`, or `mix`, is going to read.
  void list_keys(ReadingList& list, int sequence, int layer, int head, int count) const;
  void list_values(ReadingList& list, int sequence, int layer, int head, int count) const;

  // Both take up a workspace whose list goes on with what they read.
  // out[r][k] = queries[r] . key k, for at least `count` keys: whole blocks of kGroup are written.
  void scores(const Kernels& kernels, int sequence, int layer, int head, const float* queries,
              std::size_t query_stride, int rows, int count, float* out, std::size_t out_stride,
              CacheWorkspace& workspace) const;
  // out[r] += sum over the first `count` keys of weights[r][k] * value k.
  void mix(const Kernels& kernels, int sequence, int layer, int head, const float* weights,
           std::size_t weight_stride, int rows, int count, float* out, std::size_t out_stride,
           CacheWorkspace& workspace) const;

 private:
  std::size_t head_offset(int sequence, int layer, int head) const;  // in bytes
  // Where the scales of group `group` of the head's values begin.
  std::size_t scale_offset(int sequence, int layer, int head, int group) const;
  // From one panel of values to the next.
  std::size_t panel_bytes() const {
    return static_cast<std::size_t>(capacity_) / kGroup * kGroupBytes;
  }
  bool quantized() const { return precision_ != Precision::float32; }

  Precision precision_ = Precision::float32;
  int layers_ = 0;
  int heads_ = 0;
  int groups_ = 0;  // of kGroup components in a head
  int sequences_ = 0;
  int capacity_ = 0;            // a multiple of kGroup
  std::size_t head_bytes_ = 0;  // of the keys or the values of one head of a sequence
  AlignedBuffer<std::uint8_t> keys_;
  AlignedBuffer<std::uint8_t> values_;
  AlignedBuffer<float> value_scales_;
};

}  // namespace descant
