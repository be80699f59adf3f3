#include "descant/cache.h"

#include <algorithm>

namespace descant {
namespace {

int rounded_up(int count) { return (count + kKeyBlock - 1) / kKeyBlock * kKeyBlock; }

std::size_t bytes_of_element(Precision precision) {
  return precision == Precision::int8 ? sizeof(std::uint16_t) : sizeof(float);
}

template <typename Element>
void scatter(const Element* components, Element* first) {
  for (int c = 0; c < kKeyBlock; ++c) first[c * kKeyBlock] = components[c];
}

}  // namespace

KeyValueCache::KeyValueCache(const NetworkShape& shape, Precision precision, int sequences,
                             int capacity)
    : layers_(shape.layers),
      heads_(shape.heads),
      width_(shape.padded_head_width()),
      sequences_(sequences),
      capacity_(rounded_up(capacity)),
      element_bytes_(bytes_of_element(precision)),
      keys_(bytes(shape, precision, sequences, capacity) / 2),
      values_(bytes(shape, precision, sequences, capacity) / 2) {}

std::size_t KeyValueCache::bytes(const NetworkShape& shape, Precision precision, int sequences,
                                 int capacity) {
  return 2 * bytes_of_element(precision) * sequences * shape.layers * rounded_up(capacity) *
         shape.attention_width();
}

std::size_t KeyValueCache::head_offset(int sequence, int layer, int head) const {
  const std::size_t index = (static_cast<std::size_t>(sequence) * layers_ + layer) * heads_ + head;
  return index * capacity_ * width_ * element_bytes_;
}

const void* KeyValueCache::keys(int sequence, int layer, int head) const {
  return keys_.data() + head_offset(sequence, layer, head);
}

const void* KeyValueCache::values(int sequence, int layer, int head) const {
  return values_.data() + head_offset(sequence, layer, head);
}

void KeyValueCache::write_key(const Kernels& kernels, int sequence, int layer, int head, int index,
                              int component, const float* key) {
  const std::size_t block = static_cast<std::size_t>(index / kKeyBlock) * width_ * kKeyBlock;
  const std::size_t element = block + component * kKeyBlock + index % kKeyBlock;
  std::uint8_t* const base = keys_.data() + head_offset(sequence, layer, head);
  if (half()) {
    std::uint16_t halves[kKeyBlock];
    kernels.to_half(key, kKeyBlock, halves);
    scatter(halves, reinterpret_cast<std::uint16_t*>(base) + element);
  } else {
    scatter(key, reinterpret_cast<float*>(base) + element);
  }
}

void KeyValueCache::write_value(const Kernels& kernels, int sequence, int layer, int head,
                                int index, int component, const float* value) {
  const std::size_t element = static_cast<std::size_t>(index) * width_ + component;
  std::uint8_t* const base = values_.data() + head_offset(sequence, layer, head);
  if (half()) {
    kernels.to_half(value, kKeyBlock, reinterpret_cast<std::uint16_t*>(base) + element);
  } else {
    std::copy_n(value, kKeyBlock, reinterpret_cast<float*>(base) + element);
  }
}

void KeyValueCache::scores(const Kernels& kernels, int sequence, int layer, int head,
                           const float* queries, std::size_t query_stride, int rows, int count,
                           float* out, std::size_t out_stride) const {
  const auto scores = half() ? kernels.scores_half : kernels.scores_float;
  scores(queries, query_stride, rows, keys(sequence, layer, head), rounded_up(count) / kKeyBlock,
         width_, out, out_stride);
}

void KeyValueCache::mix(const Kernels& kernels, int sequence, int layer, int head,
                        const float* probabilities, std::size_t probability_stride, int rows,
                        int count, float* out, std::size_t out_stride) const {
  const auto mix = half() ? kernels.mix_half : kernels.mix_float;
  mix(probabilities, probability_stride, rows, values(sequence, layer, head), count, width_, out,
      out_stride);
}

}  // namespace descant
