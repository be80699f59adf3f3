// AVX2 with FMA and F16C.  Only intrinsics and plain code: see kernels.h on why.
#include "descant/kernels.h"

#if defined(__AVX2__)

#include <immintrin.h>

namespace descant {
namespace {

constexpr int kWidth = 8;  // floats in a vector

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

__m256 load(const float* x) { return _mm256_loadu_ps(x); }

// All ones in the first `count` lanes.
__m256 first_lanes(int count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(count), lane));
}

__m256 load_first(const float* x, int count) {
  return count >= kWidth ? load(x) : _mm256_maskload_ps(x, _mm256_castps_si256(first_lanes(count)));
}

void store_first(float* x, int count, __m256 value) {
  if (count >= kWidth) {
    _mm256_storeu_ps(x, value);
  } else {
    _mm256_maskstore_ps(x, _mm256_castps_si256(first_lanes(count)), value);
  }
}

float first_of(__m128 four) { return _mm_cvtss_f32(four); }

float sum_of(__m256 x) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return first_of(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

float largest_of(__m256 x) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return first_of(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

std::int32_t sum_of(__m256i x) {
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}

// exp(x) for x <= 88, to about one unit in the last place; 0 below -87.
// x = n ln 2 + r, |r| <= ln 2 / 2; e^r by its Taylor series.
__m256 exp_of(__m256 x) {
  const __m256 limited = _mm256_max_ps(x, _mm256_set1_ps(-87.0f));
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(limited, _mm256_set1_ps(1.44269504f)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), limited);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
  __m256 sum = _mm256_set1_ps(1.0f / 5040);
  sum = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f / 720));
  sum = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f / 120));
  sum = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f / 24));
  sum = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f / 6));
  sum = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(0.5f));
  sum = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f));
  sum = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f));
  const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
  const __m256 power = _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
  const __m256 large = _mm256_cmp_ps(x, _mm256_set1_ps(-87.0f), _CMP_GE_OQ);
  return _mm256_and_ps(_mm256_mul_ps(sum, power), large);
}

// `Vectors` vectors of outputs at `panel`, rows `Rows` at a time.
template <int Rows, int Vectors>
void multiply_part(const float* x, std::size_t x_stride, int rows, const float* panel, int inputs,
                   float* y, std::size_t y_stride) {
  in_tiles<Rows>(rows, [&](auto count, int first) {
    constexpr int kRows = decltype(count)::value;
    __m256 sums[kRows][Vectors];
    each<kRows>([&](auto r) {
      each<Vectors>([&](auto v) { sums[r][v] = load(y + (first + r) * y_stride + v * kWidth); });
    });
    for (int i = 0; i < inputs; ++i) {
      __m256 weights[Vectors];
      each<Vectors>([&](auto v) { weights[v] = load(panel + i * kPanel + v * kWidth); });
      each<kRows>([&](auto r) {
        const __m256 value = _mm256_broadcast_ss(x + (first + r) * x_stride + i);
        each<Vectors>([&](auto v) { sums[r][v] = _mm256_fmadd_ps(value, weights[v], sums[r][v]); });
      });
    }
    each<kRows>([&](auto r) {
      each<Vectors>(
          [&](auto v) { _mm256_storeu_ps(y + (first + r) * y_stride + v * kWidth, sums[r][v]); });
    });
  });
}

void multiply_float(const float* x, std::size_t x_stride, int rows, const float* panel, int inputs,
                    float* y, std::size_t y_stride) {
  if (rows == 1) {  // the whole width at once: one pass over the panel, eight sums in flight
    multiply_part<1, kPanel / kWidth>(x, x_stride, 1, panel, inputs, y, y_stride);
    return;
  }
  constexpr int kInputs = 128;  // whose weights stay in the first cache while all rows pass
  for (int begin = 0; begin < inputs; begin += kInputs) {
    const int count = begin + kInputs < inputs ? kInputs : inputs - begin;
    for (int o = 0; o < kPanel; o += 2 * kWidth) {
      multiply_part<6, 2>(x + begin, x_stride, rows, panel + begin * kPanel + o, count, y + o,
                          y_stride);
    }
  }
}

