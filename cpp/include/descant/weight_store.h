#pragma once

#include <cstddef>
#include <cstdint>

#include "descant/aligned_buffer.h"

namespace descant {

// The matrices of a network end to end in one block of large pages.
class WeightStore {
 public:
  explicit WeightStore(std::size_t bytes);

  // The next `bytes` of the block; a whole number of cache lines.  std::bad_alloc when the block is
  // used up.
  std::uint8_t* take(std::size_t bytes);

 private:
  AlignedBuffer<std::uint8_t> block_;
  std::size_t taken_ = 0;
};

}  // namespace descant
