#pragma once

#include <cstddef>
#include <cstdint>

#include "descant/aligned_buffer.h"
#include "descant/kernels.h"

namespace descant {

// Room for the int8 twins of some rows of floats, used again and again.
class QuantizedBuffer {
 public:
  QuantizedBuffer(int rows, int groups)
      : bytes_(static_cast<std::size_t>(rows) * groups * kGroup),
        scales_(static_cast<std::size_t>(rows) * groups),
        offsets_(scales_.size()) {}

  // Takes x, rows `stride` floats apart, each of `groups` * kGroup floats.
  void fill(const Kernels& kernels, const float* x, std::size_t stride, int rows, int groups) {
    groups_ = groups;
    for (int r = 0; r < rows; ++r) {
      const std::size_t group = static_cast<std::size_t>(r) * groups;
      kernels.quantize(x + r * stride, groups, bytes_.data() + group * kGroup,
                       scales_.data() + group, offsets_.data() + group);
    }
  }
  // The twins of what it was filled with last, from that group on.
  QuantizedRows from(int group) const {
    return {bytes_.data() + group * kGroup, scales_.data() + group, offsets_.data() + group,
            groups_};
  }

 private:
  int groups_ = 0;
  AlignedBuffer<std::int8_t> bytes_;
  AlignedBuffer<float> scales_;
  AlignedBuffer<std::int32_t> offsets_;
};

}  // namespace descant
