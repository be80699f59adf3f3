#include "descant/matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace descant {
namespace {

int groups_of(int width) { return (width + kGroup - 1) / kGroup; }
int panels_of(int outputs) { return (outputs + kPanel - 1) / kPanel; }

std::size_t bytes_of_panel(Precision precision, int inputs) {
  const std::size_t groups = static_cast<std::size_t>(groups_of(inputs));
  if (precision == Precision::int8) return groups * kGroupBytes;
  if (precision == Precision::int6) return groups * kInt6GroupBytes;
  return static_cast<std::size_t>(inputs) * kPanel * sizeof(float);
}

// The next larger number whose lower half is zero.
float with_upper_half(float x) {
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(x) + 0xffffu) & 0xffff0000u);
}

// What a group of weights becomes for Kernels::multiply_int8; in int6 with a quarter of the levels.
void quantize_group(Precision precision, const float* weights, std::uint8_t* group) {
  const int step = precision == Precision::int6 ? 4 : 1;
  const int most = 127 / step;
  float* const scales = reinterpret_cast<float*>(group + kGroup * kPanel);
  for (int o = 0; o < kPanel; ++o) {
    float largest = 0.0f;
    for (int i = 0; i < kGroup; ++i) {
      largest = std::max(largest, std::fabs(weights[i * kPanel + o]));
    }
    const float scale = largest / static_cast<float>(most * step);
    scales[o] = step == 1 ? scale : with_upper_half(scale);
    const float width = scales[o] * static_cast<float>(step);
    for (int i = 0; i < kGroup; ++i) {
      const float level = width > 0.0f ? weights[i * kPanel + o] / width : 0.0f;
      const int rounded = std::clamp(static_cast<int>(std::nearbyint(level)), -most, most);
      group[(i / 4) * (kPanel * 4) + o * 4 + i % 4] =
          static_cast<std::uint8_t>(rounded * step + 128);
    }
  }
}

// What such a group becomes for Kernels::multiply_int6.
void pack_int6(const std::uint8_t* group, std::uint8_t* packed) {
  std::fill_n(packed, kInt6GroupBytes, std::uint8_t{0});
  for (int i = 0; i < kGroup * kPanel; ++i) {
    const int quarter = i / 64 % 4;
    std::uint8_t* const lines = packed + i / 256 * 192 + i % 64;
    lines[quarter / 2 * 64] |=
        static_cast<std::uint8_t>(group[i] >> 4 << (quarter % 2 == 0 ? 4 : 0));
    lines[128] |= static_cast<std::uint8_t>((group[i] >> 2 & 3) << quarter * 2);
  }
  const std::uint8_t* const scales = group + kGroup * kPanel;
  std::uint8_t* const halves = packed + kGroup * kPanel * 6 / 8;
  for (int o = 0; o < kPanel; ++o) std::copy_n(scales + o * 4 + 2, 2, halves + o * 2);
}

}  // namespace

Activations::Activations(int rows, int width)
    : groups_(groups_of(width)),
      stride_(static_cast<std::size_t>(groups_) * kGroup),
      values_(rows * stride_),
      bytes_(rows * stride_),
      scales_(static_cast<std::size_t>(rows) * groups_),
      offsets_(static_cast<std::size_t>(rows) * groups_) {
  std::fill_n(values_.data(), values_.size(), 0.0f);
}

void Activations::quantize_row(const Kernels& kernels, int row) {
  quantize(kernels, row, 0, groups_);
}

void Activations::quantize_group(const Kernels& kernels, int row, int group) {
  quantize(kernels, row, group, 1);
}

void Activations::quantize(const Kernels& kernels, int row, int first, int count) {
  const std::size_t group = static_cast<std::size_t>(row) * groups_ + first;
  kernels.quantize(values_.data() + group * kGroup, count, bytes_.data() + group * kGroup,
                   scales_.data() + group, offsets_.data() + group);
}

QuantizedRows Activations::quantized(int group) const {
  return {bytes_.data() + group * kGroup, scales_.data() + group, offsets_.data() + group, groups_};
}

Matrix::Matrix(WeightStore& store, Precision precision, int inputs, int outputs,
               const Element& weight, const Bias& bias)
    : precision_(precision),
      inputs_(inputs),
      panels_(panels_of(outputs)),
      panel_bytes_(bytes_of_panel(precision, inputs)),
      data_(store.take(stored_bytes(precision, inputs, outputs))),
      bias_(static_cast<std::size_t>(panels_) * kPanel) {
  const int padded_inputs = groups_of(inputs) * kGroup;
  AlignedBuffer<float> weights(static_cast<std::size_t>(padded_inputs) * kPanel);
  for (int p = 0; p < panels_; ++p) {
    std::fill_n(weights.data(), weights.size(), 0.0f);
    for (int o = 0; o < kPanel; ++o) {
      const int output = p * kPanel + o;
      bias_[static_cast<std::size_t>(output)] = output < outputs ? bias(output) : 0.0f;
    }
    const int count = std::min(kPanel, outputs - p * kPanel);
    for (int i = 0; i < inputs; ++i) {
      float* const row = weights.data() + static_cast<std::size_t>(i) * kPanel;
      for (int o = 0; o < count; ++o) row[o] = weight(i, p * kPanel + o);
    }
    std::uint8_t* const panel = data_ + p * panel_bytes_;
    pack(weights.data(), panel);
  }
}

std::size_t Matrix::bytes(Precision precision, int inputs, int outputs) {
  return stored_bytes(precision, inputs, outputs) + panels_of(outputs) * kPanel * sizeof(float);
}

std::size_t Matrix::stored_bytes(Precision precision, int inputs, int outputs) {
  return panels_of(outputs) * bytes_of_panel(precision, inputs);
}

void Matrix::pack(const float* weights, std::uint8_t* panel) const {
  if (precision_ == Precision::float32) {
    std::copy_n(weights, inputs_ * kPanel, reinterpret_cast<float*>(panel));
    return;
  }
  alignas(64) std::uint8_t group[kGroupBytes];
  for (int g = 0; g < groups_of(inputs_); ++g, weights += kGroup * kPanel) {
    quantize_group(precision_, weights, group);
    if (precision_ == Precision::int6) {
      pack_int6(group, panel + static_cast<std::size_t>(g) * kInt6GroupBytes);
    } else {
      std::copy_n(group, kGroupBytes, panel + static_cast<std::size_t>(g) * kGroupBytes);
    }
  }
}

void Matrix::multiply(const Kernels& kernels, const Activations& x, int rows, int panel,
                      float* y) const {
  const float* const bias = bias_.data() + static_cast<std::size_t>(panel) * kPanel;
  for (int r = 0; r < rows; ++r) std::copy_n(bias, kPanel, y + r * kPanel);
  const std::uint8_t* group = data_ + panel * panel_bytes_;
  if (precision_ == Precision::float32) {
    kernels.multiply_float(x.row(0), x.stride(), rows, reinterpret_cast<const float*>(group),
                           inputs_, y, kPanel);
    return;
  }
  const bool whole = precision_ == Precision::int8;
  const auto multiply_group = whole ? kernels.multiply_int8 : kernels.multiply_int6;
  const int bytes = whole ? kGroupBytes : kInt6GroupBytes;
  const int ahead = whole && rows == 1 ? kernels.ahead_of_row : 2 * bytes;
  kernels.prefetch(group, static_cast<std::size_t>(ahead));
  for (int g = 0; g < groups_of(inputs_); ++g, group += bytes) {
    multiply_group(x.quantized(g), rows, group, y, kPanel, group + ahead);
  }
}

}  // namespace descant
