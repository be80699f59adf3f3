#include "descant/network.h"

namespace descant {

bool Network::last_attention(std::span<const int> /*ids*/, std::span<const int> /*positions*/,
                             std::span<const std::uint8_t> /*visible*/, std::span<float> /*mass*/) {
  return false;
}

}  // namespace descant
