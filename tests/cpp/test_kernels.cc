#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "descant/aligned_buffer.h"
#include "descant/kernels.h"
#include "descant/matrix.h"

using descant::Activations;
using descant::AlignedBuffer;
using descant::find_kernels;
using descant::Kernels;
using descant::kGroup;
using descant::kGroupBytes;
using descant::kInt6GroupBytes;
using descant::kKeyBlock;
using descant::kPanel;
using descant::QuantizedRows;

namespace {

std::mt19937 generator(20);

AlignedBuffer<float> normal(std::size_t size, float spread = 1.0f) {
  std::normal_distribution<float> distribution(0.0f, spread);
  AlignedBuffer<float> values(size);
  for (float& value : values.span()) value = distribution(generator);
  return values;
}

void check_near(const AlignedBuffer<float>& a, const AlignedBuffer<float>& b, float tolerance) {
  REQUIRE(a.size() == b.size());
  float worst = 0.0f;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::fabs(a[i] - b[i]));
  CHECK(worst <= tolerance);
}

// Every set this machine runs; the plain one is among them, which tests the tests.
std::vector<const Kernels*> usable() {
  std::vector<const Kernels*> found;
  for (const char* name : {"generic", "avx2", "avx512", "neon"}) {
    if (const Kernels* kernels = find_kernels(name)) found.push_back(kernels);
  }
  return found;
}

const Kernels& plain() { return *descant::generic_kernels(); }

// Runs `multiply(kernels, first row, rows, y)` for all rows at once and row by row, with every set.
template <typename Multiply>
void check_rows(int rows, std::size_t width, float tolerance, const Multiply& multiply) {
  const AlignedBuffer<float> start = normal(rows * width);
  const auto copy = [&] {
    AlignedBuffer<float> y(start.size());
    std::copy_n(start.data(), start.size(), y.data());
    return y;
  };
  AlignedBuffer<float> wanted = copy();
  multiply(plain(), 0, rows, wanted.data());
  for (const Kernels* kernels : usable()) {
    CAPTURE(kernels->name);
    CAPTURE(rows);
    AlignedBuffer<float> together = copy();
    multiply(*kernels, 0, rows, together.data());
    check_near(together, wanted, tolerance);
    AlignedBuffer<float> alone = copy();
    for (int r = 0; r < rows; ++r) multiply(*kernels, r, 1, alone.data() + r * width);
    CHECK(std::memcmp(alone.data(), together.data(), alone.size() * sizeof(float)) == 0);
  }
}

constexpr int kRowCounts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 33};

}  // namespace

TEST_CASE("float panels: every set equals the plain twin, and a row does not know its neighbours") {
  for (const int rows : kRowCounts) {
    for (const int inputs : {1, 7, 64, 200}) {
      const std::size_t stride = static_cast<std::size_t>(inputs) + 3;
      const AlignedBuffer<float> x = normal(rows * stride);
      const AlignedBuffer<float> panel = normal(static_cast<std::size_t>(inputs) * kPanel, 0.1f);
      check_rows(rows, kPanel, 1e-4f, [&](const Kernels& kernels, int first, int count, float* y) {
        kernels.multiply_float(x.data() + first * stride, stride, count, panel.data(), inputs, y,
                               kPanel);
      });
    }
  }
}

namespace {

// Some rows of int8 with more groups than are multiplied, as in the middle of a wide matrix.
struct Rows {
  Rows(int rows, int groups, bool extreme)
      : stride(groups),
        values(static_cast<std::size_t>(rows) * groups * kGroup),
        scales(normal(static_cast<std::size_t>(rows) * groups, 0.01f)),
        offsets(scales.size()) {
    std::uniform_int_distribution<int> value(-127, 127);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<std::int8_t>(extreme ? 127 : value(generator));
      offsets[i / kGroup] = (i % kGroup == 0 ? 0 : offsets[i / kGroup]) - 128 * values[i];
    }
  }
  QuantizedRows from(int row) const {
    return {values.data() + row * stride * kGroup, scales.data() + row * stride,
            offsets.data() + row * stride, stride};
  }

  int stride;
  AlignedBuffer<std::int8_t> values;
  AlignedBuffer<float> scales;
  AlignedBuffer<std::int32_t> offsets;
};

// Weights of a group; no byte of int8, and no half of one of int6, is zero, which none ever is.
AlignedBuffer<std::uint8_t> weights_of(int bytes, bool extreme) {
  std::uniform_int_distribution<int> half(1, 15);
  AlignedBuffer<std::uint8_t> group(static_cast<std::size_t>(bytes));
  for (std::uint8_t& weight : group.span()) {
    weight = static_cast<std::uint8_t>(extreme ? 255 : half(generator) << 4 | half(generator));
  }
  return group;
}

using Multiply = decltype(Kernels::multiply_int8);