void prefetch(const void* first, std::size_t bytes) {
  const char* const begin = static_cast<const char*>(first);
  for (std::size_t i = 0; i < bytes; i += 64) _mm_prefetch(begin + i, _MM_HINT_T1);
#if defined(__GNUC__)
  __asm__ volatile("");  // lest GCC takes it for a function without effect, whose calls it drops
#endif
}

__m256i bytes_at(const std::uint8_t* where) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(where));
}

// Asks for one of the lines of the `Bytes` bytes at `next`.
template <int Bytes>
void ask(const std::uint8_t* next, int line) {
  if (line * 64 < Bytes) prefetch(next + line * 64, 64);
}

// The product of unsigned bytes and signed ones, as |w| times x with w's sign: its pairs fit 16
// bits.  Asks for `Bytes` bytes.
template <int Bytes>
void multiply_bytes(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                    std::size_t y_stride, const std::uint8_t* next) {
  constexpr int kLine = 2 * kWidth;  // outputs whose four inputs fill a line
  const __m256i middle = _mm256_set1_epi8(-128);
  const __m256i ones = _mm256_set1_epi16(1);
  const std::size_t stride = static_cast<std::size_t>(x.stride);
  const float* const scales = reinterpret_cast<const float*>(group + kGroup * kPanel);
  for (int o = 0; o < kPanel; o += kLine) {
    in_tiles<4>(rows, [&](auto count, int first) {
      constexpr int kRows = decltype(count)::value;
      const std::size_t row = first * stride;
      __m256i sums[kRows][2];
      each<kRows>([&](auto r) { sums[r][0] = sums[r][1] = _mm256_setzero_si256(); });
      for (int i = 0; i < kGroup; i += 4) {
        if (first == 0) ask<Bytes>(next, (o / kLine * kGroup + i) / 4);
        const std::uint8_t* const from = group + i * kPanel + o * 4;
        each<2>([&](auto v) {
          const __m256i weights = _mm256_xor_si256(bytes_at(from + v * 32), middle);
          const __m256i sizes = _mm256_abs_epi8(weights);
          each<kRows>([&](auto r) {
            const std::int8_t* const values = x.values + (row + r * stride) * kGroup + i;
            const __m256i four = _mm256_set1_epi32(*reinterpret_cast<const std::int32_t*>(values));
            const __m256i pairs = _mm256_maddubs_epi16(sizes, _mm256_sign_epi8(four, weights));
            sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(pairs, ones));
          });
        });
      }
      if (first == 0) ask<Bytes>(next, kGroup + o / kLine);  // the scales of int8
      each<kRows>([&](auto r) {
        const __m256 scale = _mm256_set1_ps(x.scales[row + r * stride]);
        each<2>([&](auto v) {
          float* const out = y + (first + r) * y_stride + o + v * kWidth;
          const __m256 both = _mm256_mul_ps(load(scales + o + v * kWidth), scale);
          _mm256_storeu_ps(out, _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[r][v]), both, load(out)));
        });
      });
    });
  }
}

void multiply_int8(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                   std::size_t y_stride, const std::uint8_t* next) {
  multiply_bytes<kGroupBytes>(x, rows, group, y, y_stride, next);
}

// 32 weights * 4: the upper four bits of each byte, and two below them.
void join(__m256i upper, __m256i lower, std::uint8_t* weights) {
  const __m256i four = _mm256_and_si256(upper, _mm256_set1_epi8(static_cast<char>(0xf0)));
  const __m256i two = _mm256_and_si256(lower, _mm256_set1_epi8(0x0c));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights), _mm256_or_si256(four, two));
}

// A group of int6 as one of int8, its weights four times as large.
void unpack_int6(const std::uint8_t* packed, std::uint8_t* group) {
  for (int i = 0; i < kGroup / 4; ++i, packed += 192, group += 256) {
    for (int half = 0; half < 64; half += 32) {
      const __m256i first = bytes_at(packed + half);
      const __m256i second = bytes_at(packed + 64 + half);
      const __m256i two = bytes_at(packed + 128 + half);
      join(first, _mm256_slli_epi16(two, 2), group + half);
      join(_mm256_slli_epi16(first, 4), two, group + 64 + half);
      join(second, _mm256_srli_epi16(two, 2), group + 128 + half);
      join(_mm256_slli_epi16(second, 4), _mm256_srli_epi16(two, 4), group + 192 + half);
    }
  }
  for (int o = 0; o < kPanel; o += kWidth) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(packed + o * 2));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(group + o * 4),
                        _mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
  }
}

