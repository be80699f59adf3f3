// The plain twin: what every other instruction set is tested against, and what runs where there is
// none of them.
#include <cmath>
#include <limits>

#include "descant/kernels.h"

namespace descant {
namespace {

void multiply_float(const float* x, std::size_t x_stride, int rows, const float* panel, int inputs,
                    float* y, std::size_t y_stride) {
  for (int r = 0; r < rows; ++r, x += x_stride, y += y_stride) {
    for (int i = 0; i < inputs; ++i) {
      for (int o = 0; o < kPanel; ++o) y[o] += x[i] * panel[i * kPanel + o];
    }
  }
}

void multiply_int8(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                   std::size_t y_stride, const std::uint8_t*) {
  const float* const scales = reinterpret_cast<const float*>(group + kGroup * kPanel);
  for (int r = 0; r < rows; ++r, y += y_stride) {
    const std::size_t row = static_cast<std::size_t>(r) * x.stride;
    const std::int8_t* const values = x.values + row * kGroup;
    std::int32_t sums[kPanel];
    for (std::int32_t& sum : sums) sum = x.offsets[row];
    for (int i = 0; i < kGroup; i += 4) {
      for (int o = 0; o < kPanel; ++o) {
        for (int j = 0; j < 4; ++j) sums[o] += group[i * kPanel + o * 4 + j] * values[i + j];
      }
    }
    for (int o = 0; o < kPanel; ++o) {
      y[o] += static_cast<float>(sums[o]) * (scales[o] * x.scales[row]);
    }
  }
}

// A group of int6 as one of int8, its weights four times as large.
void unpack_int6(const std::uint8_t* packed, std::uint8_t* group) {
  for (int i = 0; i < kGroup * kPanel; ++i) {
    const int quarter = i / 64 % 4;
    const std::uint8_t* const lines = packed + i / 256 * 192 + i % 64;
    const int four = lines[quarter / 2 * 64] >> (quarter % 2 == 0 ? 4 : 0) & 15;
    const int two = lines[128] >> quarter * 2 & 3;
    group[i] = static_cast<std::uint8_t>(four << 4 | two << 2);
  }
  const std::uint8_t* const scales = packed + kGroup * kPanel * 6 / 8;
  for (int o = 0; o < kPanel; ++o) {
    std::uint8_t* const scale = group + kGroup * kPanel + o * 4;
    scale[0] = scale[1] = 0;
    scale[2] = scales[2 * o];
    scale[3] = scales[2 * o + 1];
  }
}

void multiply_int6(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                   std::size_t y_stride, const std::uint8_t* next) {
  alignas(64) std::uint8_t unpacked[kGroupBytes];
  unpack_int6(group, unpacked);
  multiply_int8(x, rows, unpacked, y, y_stride, next);
}

void quantize(const float* x, int groups, std::int8_t* values, float* scales,
              std::int32_t* offsets) {
  for (int g = 0; g < groups; ++g, x += kGroup, values += kGroup) {
    float largest = 0.0f;
    for (int i = 0; i < kGroup; ++i) largest = std::fmax(largest, std::fabs(x[i]));
    const float inverse = largest > 0.0f ? 127.0f / largest : 0.0f;
    std::int32_t sum = 0;
    for (int i = 0; i < kGroup; ++i) {
      values[i] = static_cast<std::int8_t>(std::nearbyint(x[i] * inverse));
      sum += values[i];
    }
    scales[g] = largest / 127.0f;
    offsets[g] = -128 * sum;
  }
}

void scores(const float* queries, std::size_t query_stride, int rows, const float* keys, int blocks,
            int dim, float* out, std::size_t out_stride) {
  for (int r = 0; r < rows; ++r, queries += query_stride, out += out_stride) {
    const float* block = keys;
    for (int b = 0; b < blocks; ++b, block += dim * kKeyBlock) {
      float sums[kKeyBlock] = {};
      for (int d = 0; d < dim; ++d) {
        for (int k = 0; k < kKeyBlock; ++k) sums[k] += queries[d] * block[d * kKeyBlock + k];
      }
      for (int k = 0; k < kKeyBlock; ++k) out[b * kKeyBlock + k] = sums[k];
    }
  }
}

void mix(const float* probabilities, std::size_t probability_stride, int rows, const float* values,
         int keys, int dim, float* out, std::size_t out_stride) {
  for (int r = 0; r < rows; ++r, probabilities += probability_stride, out += out_stride) {
    const float* value = values;
    for (int k = 0; k < keys; ++k, value += dim) {
      for (int d = 0; d < dim; ++d) out[d] += probabilities[k] * value[d];
    }
  }
}

float softmax(float* scores, int length) {
  float largest = -std::numeric_limits<float>::infinity();
  for (int k = 0; k < length; ++k) largest = std::fmax(largest, scores[k]);
  float sum = 0.0f;
  for (int k = 0; k < length; ++k) sum += scores[k] = std::exp(scores[k] - largest);
  for (int k = length; k % kKeyBlock != 0; ++k) scores[k] = 0.0f;
  return sum;
}

void gelu(float* x, int length) {
  for (int i = 0; i < length; ++i) {
    const float inner = 0.7978845608f * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
    x[i] = 0.5f * x[i] * (1.0f + std::tanh(inner));
  }
}

void layer_norm(const float* x, const float* gain, const float* bias, int length, float* y) {
  float sum = 0.0f;
  for (int i = 0; i < length; ++i) sum += x[i];
  const float mean = sum / static_cast<float>(length);
  float squares = 0.0f;
  for (int i = 0; i < length; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const float scale = 1.0f / std::sqrt(squares / static_cast<float>(length) + 1e-5f);
  for (int i = 0; i < length; ++i) y[i] = (x[i] - mean) * scale * gain[i] + bias[i];
}

void prefetch(const void*, std::size_t) {}

constexpr Kernels kGeneric = {"generic", multiply_float, multiply_int8, multiply_int6,
                              quantize,  scores,         mix,           softmax,
                              gelu,      layer_norm,     prefetch,      2 * kGroupBytes};

}  // namespace

const Kernels* generic_kernels() { return &kGeneric; }

}  // namespace descant