void check_group(Multiply Kernels::* multiply, const AlignedBuffer<std::uint8_t>& group,
                 bool extreme) {
  for (const int rows : kRowCounts) {
    for (const int stride : {1, 3}) {
      const Rows x(rows, stride, extreme);
      check_rows(rows, kPanel, 1e-3f, [&](const Kernels& kernels, int first, int count, float* y) {
        (kernels.*multiply)(x.from(first), count, group.data(), y, kPanel, group.data());
      });
    }
  }
}

}  // namespace

TEST_CASE("int8 groups: every set equals the plain twin, also at the ends of the range") {
  for (const bool extreme : {false, true}) {
    AlignedBuffer<std::uint8_t> group = weights_of(kGroupBytes, extreme);
    const AlignedBuffer<float> scales = normal(kPanel, 0.001f);
    std::memcpy(group.data() + kGroup * kPanel, scales.data(), kPanel * sizeof(float));
    check_group(&Kernels::multiply_int8, group, extreme);
  }
}

TEST_CASE("int6 groups: every set equals the plain twin, also at the ends of the range") {
  for (const bool extreme : {false, true}) {
    AlignedBuffer<std::uint8_t> group = weights_of(kInt6GroupBytes, extreme);
    const AlignedBuffer<float> scales = normal(kPanel, 0.001f);
    for (int o = 0; o < kPanel; ++o) {
      const std::uint32_t bits = std::bit_cast<std::uint32_t>(scales[o]);
      const std::uint16_t upper = static_cast<std::uint16_t>(bits >> 16);
      std::memcpy(group.data() + kGroup * kPanel * 6 / 8 + o * 2, &upper, 2);
    }
    check_group(&Kernels::multiply_int6, group, extreme);
  }
}

TEST_CASE("quantize: the largest becomes 127, zeros stay zeros, all sets agree to the bit") {
  AlignedBuffer<float> x = normal(3 * kGroup);
  std::fill_n(x.data() + kGroup, kGroup, 0.0f);
  x[5] = -100.0f;
  for (const Kernels* kernels : usable()) {
    CAPTURE(kernels->name);
    std::vector<std::int8_t> values(3 * kGroup), wanted(3 * kGroup);
    float scales[3], wanted_scales[3];
    std::int32_t offsets[3], wanted_offsets[3];
    kernels->quantize(x.data(), 3, values.data(), scales, offsets);
    plain().quantize(x.data(), 3, wanted.data(), wanted_scales, wanted_offsets);
    CHECK(values == wanted);
    CHECK(values[5] == -127);
    CHECK(values[kGroup] == 0);
    for (int g = 0; g < 3; ++g) {
      CHECK(scales[g] == wanted_scales[g]);
      CHECK(offsets[g] == wanted_offsets[g]);
    }
    for (int i = 0; i < kGroup; ++i) CHECK(std::fabs(values[i] * scales[0] - x[i]) < 0.4f);
  }
}

TEST_CASE("scores of keys") {
  for (const int rows : kRowCounts) {
    for (const int dim : {5, 16, 64, 80}) {
      for (const int blocks : {1, 2, 3, 4, 7}) {
        const std::size_t keys = static_cast<std::size_t>(blocks) * kKeyBlock;
        const std::size_t stride = static_cast<std::size_t>(dim) + 1;
        const AlignedBuffer<float> queries = normal(rows * stride);
        const AlignedBuffer<float> stored = normal(keys * dim);
        check_rows(rows, keys, 1e-4f, [&](const Kernels& kernels, int first, int count, float* y) {
          kernels.scores(queries.data() + first * stride, stride, count, stored.data(), blocks, dim,
                         y, keys);
        });
      }
    }
  }
}

TEST_CASE("mixing of values") {
  for (const int rows : kRowCounts) {
    for (const int dim : {16, 32, 48, 64, 80, 128}) {
      for (const int keys : {1, 2, 31, 300}) {
        const std::size_t stride = static_cast<std::size_t>(keys) + 5;
        const std::size_t width = static_cast<std::size_t>(dim);
        const AlignedBuffer<float> weights = normal(rows * stride, 0.1f);
        const AlignedBuffer<float> stored = normal(keys * width);
        check_rows(rows, width, 1e-4f, [&](const Kernels& kernels, int first, int count, float* y) {
          kernels.mix(weights.data() + first * stride, stride, count, stored.data(), keys, dim, y,
                      width);
        });
      }
    }
  }
}

