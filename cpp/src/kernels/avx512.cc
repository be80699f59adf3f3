#include "descant/kernels.h"

namespace descant {

const Kernels* avx512_kernels() { return nullptr; }

}  // namespace descant
