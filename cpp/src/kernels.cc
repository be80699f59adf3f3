#include "descant/kernels.h"

#include <cstdlib>
#include <string>
#include <string_view>

#include "descant/error.h"
#include "descant/processor.h"

namespace descant {
namespace {

// "avx512, avx2, generic"
std::string runnable() {
  std::string names;
  for (const char* name : {"avx512", "avx2", "neon", "generic"}) {
    if (find_kernels(name) != nullptr) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names;
}

}  // namespace

const Kernels* find_kernels(const char* name) {
  const std::string_view wanted = name;
  if (wanted == "avx512") return cpu_has_avx512() ? avx512_kernels() : nullptr;
  if (wanted == "avx2") return cpu_has_avx2() ? avx2_kernels() : nullptr;
  if (wanted == "neon") return neon_kernels();
  return wanted == "generic" ? generic_kernels() : nullptr;
}

const Kernels& choose_kernels() {
  const char* const forced = std::getenv("DESCANT_ISA");
  if (forced != nullptr && *forced != '\0') {
    if (const Kernels* kernels = find_kernels(forced)) return *kernels;
    throw BadRequest("DESCANT_ISA is \"" + std::string(forced) + "\"; this machine and build run " +
                     runnable());
  }
  for (const char* name : {"avx512", "avx2", "neon"}) {
    if (const Kernels* kernels = find_kernels(name)) return *kernels;
  }
  return *generic_kernels();
}

}  // namespace descant
