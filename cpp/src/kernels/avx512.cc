// AVX-512 with VNNI.  Only intrinsics and plain code: see kernels.h on why.
#include "descant/kernels.h"

#if defined(__AVX512VNNI__) || (defined(_MSC_VER) && defined(__AVX512F__))

#include <immintrin.h>

namespace descant {
namespace {

constexpr int kWidth = 16;  // floats in a vector
constexpr int kVectors = kPanel / kWidth;

// A number as a type, so that loops over registers are laid out flat while compiling.
template <int Count>
struct Constant {
  static constexpr int value = Count;
  constexpr operator int() const { return Count; }
};

template <int End, int Index = 0, typename Work>
void each(const Work& work) {
  if constexpr (Index < End) {
    work(Constant<Index>());
    each<End, Index + 1>(work);
  }
}

template <int Most, typename Tile>
void tile_of(int count, int first, const Tile& tile) {
  if constexpr (Most > 0) {
    if (count == Most) {
      tile(Constant<Most>(), first);
    } else {
      tile_of<Most - 1>(count, first, tile);
    }
  }
}

// Runs tile(Constant<count>, first row) for all rows, Most at a time.
template <int Most, typename Tile>
void in_tiles(int rows, const Tile& tile) {
  for (int first = 0; first < rows; first += Most) {
    tile_of<Most>(rows - first < Most ? rows - first : Most, first, tile);
  }
}

__m512 load(const float* x) { return _mm512_loadu_ps(x); }

// Into the second cache: the first is small, and what is asked for must not push out what is used.
void prefetch(const void* first, std::size_t bytes) {
  const char* const begin = static_cast<const char*>(first);
  for (std::size_t i = 0; i < bytes; i += 64) _mm_prefetch(begin + i, _MM_HINT_T1);
#if defined(__GNUC__)
  __asm__ volatile("");  // lest GCC takes it for a function without effect, whose calls it drops
#endif
}

// exp(x) for x <= 88, to about one unit in the last place; 0 below -87.
// x = n ln 2 + r, |r| <= ln 2 / 2; e^r by its Taylor series.
__m512 exp_of(__m512 x) {
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)),
                                        _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
  __m512 sum = _mm512_set1_ps(1.0f / 5040);
  sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(1.0f / 720));
  sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(1.0f / 120));
  sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(1.0f / 24));
  sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(1.0f / 6));
  sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(0.5f));
  sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(1.0f));
  sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(1.0f));
  const __mmask16 large = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-87.0f), _CMP_GE_OQ);
  return _mm512_maskz_scalef_ps(large, sum, n);
}

__mmask16 first_lanes(int count) {
  return static_cast<__mmask16>(count >= kWidth ? 0xffffu : (1u << count) - 1u);
}

void multiply_float(const float* x, std::size_t x_stride, int rows, const float* panel, int inputs,
                    float* y, std::size_t y_stride) {
  constexpr int kInputs = 128;  // whose weights stay in the first cache while all rows pass
  for (int begin = 0; begin < inputs; begin += kInputs) {
    const int end = begin + kInputs < inputs ? begin + kInputs : inputs;
    in_tiles<6>(rows, [&](auto count, int first) {
      constexpr int kRows = decltype(count)::value;
      __m512 sums[kRows][kVectors];
      each<kRows>([&](auto r) {
        each<kVectors>([&](auto v) { sums[r][v] = load(y + (first + r) * y_stride + v * kWidth); });
      });
      for (int i = begin; i < end; ++i) {
        __m512 weights[kVectors];
        each<kVectors>([&](auto v) { weights[v] = load(panel + i * kPanel + v * kWidth); });
        each<kRows>([&](auto r) {
          const __m512 value = _mm512_set1_ps(x[(first + r) * x_stride + i]);
          each<kVectors>(
              [&](auto v) { sums[r][v] = _mm512_fmadd_ps(value, weights[v], sums[r][v]); });
        });
      }
      each<kRows>([&](auto r) {
        each<kVectors>(
            [&](auto v) { _mm512_storeu_ps(y + (first + r) * y_stride + v * kWidth, sums[r][v]); });
      });
    });
  }
}

