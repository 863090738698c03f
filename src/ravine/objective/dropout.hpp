#pragma once

#include <cstdint>
#include <span>

#include "ravine/random/random.hpp"

namespace ravine {

/// Inverted dropout (Srivastava et al. 2014): in training every output of a hidden layer is set to
/// 0 with probability `rate` and else divided by 1 - rate, so that its mean stays; in evaluation
/// nothing is done. PyTorch's nn.Dropout.
struct Dropout {
  double rate = 0;         ///< p, at least 0 and below 1
  std::uint64_t seed = 0;  ///< of the choice
};

/// Numbers number `first`, ... of the factors 0 and 1/(1 - rate) that `stream` chooses. A layer has
/// one stream, and the factor of (step, sample of the batch, unit) a fixed number in it, so masks
/// do not depend on who asks, or how often.
template <class T>
void dropout_factors(const RandomStream& stream, double rate, std::uint64_t first,
                     std::span<T> factors);

}  // namespace ravine
