#pragma once

// Nothing inline here, and no other header: this file is read by sources that are compiled for
// instruction sets which the machine at hand may not have, and the linker keeps one copy of inline
// code for everybody.
#include <cstddef>
#include <cstdint>

namespace descant {

inline constexpr int kPanel = 64;     // outputs of a weight matrix that are computed together
inline constexpr int kGroup = 64;     // inputs that share one scale in int8
inline constexpr int kKeyBlock = 16;  // keys of a cache block; also the multiple of a head's width
inline constexpr int kGroupBytes = kGroup * kPanel + kPanel * 4;  // weights, then scales
inline constexpr int kInt6GroupBytes = kGroup * kPanel * 6 / 8 + kPanel * 2;

// Rows of int8 activations, a scale to each group: x = values * scale.
struct QuantizedRows {
  const std::int8_t* values;    // (rows, stride * kGroup)
  const float* scales;          // (rows, stride)
  const std::int32_t* offsets;  // (rows, stride): -128 * sum of the group's values
  int stride;                   // groups from a row to the next
};

// The inner loops of the network, once per instruction set.  Each result is summed in an order that
// depends on nothing but its own inputs: not on how many rows are computed together.
// Rows of `y`, `out` and `probabilities` lie `*_stride` elements apart.
struct Kernels {
  const char* name;

  // y[r][o] += sum over i of x[r][i] * panel[i][o], for the kPanel outputs of one panel.
  void (*multiply_float)(const float* x, std::size_t x_stride, int rows, const float* panel,
                         int inputs, float* y, std::size_t y_stride);
  // The same from int8, of the first group of each row's inputs.  group: weights + 128 as bytes
  // [kGroup / 4][kPanel][4], then kPanel float scales.  Weights are read once a pass, and the
  // processor's own prefetching stops at each page: meanwhile as many bytes are asked for at
  // `next`, which is best what is read two calls later.
  void (*multiply_int8)(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                        std::size_t y_stride, const std::uint8_t* next);
  // The same from int6.  group: for every four lines of 64 bytes that int8 takes three, all of
  // weights + 32: the upper four bits of the first line's above those of the second's, then so of
  // the third's and the fourth's, then the lower two bits of all, the first line's lowest; after
  // them kPanel scales, of the weights times four, as the upper halves of floats.
  void (*multiply_int6)(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                        std::size_t y_stride, const std::uint8_t* next);
  // One row to int8, rounded to nearest, largest magnitude of each group at 127.
  void (*quantize)(const float* x, int groups, std::int8_t* values, float* scales,
                   std::int32_t* offsets);

  // out[r][k] = sum over d of queries[r][d] * key k [d], for kKeyBlock * blocks keys stored as
  // [block][dim][kKeyBlock].
  void (*scores)(const float* queries, std::size_t query_stride, int rows, const float* keys,
                 int blocks, int dim, float* out, std::size_t out_stride);
  // out[r][d] += sum over k of probabilities[r][k] * values[k][d]; dim is a multiple of kKeyBlock.
  void (*mix)(const float* probabilities, std::size_t probability_stride, int rows,
              const float* values, int keys, int dim, float* out, std::size_t out_stride);

  // scores -> exp(score - largest), zero up to the next multiple of kKeyBlock; returns the sum.
  float (*softmax)(float* scores, int length);
  // The tanh form, in place.
  void (*gelu)(float* x, int length);
  // y = (x - mean) / sqrt(variance + 1e-5) * gain + bias, variance biased.
  void (*layer_norm)(const float* x, const float* gain, const float* bias, int length, float* y);
  // Asks for memory that is soon read.
  void (*prefetch)(const void* first, std::size_t bytes);

  // How many bytes further on lies what is best asked for while one row is multiplied by int8 that
  // is read in one stream; found by measuring.
  int ahead_of_row;
};

const Kernels* generic_kernels();
const Kernels* avx2_kernels();  // null where the compiler did not build it; says nothing of the CPU
const Kernels* avx512_kernels();  // with VNNI
const Kernels* neon_kernels();

// The set of that name ("generic", "avx2", "avx512", "neon"), or null where it cannot run.
const Kernels* find_kernels(const char* name);
// The fastest this machine runs, or the one DESCANT_ISA names; BadRequest when that cannot run
// here.
const Kernels& choose_kernels();

}  // namespace descant
