#include "ravine/objective/dropout.hpp"

namespace ravine {

template <class T>
void dropout_factors(const RandomStream& stream, double rate, std::uint64_t first,
                     std::span<T> factors) {
  stream.fill_uniform(factors, 0, 1, first);
  const auto dropped_below = static_cast<T>(rate), kept = static_cast<T>(1 / (1 - rate));
  for (T& factor : factors) factor = factor < dropped_below ? T(0) : kept;
}

template void dropout_factors(const RandomStream&, double, std::uint64_t, std::span<float>);
template void dropout_factors(const RandomStream&, double, std::uint64_t, std::span<double>);

}  // namespace ravine