// sum + unsigned bytes of a times signed bytes of b, four neighbours together.  With the intrinsic
// GCC copies every sum through memory, which takes three times as long.
__m512i dot(__m512i sum, __m512i a, __m512i b) {
#if defined(__GNUC__) && !defined(__clang__)
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  return sum;
#else
  return _mm512_dpbusd_epi32(sum, a, b);
#endif
}

__m512i weights_at(const std::uint8_t* where) { return _mm512_loadu_si512(where); }

__m512i four_at(const std::int8_t* values) {
  return _mm512_set1_epi32(*reinterpret_cast<const std::int32_t*>(values));
}

// Adds sum * the row's scale * the outputs' scales.
void add(float* y, __m512i sum, __m512 row, __m512 outputs) {
  const __m512 scale = _mm512_mul_ps(outputs, row);
  _mm512_storeu_ps(y, _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, load(y)));
}

constexpr int kSteps = kGroup / 4;  // in which a group is multiplied

// One step's part of asking for `Bytes` bytes, the scales with the last.
template <int Bytes>
void ask(const std::uint8_t* next, int step) {
  constexpr int kPart = Bytes / 64 / kSteps * 64;
  prefetch(next + step * kPart, kPart);
  if (step == kSteps - 1) prefetch(next + kSteps * kPart, Bytes - kSteps * kPart);
}

// One row, whose sums leave room in registers for weights on their way.
void multiply_row_int8(QuantizedRows x, const std::uint8_t* group, float* y,
                       const std::uint8_t* next) {
  __m512i sums[kVectors];
  each<kVectors>([&](auto v) { sums[v] = _mm512_set1_epi32(*x.offsets); });
  for (int i = 0; i < kSteps; ++i) {
    ask<kGroupBytes>(next, i);
    const __m512i four = four_at(x.values + i * 4);
    each<kVectors>(
        [&](auto v) { sums[v] = dot(sums[v], weights_at(group + (i * kVectors + v) * 64), four); });
  }
  const float* const scales = reinterpret_cast<const float*>(group + kGroup * kPanel);
  const __m512 row = _mm512_set1_ps(*x.scales);
  each<kVectors>([&](auto v) { add(y + v * kWidth, sums[v], row, load(scales + v * kWidth)); });
}

// Asks for `Bytes` bytes.
template <int Bytes>
void multiply_tiles(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                    std::size_t y_stride, const std::uint8_t* next) {
  const std::size_t stride = static_cast<std::size_t>(x.stride);
  const float* const scales = reinterpret_cast<const float*>(group + kGroup * kPanel);
  in_tiles<4>(rows, [&](auto count, int first) {
    constexpr int kRows = decltype(count)::value;
    const std::size_t row = first * stride;
    __m512i sums[kRows][kVectors];
    each<kRows>([&](auto r) {
      each<kVectors>([&](auto v) { sums[r][v] = _mm512_set1_epi32(x.offsets[row + r * stride]); });
    });
    for (int i = 0; i < kSteps; ++i) {
      __m512i weights[kVectors];
      each<kVectors>([&](auto v) { weights[v] = weights_at(group + (i * kVectors + v) * 64); });
      if (first == 0) ask<Bytes>(next, i);
      each<kRows>([&](auto r) {
        const __m512i four = four_at(x.values + (row + r * stride) * kGroup + i * 4);
        each<kVectors>([&](auto v) { sums[r][v] = dot(sums[r][v], weights[v], four); });
      });
    }
    each<kRows>([&](auto r) {
      const __m512 scale = _mm512_set1_ps(x.scales[row + r * stride]);
      each<kVectors>([&](auto v) {
        add(y + (first + r) * y_stride + v * kWidth, sums[r][v], scale, load(scales + v * kWidth));
      });
    });
  });
}

void multiply_int8(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                   std::size_t y_stride, const std::uint8_t* next) {
  if (rows == 1) return multiply_row_int8(x, group, y, next);
  multiply_tiles<kGroupBytes>(x, rows, group, y, y_stride, next);
}

