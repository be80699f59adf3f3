#pragma once

#include <cstdint>
#include <vector>

#include "descant/smf_music.h"

namespace descant {

// The bar grid from the meters of all chunks, spec/encoding.md 2.4.  `last` is the latest note end.
// `exact`: bars cut short have their true length and meters without length are passed over.
std::vector<SmfBar> bars_of(const SmfFile& file, std::int64_t last, bool exact,
                            const SmfLimits& limits);

}  // namespace descant