void multiply_int6(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                   std::size_t y_stride, const std::uint8_t* next) {
  alignas(64) std::uint8_t unpacked[kGroupBytes];
  unpack_int6(group, unpacked);
  multiply_bytes<kInt6GroupBytes>(x, rows, unpacked, y, y_stride, next);
}

void quantize(const float* x, int groups, std::int8_t* values, float* scales,
              std::int32_t* offsets) {
  constexpr int kParts = kGroup / kWidth;
  const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
  for (int g = 0; g < groups; ++g, x += kGroup, values += kGroup) {
    __m256 largest_lane = _mm256_setzero_ps();
    for (int p = 0; p < kParts; ++p) {
      largest_lane = _mm256_max_ps(largest_lane, _mm256_and_ps(load(x + p * kWidth), magnitude));
    }
    const float largest = largest_of(largest_lane);
    const __m256 inverse = _mm256_set1_ps(largest > 0.0f ? 127.0f / largest : 0.0f);
    __m256i sum = _mm256_setzero_si256();
    for (int p = 0; p < kParts; ++p) {
      const __m256i rounded = _mm256_cvtps_epi32(_mm256_mul_ps(load(x + p * kWidth), inverse));
      sum = _mm256_add_epi32(sum, rounded);
      const __m128i words =
          _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
      _mm_storel_epi64(reinterpret_cast<__m128i*>(values + p * kWidth),
                       _mm_packs_epi16(words, words));
    }
    scales[g] = largest / 127.0f;
    offsets[g] = -128 * sum_of(sum);
  }
}

void scores(const float* queries, std::size_t query_stride, int rows, const float* keys, int blocks,
            int dim, float* out, std::size_t out_stride) {
  const float* block = keys;
  for (int b = 0; b < blocks; ++b, block += dim * kKeyBlock, out += kKeyBlock) {
    in_tiles<4>(rows, [&](auto count, int first) {
      constexpr int kRows = decltype(count)::value;
      __m256 sums[kRows][2];
      each<kRows>([&](auto r) { sums[r][0] = sums[r][1] = _mm256_setzero_ps(); });
      for (int d = 0; d < dim; ++d) {
        const __m256 low = load(block + d * kKeyBlock);
        const __m256 high = load(block + d * kKeyBlock + kWidth);
        each<kRows>([&](auto r) {
          const __m256 query = _mm256_broadcast_ss(queries + (first + r) * query_stride + d);
          sums[r][0] = _mm256_fmadd_ps(query, low, sums[r][0]);
          sums[r][1] = _mm256_fmadd_ps(query, high, sums[r][1]);
        });
      }
      each<kRows>([&](auto r) {
        _mm256_storeu_ps(out + (first + r) * out_stride, sums[r][0]);
        _mm256_storeu_ps(out + (first + r) * out_stride + kWidth, sums[r][1]);
      });
    });
  }
}

