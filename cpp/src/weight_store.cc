#include "descant/weight_store.h"

#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace descant {
namespace {

void ask_for_large_pages([[maybe_unused]] std::uint8_t* begin, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__)
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t first = (start + page - 1) / page * page;
  if (first < start + bytes)
    madvise(begin + (first - start), bytes - (first - start), MADV_HUGEPAGE);
#endif
}

}  // namespace

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
