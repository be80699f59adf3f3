#pragma once

#include <cstddef>

namespace descant {

// Asks the system to keep this memory in large pages, before it is written: what is read whole for
// every token spends, in pages of 4 KiB, up to a third of its time on looking up addresses.  Where
// they are not to be had nothing else changes.
void ask_for_large_pages(void* begin, std::size_t bytes);

}  // namespace descant