// 64 weights * 4: the upper four bits of each byte, and two below them.
__m512i joined(__m512i upper, __m512i lower) {
  constexpr int kFirstWhereThirdElseSecond = 0xe4;
  const __m512i bits = _mm512_ternarylogic_epi32(
      upper, lower, _mm512_set1_epi8(static_cast<char>(0xf0)), kFirstWhereThirdElseSecond);
  return _mm512_and_si512(bits, _mm512_set1_epi8(static_cast<char>(0xfc)));
}

// A step's weights of a group of int6, times four.
struct StepWeights {
  __m512i vectors[kVectors];
};

StepWeights step_weights(const std::uint8_t* group, int step) {
  const __m512i first = weights_at(group + step * 192);
  const __m512i second = weights_at(group + step * 192 + 64);
  const __m512i two = weights_at(group + step * 192 + 128);
  return {{joined(first, _mm512_slli_epi16(two, 2)), joined(_mm512_slli_epi16(first, 4), two),
           joined(second, _mm512_srli_epi16(two, 2)),
           joined(_mm512_slli_epi16(second, 4), _mm512_srli_epi16(two, 4))}};
}

// The scales of `kWidth` outputs.
__m512 scales_at(const std::uint8_t* group, int vector) {
  const std::uint8_t* const halves = group + kGroup * kPanel * 6 / 8 + vector * kWidth * 2;
  const __m256i own = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(halves));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(own), 16));
}

// One row, whose weights need not go through memory between unpacking and multiplying.
void multiply_row_int6(QuantizedRows x, const std::uint8_t* group, float* y,
                       const std::uint8_t* next) {
  __m512i sums[kVectors];
  each<kVectors>([&](auto v) { sums[v] = _mm512_set1_epi32(*x.offsets); });
  for (int i = 0; i < kSteps; ++i) {
    ask<kInt6GroupBytes>(next, i);
    const StepWeights weights = step_weights(group, i);
    const __m512i four = four_at(x.values + i * 4);
    each<kVectors>([&](auto v) { sums[v] = dot(sums[v], weights.vectors[v], four); });
  }
  const __m512 row = _mm512_set1_ps(*x.scales);
  each<kVectors>([&](auto v) { add(y + v * kWidth, sums[v], row, scales_at(group, v)); });
}

void multiply_int6(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                   std::size_t y_stride, const std::uint8_t* next) {
  if (rows == 1) return multiply_row_int6(x, group, y, next);
  alignas(64) std::uint8_t unpacked[kGroupBytes];
  for (int i = 0; i < kSteps; ++i) {
    const StepWeights weights = step_weights(group, i);
    each<kVectors>([&](auto v) {
      _mm512_store_si512(unpacked + (i * kVectors + v) * 64, weights.vectors[v]);
    });
  }
  float* const scales = reinterpret_cast<float*>(unpacked + kGroup * kPanel);
  each<kVectors>([&](auto v) { _mm512_store_ps(scales + v * kWidth, scales_at(group, v)); });
  multiply_tiles<kInt6GroupBytes>(x, rows, unpacked, y, y_stride, next);
}

void quantize(const float* x, int groups, std::int8_t* values, float* scales,
              std::int32_t* offsets) {
  constexpr int kParts = kGroup / kWidth;
  for (int g = 0; g < groups; ++g, x += kGroup, values += kGroup) {
    __m512 largest_lane = _mm512_setzero_ps();
    for (int p = 0; p < kParts; ++p) {
      largest_lane = _mm512_max_ps(largest_lane, _mm512_abs_ps(load(x + p * kWidth)));
    }
    const float largest = _mm512_reduce_max_ps(largest_lane);
    const __m512 inverse = _mm512_set1_ps(largest > 0.0f ? 127.0f / largest : 0.0f);
    __m512i sum = _mm512_setzero_si512();
    for (int p = 0; p < kParts; ++p) {
      const __m512i rounded = _mm512_cvtps_epi32(_mm512_mul_ps(load(x + p * kWidth), inverse));
      sum = _mm512_add_epi32(sum, rounded);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(values + p * kWidth),
                       _mm512_cvtepi32_epi8(rounded));
    }
    scales[g] = largest / 127.0f;
    offsets[g] = -128 * _mm512_reduce_add_epi32(sum);
  }
}

