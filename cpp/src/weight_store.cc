#include "descant/weight_store.h"

#include <new>

#include "descant/large_pages.h"

namespace descant {

WeightStore::WeightStore(std::size_t bytes) : block_(bytes) {
  ask_for_large_pages(block_.data(), bytes);
}

std::uint8_t* WeightStore::take(std::size_t bytes) {
  if (bytes > block_.size() - taken_) throw std::bad_alloc();
  std::uint8_t* const part = block_.data() + taken_;
  taken_ += bytes;
  return part;
}

}  // namespace descant
