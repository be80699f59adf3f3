#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "descant/aligned_buffer.h"
#include "descant/kernels.h"
#include "descant/weight_store.h"

namespace descant {

// How weights are held.  What they are multiplied with, keys and values are int8 in both of the
// latter two.
enum class Precision { float32, int8, int6 };

// Rows of floats that a Matrix multiplies, and their int8 twin where it wants that.
// Rows are padded with zeros to a multiple of kGroup.
class Activations {
 public:
  Activations(int rows, int width);

  float* row(int index) { return values_.data() + index * stride_; }
  const float* row(int index) const { return values_.data() + index * stride_; }
  std::size_t stride() const { return stride_; }

  void quantize_row(const Kernels& kernels, int row);
  void quantize_group(const Kernels& kernels, int row, int group);
  QuantizedRows quantized(int group) const;  // from that group on

 private:
  void quantize(const Kernels& kernels, int row, int first, int count);

  int groups_;
  std::size_t stride_;
  AlignedBuffer<float> values_;
  AlignedBuffer<std::int8_t> bytes_;
  AlignedBuffer<float> scales_;
  AlignedBuffer<std::int32_t> offsets_;
};

// A weight matrix with its bias, packed once for the kernels: panels of kPanel outputs, the last
// one filled up with zeros.  In int8 and int6 every kGroup inputs of an output share a scale, that
// of the largest weight among them; weights and scales of a group lie together, so that a panel is
// one stream.  The panels lie in a store that must outlive the matrix.
class Matrix {
 public:
  using Element = std::function<float(int input, int output)>;
  using Bias = std::function<float(int output)>;

  Matrix(WeightStore& store, Precision precision, int inputs, int outputs, const Element& weight,
         const Bias& bias);
  static std::size_t bytes(Precision precision, int inputs, int outputs);
  static std::size_t stored_bytes(Precision precision, int inputs, int outputs);  // of the panels

  int panels() const { return panels_; }

  // y: (rows, kPanel) = x W + bias, for the outputs of one panel.  Rows that lie side by side stay
  // in the first cache, which rows some power of two apart would not.
  void multiply(const Kernels& kernels, const Activations& x, int rows, int panel, float* y) const;

 private:
  void pack(const float* weights, std::uint8_t* panel) const;

  Precision precision_;
  int inputs_;
  int panels_;
  std::size_t panel_bytes_;
  std::uint8_t* data_;
  AlignedBuffer<float> bias_;
};

}  // namespace descant