// `Blocks` blocks of keys against `rows` queries, four at a time.
template <int Blocks>
void score_blocks(const float* queries, std::size_t query_stride, int rows, const float* keys,
                  int dim, float* out, std::size_t out_stride) {
  const std::size_t block_size = static_cast<std::size_t>(dim) * kKeyBlock;
  in_tiles<4>(rows, [&](auto count, int first) {
    constexpr int kRows = decltype(count)::value;
    __m512 sums[kRows][Blocks];
    each<kRows>([&](auto r) { each<Blocks>([&](auto b) { sums[r][b] = _mm512_setzero_ps(); }); });
    for (int d = 0; d < dim; ++d) {
      __m512 key[Blocks];
      each<Blocks>([&](auto b) { key[b] = load(keys + b * block_size + d * kKeyBlock); });
      each<kRows>([&](auto r) {
        const __m512 query = _mm512_set1_ps(queries[(first + r) * query_stride + d]);
        each<Blocks>([&](auto b) { sums[r][b] = _mm512_fmadd_ps(query, key[b], sums[r][b]); });
      });
    }
    each<kRows>([&](auto r) {
      each<Blocks>([&](auto b) {
        _mm512_storeu_ps(out + (first + r) * out_stride + b * kKeyBlock, sums[r][b]);
      });
    });
  });
}

void scores(const float* queries, std::size_t query_stride, int rows, const float* keys, int blocks,
            int dim, float* out, std::size_t out_stride) {
  const float* block = keys;
  const std::size_t block_size = static_cast<std::size_t>(dim) * kKeyBlock;
  while (blocks >= 4) {
    score_blocks<4>(queries, query_stride, rows, block, dim, out, out_stride);
    block += 4 * block_size;
    out += 4 * kKeyBlock;
    blocks -= 4;
  }
  for (; blocks > 0; --blocks, block += block_size, out += kKeyBlock) {
    score_blocks<1>(queries, query_stride, rows, block, dim, out, out_stride);
  }
}

// `Vectors` vectors of each value, for `rows` rows, four at a time.
template <int Vectors>
void mix_vectors(const float* probabilities, std::size_t probability_stride, int rows,
                 const float* values, int keys, int dim, float* out, std::size_t out_stride) {
  in_tiles<4>(rows, [&](auto count, int first) {
    constexpr int kRows = decltype(count)::value;
    __m512 sums[kRows][Vectors];
    each<kRows>([&](auto r) {
      each<Vectors>(
          [&](auto v) { sums[r][v] = load(out + (first + r) * out_stride + v * kWidth); });
    });
    const float* value = values;
    for (int k = 0; k < keys; ++k, value += dim) {
      __m512 parts[Vectors];
      each<Vectors>([&](auto v) { parts[v] = load(value + v * kWidth); });
      each<kRows>([&](auto r) {
        const __m512 weight = _mm512_set1_ps(probabilities[(first + r) * probability_stride + k]);
        each<Vectors>([&](auto v) { sums[r][v] = _mm512_fmadd_ps(weight, parts[v], sums[r][v]); });
      });
    }
    each<kRows>([&](auto r) {
      each<Vectors>([&](auto v) {
        _mm512_storeu_ps(out + (first + r) * out_stride + v * kWidth, sums[r][v]);
      });
    });
  });
}

void mix(const float* probabilities, std::size_t probability_stride, int rows, const float* values,
         int keys, int dim, float* out, std::size_t out_stride) {
  constexpr int kKeys = 128;  // whose values stay in the first cache while all rows pass
  for (int begin = 0; begin < keys; begin += kKeys) {
    const int count = keys - begin < kKeys ? keys - begin : kKeys;
    const float* const value = values + static_cast<std::size_t>(begin) * dim;
    int d = 0;
    for (; d + 4 * kWidth <= dim; d += 4 * kWidth) {
      mix_vectors<4>(probabilities + begin, probability_stride, rows, value + d, count, dim,
                     out + d, out_stride);
    }
    for (; d < dim; d += kWidth) {
      mix_vectors<1>(probabilities + begin, probability_stride, rows, value + d, count, dim,
                     out + d, out_stride);
    }
  }
}

