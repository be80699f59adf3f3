#pragma once

#include <cstddef>
#include <cstdint>

#include "descant/aligned_buffer.h"
#include "descant/kernels.h"
#include "descant/weights.h"

namespace descant {

// Keys and values of some sequences of equal capacity, allocated once and written in place.
// One head's keys lie together in blocks of kKeyBlock, within a block by component, so that one
// vector holds the same component of kKeyBlock keys; its values lie key after key.
// Precision::int8 keeps halves, Precision::float32 floats.
class KeyValueCache {
 public:
  KeyValueCache() = default;
  KeyValueCache(const NetworkShape& shape, Precision precision, int sequences, int capacity);
  static std::size_t bytes(const NetworkShape& shape, Precision precision, int sequences,
                           int capacity);

  int sequences() const { return sequences_; }
  int capacity() const { return capacity_; }

  const void* keys(int sequence, int layer, int head) const;
  const void* values(int sequence, int layer, int head) const;

  // Stores kKeyBlock components, beginning with `component`, of the key or value at `index`.
  void write_key(const Kernels& kernels, int sequence, int layer, int head, int index,
                 int component, const float* key);
  void write_value(const Kernels& kernels, int sequence, int layer, int head, int index,
                   int component, const float* value);

  // The kernels that read what is stored here.
  void scores(const Kernels& kernels, int sequence, int layer, int head, const float* queries,
              std::size_t query_stride, int rows, int count, float* out,
              std::size_t out_stride) const;
  void mix(const Kernels& kernels, int sequence, int layer, int head, const float* probabilities,
           std::size_t probability_stride, int rows, int count, float* out,
           std::size_t out_stride) const;

 private:
  std::size_t head_offset(int sequence, int layer, int head) const;
  bool half() const { return element_bytes_ == sizeof(std::uint16_t); }

  int layers_ = 0;
  int heads_ = 0;
  int width_ = 0;  // of a head, padded
  int sequences_ = 0;
  int capacity_ = 0;  // a multiple of kKeyBlock
  std::size_t element_bytes_ = 0;
  AlignedBuffer<std::uint8_t> keys_;
  AlignedBuffer<std::uint8_t> values_;
};

}  // namespace descant
