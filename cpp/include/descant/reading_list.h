#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "descant/kernels.h"

namespace descant {

// The groups of int8 that are about to be multiplied, in their order, wherever they lie: so each
// multiplication can ask for what is read two later, across the end of one matrix into the next.
class ReadingList {
 public:
  void clear() {
    groups_.clear();
    read_ = 0;
  }
  void add(const std::uint8_t* first, int count) {
    for (int i = 0; i < count; ++i, first += kGroupBytes) groups_.push_back(first);
  }

  // Asks for the first groups, which nobody asks for otherwise.
  void begin(const Kernels& kernels) const {
    for (std::size_t i = 0; i < groups_.size() && i < kAhead; ++i) {
      kernels.prefetch(groups_[i], kGroupBytes);
    }
  }
  // What to ask for while the next group is read: at the end nothing that is not there already.
  const std::uint8_t* ahead() {
    const std::size_t wanted = read_++ + kAhead;
    return groups_[wanted < groups_.size() ? wanted : groups_.size() - 1];
  }

 private:
  static constexpr std::size_t kAhead = 2;  // found by measuring

  std::vector<const std::uint8_t*> groups_;
  std::size_t read_ = 0;
};

}  // namespace descant