float softmax(float* scores, int length) {
  const __m512 lowest = _mm512_set1_ps(-3.4e38f);
  __m512 largest_lane = lowest;
  for (int k = 0; k < length; k += kWidth) {
    largest_lane = _mm512_max_ps(largest_lane,
                                 _mm512_mask_loadu_ps(lowest, first_lanes(length - k), scores + k));
  }
  const __m512 largest = _mm512_set1_ps(_mm512_reduce_max_ps(largest_lane));
  __m512 sum = _mm512_setzero_ps();
  for (int k = 0; k < length; k += kWidth) {
    const __mmask16 used = first_lanes(length - k);
    const __m512 part = _mm512_maskz_mov_ps(used, exp_of(_mm512_sub_ps(load(scores + k), largest)));
    _mm512_storeu_ps(scores + k, part);
    sum = _mm512_add_ps(sum, part);
  }
  return _mm512_reduce_add_ps(sum);
}

void gelu(float* x, int length) {
  for (int i = 0; i < length; i += kWidth) {
    const __mmask16 used = first_lanes(length - i);
    const __m512 value = _mm512_maskz_loadu_ps(used, x + i);
    // 0.5 x (1 + tanh u) = x / (1 + exp(-2u))
    const __m512 square = _mm512_mul_ps(value, value);
    const __m512 slope = _mm512_fmadd_ps(square, _mm512_set1_ps(-2 * 0.7978845608f * 0.044715f),
                                         _mm512_set1_ps(-2 * 0.7978845608f));
    const __m512 exponent = _mm512_min_ps(_mm512_mul_ps(value, slope), _mm512_set1_ps(88.0f));
    const __m512 below = _mm512_add_ps(exp_of(exponent), _mm512_set1_ps(1.0f));
    _mm512_mask_storeu_ps(x + i, used, _mm512_div_ps(value, below));
  }
}

void layer_norm(const float* x, const float* gain, const float* bias, int length, float* y) {
  __m512 sum = _mm512_setzero_ps();
  for (int i = 0; i < length; i += kWidth) {
    sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(first_lanes(length - i), x + i));
  }
  const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / static_cast<float>(length));
  __m512 squares = _mm512_setzero_ps();
  for (int i = 0; i < length; i += kWidth) {
    const __mmask16 used = first_lanes(length - i);
    const __m512 apart = _mm512_maskz_sub_ps(used, _mm512_maskz_loadu_ps(used, x + i), mean);
    squares = _mm512_fmadd_ps(apart, apart, squares);
  }
  const __m512 variance =
      _mm512_set1_ps(_mm512_reduce_add_ps(squares) / static_cast<float>(length) + 1e-5f);
  const __m512 scale = _mm512_div_ps(_mm512_set1_ps(1.0f), _mm512_sqrt_ps(variance));
  for (int i = 0; i < length; i += kWidth) {
    const __mmask16 used = first_lanes(length - i);
    const __m512 level =
        _mm512_mul_ps(_mm512_sub_ps(_mm512_maskz_loadu_ps(used, x + i), mean), scale);
    _mm512_mask_storeu_ps(y + i, used,
                          _mm512_fmadd_ps(level, _mm512_maskz_loadu_ps(used, gain + i),
                                          _mm512_maskz_loadu_ps(used, bias + i)));
  }
}

constexpr Kernels kAvx512 = {"avx512", multiply_float, multiply_int8, multiply_int6,
                             quantize, scores,         mix,           softmax,
                             gelu,     layer_norm,     prefetch,      kGroup * kPanel / 2};

}  // namespace

const Kernels* avx512_kernels() { return &kAvx512; }

}  // namespace descant

#else

namespace descant {

const Kernels* avx512_kernels() { return nullptr; }

}  // namespace descant

#endif
