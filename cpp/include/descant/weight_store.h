#pragma once

#include <cstddef>
#include <cstdint>

#include "descant/aligned_buffer.h"

namespace descant {

// The matrices of a network end to end in one block, for which the system is asked for large pages:
// every token reads all of it, and with pages of 4 KiB a network of 90 million weights spends a
// third of a step on looking up addresses.  Where large pages are not to be had nothing else
// changes.
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
