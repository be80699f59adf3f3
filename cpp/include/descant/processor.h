#pragma once

namespace descant {

// What the processor has *and* the operating system saves at a task switch.
bool cpu_has_avx2();    // with FMA and F16C
bool cpu_has_avx512();  // F, BW, DQ, VL and VNNI

// Cores, each counted once however many threads it shows; at least 1.
int physical_cores();

}  // namespace descant