TEST_CASE("softmax adds to one, pads with zeros, and survives large scores") {
  for (const Kernels* kernels : usable()) {
    CAPTURE(kernels->name);
    for (const int length : {1, 2, 15, 16, 17, 100}) {
      for (const float spread : {1.0f, 200.0f, 1e30f}) {
        const int padded = (length + kKeyBlock - 1) / kKeyBlock * kKeyBlock;
        const AlignedBuffer<float> start = normal(static_cast<std::size_t>(padded), spread);
        AlignedBuffer<float> scores(start.size());
        std::copy_n(start.data(), start.size(), scores.data());
        const float sum = kernels->softmax(scores.data(), length);
        const float largest = *std::max_element(start.data(), start.data() + length);
        double wanted_sum = 0.0;
        for (int k = 0; k < length; ++k) {
          const double wanted = std::exp(static_cast<double>(start[k]) - largest);
          wanted_sum += wanted;
          CHECK(std::fabs(scores[k] - wanted) < 2e-7);
        }
        for (int k = length; k < padded; ++k) CHECK(scores[k] == 0.0f);
        CHECK(std::fabs(sum - wanted_sum) < 1e-5 * wanted_sum);
      }
    }
  }
}

TEST_CASE("gelu equals its formula in double, out to where exp overflows") {
  for (const Kernels* kernels : usable()) {
    CAPTURE(kernels->name);
    std::vector<float> x;
    for (float value = -12.0f; value < 12.0f; value += 0.01f) x.push_back(value);
    for (const float value : {-1e4f, -1e10f, 1e10f, 1e4f, 0.0f, -0.0f}) x.push_back(value);
    while (x.size() % 16 != 0) x.push_back(1.0f);
    std::vector<float> y = x;
    kernels->gelu(y.data(), static_cast<int>(y.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double v = x[i];
      const double wanted =
          0.5 * v *
          (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (v + 0.044715 * v * v * v)));
      CHECK(std::fabs(y[i] - wanted) <= 1e-6 * std::max(1.0, std::fabs(v)));
    }
  }
}

TEST_CASE("layer norm of any length equals its formula in double") {
  for (const Kernels* kernels : usable()) {
    CAPTURE(kernels->name);
    for (const int length : {1, 3, 10, 16, 32, 72, 512, 770}) {
      const std::size_t size = static_cast<std::size_t>(length);
      const AlignedBuffer<float> x = normal(size, 3.0f);
      const AlignedBuffer<float> gain = normal(size);
      const AlignedBuffer<float> bias = normal(size);
      AlignedBuffer<float> y(size);
      kernels->layer_norm(x.data(), gain.data(), bias.data(), length, y.data());
      double mean = 0.0, variance = 0.0;
      for (std::size_t i = 0; i < size; ++i) mean += x[i] / static_cast<double>(length);
      for (std::size_t i = 0; i < size; ++i) variance += std::pow(x[i] - mean, 2) / length;
      for (std::size_t i = 0; i < size; ++i) {
        const double wanted = (x[i] - mean) / std::sqrt(variance + 1e-5) * gain[i] + bias[i];
        CHECK(std::fabs(y[i] - wanted) < 2e-5);
      }
    }
  }
}

TEST_CASE("a packed matrix is its float twin within the rounding of one group") {
  const int inputs = 150, outputs = 70, rows = 5;
  const AlignedBuffer<float> weights = normal(inputs * outputs, 0.05f);
  const auto weight = [&](int i, int o) {
    return weights[static_cast<std::size_t>(i) * outputs + o];
  };
  const auto bias = [](int o) { return 0.01f * static_cast<float>(o); };
  for (const descant::Precision precision :
       {descant::Precision::float32, descant::Precision::int8, descant::Precision::int6}) {
    descant::WeightStore store(descant::Matrix::stored_bytes(precision, inputs, outputs));
    const descant::Matrix matrix(store, precision, inputs, outputs, weight, bias);
    CHECK_THROWS_AS(store.take(1), std::bad_alloc);
    REQUIRE(matrix.panels() == 2);
    Activations x(rows, inputs);
    for (int r = 0; r < rows; ++r) {
      const AlignedBuffer<float> row = normal(inputs);
      std::copy_n(row.data(), inputs, x.row(r));
      x.quantize_row(plain(), r);
    }
    std::vector<float> y(2 * rows * kPanel);
    const auto at = [&](int r, int o) {
      return y[static_cast<std::size_t>(o / kPanel * rows + r) * kPanel + o % kPanel];
    };
    for (int p = 0; p < 2; ++p) matrix.multiply(plain(), x, rows, p, y.data() + p * rows * kPanel);
    const float tolerance = precision == descant::Precision::float32 ? 1e-5f
                            : precision == descant::Precision::int8  ? 0.03f
                                                                     : 0.1f;
    for (int r = 0; r < rows; ++r) {
      for (int o = 0; o < outputs; ++o) {
        float wanted = bias(o);
        for (int i = 0; i < inputs; ++i) wanted += x.row(r)[i] * weight(i, o);
        CHECK(std::fabs(at(r, o) - wanted) < tolerance);
      }
      CHECK(at(r, outputs) == 0.0f);
    }
  }
}
