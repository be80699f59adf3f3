#include "descant/kernels.h"

namespace descant {

const Kernels* neon_kernels() { return nullptr; }

}  // namespace descant
