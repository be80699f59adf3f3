// NEON, the baseline of 64-bit ARM; with the dot product where the target has it (all Apple chips).
// Only intrinsics and plain code: see kernels.h on why.
#include "descant/kernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

namespace descant {
namespace {

constexpr int kWidth = 4;  // floats in a vector

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

float32x4_t load(const float* x) { return vld1q_f32(x); }

// All ones in the first `count` lanes.
uint32x4_t first_lanes(int count) {
  const std::int32_t lanes[kWidth] = {0, 1, 2, 3};
  return vcltq_s32(vld1q_s32(lanes), vdupq_n_s32(count));
}

float32x4_t only(float32x4_t x, uint32x4_t lanes) {
  return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(x), lanes));
}

float32x4_t load_first(const float* x, int count) {
  if (count >= kWidth) return load(x);
  float part[kWidth] = {};
  for (int i = 0; i < count; ++i) part[i] = x[i];
  return load(part);
}

void store_first(float* x, int count, float32x4_t value) {
  if (count >= kWidth) {
    vst1q_f32(x, value);
    return;
  }
  float part[kWidth];
  vst1q_f32(part, value);
  for (int i = 0; i < count; ++i) x[i] = part[i];
}

// exp(x) for x <= 88, to about one unit in the last place; 0 below -87.
// x = n ln 2 + r, |r| <= ln 2 / 2; e^r by its Taylor series.
float32x4_t exp_of(float32x4_t x) {
  const float32x4_t limited = vmaxnmq_f32(x, vdupq_n_f32(-87.0f));
  const float32x4_t n = vrndnq_f32(vmulq_n_f32(limited, 1.44269504f));
  float32x4_t r = vfmsq_n_f32(limited, n, 0.693359375f);
  r = vfmsq_n_f32(r, n, -2.12194440e-4f);
  float32x4_t sum = vdupq_n_f32(1.0f / 5040);
  sum = vfmaq_f32(vdupq_n_f32(1.0f / 720), sum, r);
  sum = vfmaq_f32(vdupq_n_f32(1.0f / 120), sum, r);
  sum = vfmaq_f32(vdupq_n_f32(1.0f / 24), sum, r);
  sum = vfmaq_f32(vdupq_n_f32(1.0f / 6), sum, r);
  sum = vfmaq_f32(vdupq_n_f32(0.5f), sum, r);
  sum = vfmaq_f32(vdupq_n_f32(1.0f), sum, r);
  sum = vfmaq_f32(vdupq_n_f32(1.0f), sum, r);
  const int32x4_t exponent = vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127));
  const float32x4_t power = vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23));
  return only(vmulq_f32(sum, power), vcgeq_f32(x, vdupq_n_f32(-87.0f)));
}

// `Vectors` vectors of outputs at `panel`, rows `Rows` at a time.
template <int Rows, int Vectors>
void multiply_part(const float* x, std::size_t x_stride, int rows, const float* panel, int inputs,
                   float* y, std::size_t y_stride) {
  in_tiles<Rows>(rows, [&](auto count, int first) {
    constexpr int kRows = decltype(count)::value;
    float32x4_t sums[kRows][Vectors];
    each<kRows>([&](auto r) {
      each<Vectors>([&](auto v) { sums[r][v] = load(y + (first + r) * y_stride + v * kWidth); });
    });
    for (int i = 0; i < inputs; ++i) {
      float32x4_t weights[Vectors];
      each<Vectors>([&](auto v) { weights[v] = load(panel + i * kPanel + v * kWidth); });
      each<kRows>([&](auto r) {
        const float value = x[(first + r) * x_stride + i];
        each<Vectors>([&](auto v) { sums[r][v] = vfmaq_n_f32(sums[r][v], weights[v], value); });
      });
    }
    each<kRows>([&](auto r) {
      each<Vectors>(
          [&](auto v) { vst1q_f32(y + (first + r) * y_stride + v * kWidth, sums[r][v]); });
    });
  });
}

