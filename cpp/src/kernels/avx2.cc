#include "descant/kernels.h"

namespace descant {

const Kernels* avx2_kernels() { return nullptr; }

}  // namespace descant
