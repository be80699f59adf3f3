#include "descant/matrix.h"

#include <algorithm>
#include <cmath>

namespace descant {
namespace {

int groups_of(int width) { return (width + kGroup - 1) / kGroup; }
int panels_of(int outputs) { return (outputs + kPanel - 1) / kPanel; }

std::size_t bytes_of_panel(Precision precision, int inputs) {
  return precision == Precision::int8 ? static_cast<std::size_t>(groups_of(inputs)) * kGroupBytes
                                      : static_cast<std::size_t>(inputs) * kPanel * sizeof(float);
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

QuantizedRows Activations::quantized() const {
  return {bytes_.data(), scales_.data(), offsets_.data(), groups_};
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
    if (precision == Precision::int8) {
      pack_int8(weights.data(), panel);
    } else {
      std::copy_n(weights.data(), static_cast<std::size_t>(inputs) * kPanel,
                  reinterpret_cast<float*>(panel));
    }
  }
}

std::size_t Matrix::bytes(Precision precision, int inputs, int outputs) {
  return stored_bytes(precision, inputs, outputs) + panels_of(outputs) * kPanel * sizeof(float);
}

std::size_t Matrix::stored_bytes(Precision precision, int inputs, int outputs) {
  return panels_of(outputs) * bytes_of_panel(precision, inputs);
}

void Matrix::pack_int8(const float* weights, std::uint8_t* panel) const {
  for (int g = 0; g < groups_of(inputs_); ++g, panel += kGroupBytes, weights += kGroup * kPanel) {
    float* const scales = reinterpret_cast<float*>(panel + kGroup * kPanel);
    for (int o = 0; o < kPanel; ++o) {
      float largest = 0.0f;
      for (int i = 0; i < kGroup; ++i) {
        largest = std::max(largest, std::fabs(weights[i * kPanel + o]));
      }
      scales[o] = largest / 127.0f;
      for (int i = 0; i < kGroup; ++i) {
        const float level = largest > 0.0f ? weights[i * kPanel + o] / scales[o] : 0.0f;
        const int rounded = std::clamp(static_cast<int>(std::nearbyint(level)), -127, 127);
        panel[(i / 4) * (kPanel * 4) + o * 4 + i % 4] = static_cast<std::uint8_t>(rounded + 128);
      }
    }
  }
}

void Matrix::multiply(const Kernels& kernels, const Activations& x, int rows, int panel,
                      float* y) const {
  const float* const bias = bias_.data() + static_cast<std::size_t>(panel) * kPanel;
  for (int r = 0; r < rows; ++r) std::copy_n(bias, kPanel, y + r * kPanel);
  const std::uint8_t* const data = data_ + panel * panel_bytes_;
  if (precision_ == Precision::int8) {
    ask_for_first(kernels, data, groups_of(inputs_));
    kernels.multiply_int8(x.quantized(), rows, data, y, kPanel);
  } else {
    kernels.multiply_float(x.row(0), x.stride(), rows, reinterpret_cast<const float*>(data),
                           inputs_, y, kPanel);
  }
}

}  // namespace descant
