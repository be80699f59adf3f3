#pragma once

#include <array>
#include <cstdint>

namespace descant {

// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
// 2011. Counter-based: the value depends on nothing but its arguments.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

// A number in [0, 1) with 53 random bits for one draw: the same whatever else is generated beside
// it, on every platform.  `token` counts the draws of a step.
double uniform(std::uint64_t seed, std::uint32_t take, std::uint32_t step, std::uint32_t token);

}  // namespace descant