void multiply_float(const float* x, std::size_t x_stride, int rows, const float* panel, int inputs,
                    float* y, std::size_t y_stride) {
  if (rows == 1) {  // the whole width at once: one pass over the panel
    multiply_part<1, kPanel / kWidth>(x, x_stride, 1, panel, inputs, y, y_stride);
    return;
  }
  constexpr int kInputs = 128;  // whose weights stay in the first cache while all rows pass
  for (int begin = 0; begin < inputs; begin += kInputs) {
    const int count = begin + kInputs < inputs ? kInputs : inputs - begin;
    for (int o = 0; o < kPanel; o += 4 * kWidth) {
      multiply_part<6, 4>(x + begin, x_stride, rows, panel + begin * kPanel + o, count, y + o,
                          y_stride);
    }
  }
}

// sum + weights times activations, four neighbours together.
int32x4_t dot(int32x4_t sum, int8x16_t weights, int8x16_t four) {
#if defined(__ARM_FEATURE_DOTPROD)
  return vdotq_s32(sum, weights, four);
#else
  const int16x8_t low = vmull_s8(vget_low_s8(weights), vget_low_s8(four));
  const int16x8_t high = vmull_high_s8(weights, four);
  return vaddq_s32(sum, vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high)));
#endif
}

void prefetch([[maybe_unused]] const void* first, [[maybe_unused]] std::size_t bytes) {
#if defined(__GNUC__)
  const char* const begin = static_cast<const char*>(first);
  for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(begin + i);
  __asm__ volatile("");  // lest GCC takes it for a function without effect, whose calls it drops
#endif
}

// Asks for one of the lines of the `Bytes` bytes at `next`.
template <int Bytes>
void ask(const std::uint8_t* next, int line) {
  if (line * 64 < Bytes) prefetch(next + line * 64, 64);
}

// Asks for `Bytes` bytes.
template <int Bytes>
void multiply_bytes(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                    std::size_t y_stride, const std::uint8_t* next) {
  constexpr int kLine = 4 * kWidth;  // outputs whose four inputs fill a line
  const uint8x16_t middle = vdupq_n_u8(128);
  const std::size_t stride = static_cast<std::size_t>(x.stride);
  const float* const scales = reinterpret_cast<const float*>(group + kGroup * kPanel);
  for (int o = 0; o < kPanel; o += kLine) {
    in_tiles<4>(rows, [&](auto count, int first) {
      constexpr int kRows = decltype(count)::value;
      const std::size_t row = first * stride;
      int32x4_t sums[kRows][4];
      each<kRows>([&](auto r) { each<4>([&](auto v) { sums[r][v] = vdupq_n_s32(0); }); });
      for (int i = 0; i < kGroup; i += 4) {
        if (first == 0) ask<Bytes>(next, (o / kLine * kGroup + i) / 4);
        int8x16_t weights[4];
        each<4>([&](auto v) {
          const uint8x16_t bytes = vld1q_u8(group + i * kPanel + (o + v * kWidth) * 4);
          weights[v] = vreinterpretq_s8_u8(veorq_u8(bytes, middle));
        });
        each<kRows>([&](auto r) {
          const std::int8_t* const values = x.values + (row + r * stride) * kGroup + i;
          const int8x16_t four =
              vreinterpretq_s8_s32(vdupq_n_s32(*reinterpret_cast<const std::int32_t*>(values)));
          each<4>([&](auto v) { sums[r][v] = dot(sums[r][v], weights[v], four); });
        });
      }
      if (first == 0) ask<Bytes>(next, kGroup + o / kLine);  // the scales of int8
      each<kRows>([&](auto r) {
        const float scale = x.scales[row + r * stride];
        each<4>([&](auto v) {
          float* const out = y + (first + r) * y_stride + o + v * kWidth;
          const float32x4_t both = vmulq_n_f32(load(scales + o + v * kWidth), scale);
          vst1q_f32(out, vfmaq_f32(load(out), vcvtq_f32_s32(sums[r][v]), both));
        });
      });
    });
  }
}

void multiply_int8(QuantizedRows x, int rows, const std::uint8_t* group, float* y,
                   std::size_t y_stride, const std::uint8_t* next) {
  multiply_bytes<kGroupBytes>(x, rows, group, y, y_stride, next);
}

// 16 weights * 4: the upper four bits of each byte, and two below them.
void join(uint8x16_t upper, uint8x16_t lower, std::uint8_t* weights) {
  vst1q_u8(weights, vorrq_u8(vandq_u8(upper, vdupq_n_u8(0xf0)), vandq_u8(lower, vdupq_n_u8(0x0c))));
}

