#include "descant/kernels.h"

#include <cstdlib>
#include <string>
#include <string_view>

#include "descant/error.h"
#include "descant/processor.h"

namespace descant {

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
    throw BadRequest("DESCANT_ISA is \"" + std::string(forced) +
                     "\", but this machine and build only run some of generic, avx2, avx512, neon");
  }
  for (const char* name : {"avx512", "avx2", "neon"}) {
    if (const Kernels* kernels = find_kernels(name)) return *kernels;
  }
  return *generic_kernels();
}

}  // namespace descant
