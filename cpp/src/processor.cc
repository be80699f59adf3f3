#include "descant/processor.h"

#include <algorithm>
#include <thread>

#if defined(_MSC_VER) && defined(_M_X64)
#include <intrin.h>
#elif defined(__x86_64__)
#include <cpuid.h>
#endif

namespace descant {
namespace {

#if defined(_MSC_VER) && defined(_M_X64)

unsigned cpuid(int leaf, int word) {
  int words[4];
  __cpuidex(words, 0, 0);
  if (words[0] < leaf) return 0;
  __cpuidex(words, leaf, 0);
  return static_cast<unsigned>(words[word]);
}

bool has_bits(int leaf, int word, unsigned mask) { return (cpuid(leaf, word) & mask) == mask; }

bool saves(unsigned long long states) {
  return has_bits(1, 2, 1u << 27) && (_xgetbv(0) & states) == states;
}

#elif defined(__x86_64__)

unsigned cpuid(unsigned leaf, int word) {
  unsigned words[4] = {};
  if (__get_cpuid_count(leaf, 0, &words[0], &words[1], &words[2], &words[3]) == 0) return 0;
  return words[word];
}

#endif

int threads_per_core() {
#if defined(__x86_64__) || defined(_M_X64)
  return std::max(1, static_cast<int>(cpuid(0xb, 1) & 0xffffu));  // leaf 0xB, level 0: siblings
#else
  return 1;
#endif
}

}  // namespace

#if defined(_MSC_VER) && defined(_M_X64)
bool cpu_has_avx2() {
  const unsigned fma_f16c = (1u << 12) | (1u << 29);
  return saves(0x6) && has_bits(1, 2, fma_f16c) && has_bits(7, 1, 1u << 5);
}
bool cpu_has_avx512() {
  const unsigned f_dq_bw_vl = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31);
  return cpu_has_avx2() && saves(0xe6) && has_bits(7, 1, f_dq_bw_vl) && has_bits(7, 2, 1u << 11);
}
#elif defined(__x86_64__)
bool cpu_has_avx2() {
  const bool f16c = (cpuid(1, 2) & (1u << 29)) != 0;
  return f16c && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
bool cpu_has_avx512() {
  return cpu_has_avx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}
#else
bool cpu_has_avx2() { return false; }
bool cpu_has_avx512() { return false; }
#endif

int physical_cores() {
  const int threads = static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, threads / threads_per_core());
}

}  // namespace descant