// A group of int6 as one of int8, its weights four times as large.
void unpack_int6(const std::uint8_t* packed, std::uint8_t* group) {
  for (int i = 0; i < kGroup / 4; ++i, packed += 192, group += 256) {
    for (int quarter = 0; quarter < 64; quarter += 16) {
      const uint8x16_t first = vld1q_u8(packed + quarter);
      const uint8x16_t second = vld1q_u8(packed + 64 + quarter);
      const uint8x16_t two = vld1q_u8(packed + 128 + quarter);
      join(first, vshlq_n_u8(two, 2), group + quarter);
      join(vshlq_n_u8(first, 4), two, group + 64 + quarter);
      join(second, vshrq_n_u8(two, 2), group + 128 + quarter);
      join(vshlq_n_u8(second, 4), vshrq_n_u8(two, 4), group + 192 + quarter);
    }
  }
  for (int o = 0; o < kPanel; o += kWidth) {
    const uint16x4_t halves = vreinterpret_u16_u8(vld1_u8(packed + o * 2));
    vst1q_u8(group + o * 4, vreinterpretq_u8_u32(vshll_n_u16(halves, 16)));
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
  constexpr int kParts = kGroup / (2 * kWidth);
  for (int g = 0; g < groups; ++g, x += kGroup, values += kGroup) {
    float32x4_t largest_lane = vdupq_n_f32(0.0f);
    for (int i = 0; i < kGroup; i += kWidth) {
      largest_lane = vmaxnmq_f32(largest_lane, vabsq_f32(load(x + i)));
    }
    const float largest = vmaxnmvq_f32(largest_lane);
    const float inverse = largest > 0.0f ? 127.0f / largest : 0.0f;
    int32x4_t sum = vdupq_n_s32(0);
    for (int p = 0; p < kParts; ++p) {
      const int32x4_t low = vcvtnq_s32_f32(vmulq_n_f32(load(x + p * 8), inverse));
      const int32x4_t high = vcvtnq_s32_f32(vmulq_n_f32(load(x + p * 8 + kWidth), inverse));
      sum = vaddq_s32(sum, vaddq_s32(low, high));
      vst1_s8(values + p * 8, vmovn_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high))));
    }
    scales[g] = largest / 127.0f;
    offsets[g] = -128 * vaddvq_s32(sum);
  }
}

void scores(const float* queries, std::size_t query_stride, int rows, const float* keys, int blocks,
            int dim, float* out, std::size_t out_stride) {
  constexpr int kVectors = kKeyBlock / kWidth;
  const float* block = keys;
  for (int b = 0; b < blocks; ++b, block += dim * kKeyBlock, out += kKeyBlock) {
    in_tiles<4>(rows, [&](auto count, int first) {
      constexpr int kRows = decltype(count)::value;
      float32x4_t sums[kRows][kVectors];
      each<kRows>([&](auto r) { each<kVectors>([&](auto v) { sums[r][v] = vdupq_n_f32(0.0f); }); });
      for (int d = 0; d < dim; ++d) {
        float32x4_t key[kVectors];
        each<kVectors>([&](auto v) { key[v] = load(block + d * kKeyBlock + v * kWidth); });
        each<kRows>([&](auto r) {
          const float query = queries[(first + r) * query_stride + d];
          each<kVectors>([&](auto v) { sums[r][v] = vfmaq_n_f32(sums[r][v], key[v], query); });
        });
      }
      each<kRows>([&](auto r) {
        each<kVectors>(
            [&](auto v) { vst1q_f32(out + (first + r) * out_stride + v * kWidth, sums[r][v]); });
      });
    });
  }
}