// `Vectors` vectors of each value, rows `Rows` at a time.
template <int Rows, int Vectors>
void mix_vectors(const float* probabilities, std::size_t probability_stride, int rows,
                 const float* values, int keys, int dim, float* out, std::size_t out_stride) {
  in_tiles<Rows>(rows, [&](auto count, int first) {
    constexpr int kRows = decltype(count)::value;
    __m256 sums[kRows][Vectors];
    each<kRows>([&](auto r) {
      each<Vectors>(
          [&](auto v) { sums[r][v] = load(out + (first + r) * out_stride + v * kWidth); });
    });
    const float* value = values;
    for (int k = 0; k < keys; ++k, value += dim) {
      __m256 parts[Vectors];
      each<Vectors>([&](auto v) { parts[v] = load(value + v * kWidth); });
      each<kRows>([&](auto r) {
        const __m256 weight =
            _mm256_broadcast_ss(probabilities + (first + r) * probability_stride + k);
        each<Vectors>([&](auto v) { sums[r][v] = _mm256_fmadd_ps(weight, parts[v], sums[r][v]); });
      });
    }
    each<kRows>([&](auto r) {
      each<Vectors>([&](auto v) {
        _mm256_storeu_ps(out + (first + r) * out_stride + v * kWidth, sums[r][v]);
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
    const float* const weights = probabilities + begin;
    int d = 0;
    for (; rows == 1 && d + 8 * kWidth <= dim; d += 8 * kWidth) {
      mix_vectors<1, 8>(weights, probability_stride, 1, value + d, count, dim, out + d, out_stride);
    }
    for (; d < dim; d += 2 * kWidth) {
      mix_vectors<4, 2>(weights, probability_stride, rows, value + d, count, dim, out + d,
                        out_stride);
    }
  }
}

float softmax(float* scores, int length) {
  const __m256 lowest = _mm256_set1_ps(-3.4e38f);
  __m256 largest_lane = lowest;
  for (int k = 0; k < length; k += kWidth) {
    const __m256 part =
        _mm256_blendv_ps(lowest, load_first(scores + k, length - k), first_lanes(length - k));
    largest_lane = _mm256_max_ps(largest_lane, part);
  }
  const __m256 largest = _mm256_set1_ps(largest_of(largest_lane));
  __m256 sum = _mm256_setzero_ps();
  for (int k = 0; k < length || k % kKeyBlock != 0; k += kWidth) {
    const __m256 part =
        _mm256_and_ps(exp_of(_mm256_sub_ps(load(scores + k), largest)), first_lanes(length - k));
    _mm256_storeu_ps(scores + k, part);
    sum = _mm256_add_ps(sum, part);
  }
  return sum_of(sum);
}

void gelu(float* x, int length) {
  for (int i = 0; i < length; i += kWidth) {
    const __m256 value = load_first(x + i, length - i);
    // 0.5 x (1 + tanh u) = x / (1 + exp(-2u))
    const __m256 square = _mm256_mul_ps(value, value);
    const __m256 slope = _mm256_fmadd_ps(square, _mm256_set1_ps(-2 * 0.7978845608f * 0.044715f),
                                         _mm256_set1_ps(-2 * 0.7978845608f));
    const __m256 exponent = _mm256_min_ps(_mm256_mul_ps(value, slope), _mm256_set1_ps(88.0f));
    const __m256 below = _mm256_add_ps(exp_of(exponent), _mm256_set1_ps(1.0f));
    store_first(x + i, length - i, _mm256_div_ps(value, below));
  }
}

void layer_norm(const float* x, const float* gain, const float* bias, int length, float* y) {
  __m256 sum = _mm256_setzero_ps();
  for (int i = 0; i < length; i += kWidth) {
    sum = _mm256_add_ps(sum, load_first(x + i, length - i));
  }
  const __m256 mean = _mm256_set1_ps(sum_of(sum) / static_cast<float>(length));
  __m256 squares = _mm256_setzero_ps();
  for (int i = 0; i < length; i += kWidth) {
    const __m256 apart =
        _mm256_and_ps(_mm256_sub_ps(load_first(x + i, length - i), mean), first_lanes(length - i));
    squares = _mm256_fmadd_ps(apart, apart, squares);
  }
  const __m256 variance = _mm256_set1_ps(sum_of(squares) / static_cast<float>(length) + 1e-5f);
  const __m256 scale = _mm256_div_ps(_mm256_set1_ps(1.0f), _mm256_sqrt_ps(variance));
  for (int i = 0; i < length; i += kWidth) {
    const int left = length - i;
    const __m256 level = _mm256_mul_ps(_mm256_sub_ps(load_first(x + i, left), mean), scale);
    store_first(y + i, left,
                _mm256_fmadd_ps(level, load_first(gain + i, left), load_first(bias + i, left)));
  }
}

constexpr Kernels kAvx2 = {"avx2",   multiply_float, multiply_int8, multiply_int6,
                           quantize, scores,         mix,           softmax,
                           gelu,     layer_norm,     prefetch,      2 * kGroupBytes};

}  // namespace

const Kernels* avx2_kernels() { return &kAvx2; }

}  // namespace descant

#else

namespace descant {

const Kernels* avx2_kernels() { return nullptr; }

}  // namespace descant

#endif