void mix(const float* probabilities, std::size_t probability_stride, int rows, const float* values,
         int keys, int dim, float* out, std::size_t out_stride) {
  constexpr int kVectors = kKeyBlock / kWidth;
  for (int d = 0; d < dim; d += kKeyBlock) {
    in_tiles<4>(rows, [&](auto count, int first) {
      constexpr int kRows = decltype(count)::value;
      float* const own = out + first * out_stride + d;
      float32x4_t sums[kRows][kVectors];
      each<kRows>([&](auto r) {
        each<kVectors>([&](auto v) { sums[r][v] = load(own + r * out_stride + v * kWidth); });
      });
      const float* value = values + d;
      for (int k = 0; k < keys; ++k, value += dim) {
        float32x4_t parts[kVectors];
        each<kVectors>([&](auto v) { parts[v] = load(value + v * kWidth); });
        each<kRows>([&](auto r) {
          const float weight = probabilities[(first + r) * probability_stride + k];
          each<kVectors>([&](auto v) { sums[r][v] = vfmaq_n_f32(sums[r][v], parts[v], weight); });
        });
      }
      each<kRows>([&](auto r) {
        each<kVectors>([&](auto v) { vst1q_f32(own + r * out_stride + v * kWidth, sums[r][v]); });
      });
    });
  }
}

float softmax(float* scores, int length) {
  float32x4_t largest_lane = vdupq_n_f32(-3.4e38f);
  for (int k = 0; k < length; k += kWidth) {
    const float32x4_t part =
        vbslq_f32(first_lanes(length - k), load(scores + k), vdupq_n_f32(-3.4e38f));
    largest_lane = vmaxnmq_f32(largest_lane, part);
  }
  const float32x4_t largest = vdupq_n_f32(vmaxnmvq_f32(largest_lane));
  float32x4_t sum = vdupq_n_f32(0.0f);
  for (int k = 0; k < length || k % kKeyBlock != 0; k += kWidth) {
    const float32x4_t part =
        only(exp_of(vsubq_f32(load(scores + k), largest)), first_lanes(length - k));
    vst1q_f32(scores + k, part);
    sum = vaddq_f32(sum, part);
  }
  return vaddvq_f32(sum);
}

void gelu(float* x, int length) {
  for (int i = 0; i < length; i += kWidth) {
    const float32x4_t value = load_first(x + i, length - i);
    // 0.5 x (1 + tanh u) = x / (1 + exp(-2u))
    const float32x4_t slope = vfmaq_n_f32(vdupq_n_f32(-2 * 0.7978845608f), vmulq_f32(value, value),
                                          -2 * 0.7978845608f * 0.044715f);
    const float32x4_t exponent = vminnmq_f32(vmulq_f32(value, slope), vdupq_n_f32(88.0f));
    const float32x4_t below = vaddq_f32(exp_of(exponent), vdupq_n_f32(1.0f));
    store_first(x + i, length - i, vdivq_f32(value, below));
  }
}

void layer_norm(const float* x, const float* gain, const float* bias, int length, float* y) {
  float32x4_t sum = vdupq_n_f32(0.0f);
  for (int i = 0; i < length; i += kWidth) sum = vaddq_f32(sum, load_first(x + i, length - i));
  const float32x4_t mean = vdupq_n_f32(vaddvq_f32(sum) / static_cast<float>(length));
  float32x4_t squares = vdupq_n_f32(0.0f);
  for (int i = 0; i < length; i += kWidth) {
    const float32x4_t apart =
        only(vsubq_f32(load_first(x + i, length - i), mean), first_lanes(length - i));
    squares = vfmaq_f32(squares, apart, apart);
  }
  const float32x4_t variance =
      vdupq_n_f32(vaddvq_f32(squares) / static_cast<float>(length) + 1e-5f);
  const float32x4_t scale = vdivq_f32(vdupq_n_f32(1.0f), vsqrtq_f32(variance));
  for (int i = 0; i < length; i += kWidth) {
    const int left = length - i;
    const float32x4_t level = vmulq_f32(vsubq_f32(load_first(x + i, left), mean), scale);
    store_first(y + i, left,
                vfmaq_f32(load_first(bias + i, left), level, load_first(gain + i, left)));
  }
}

constexpr Kernels kNeon = {"neon",   multiply_float, multiply_int8, multiply_int6,
                           quantize, scores,         mix,           softmax,
                           gelu,     layer_norm,     prefetch,      2 * kGroupBytes};

}  // namespace

const Kernels* neon_kernels() { return &kNeon; }

}  // namespace descant

#else

namespace descant {

const Kernels* neon_kernels() { return nullptr; }

}  // namespace descant

#endif
