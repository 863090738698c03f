#include "ravine/base/monotone_fit.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace ravine {

namespace {

/// Places next to each other with one fitted value.
struct Pool {
  double weight;
  double value;
  std::size_t places;
};

}  // namespace

double rising_crossing(std::span<const double> x, std::span<const double> shares,
                       std::span<const double> weights, double level) {
  std::vector<double> places;
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(weights[i] > 0)) continue;
    places.push_back(x[i]);
    pools.push_back({weights[i], shares[i], 1});
    while (pools.size() > 1 && pools[pools.size() - 2].value >= pools.back().value) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool& pool = pools.back();
      pool.value =
          (pool.weight * pool.value + last.weight * last.value) / (pool.weight + last.weight);
      pool.weight += last.weight;
      pool.places += last.places;
    }
  }
  std::vector<double> fit;
  for (const Pool& pool : pools) fit.insert(fit.end(), pool.places, pool.value);
  for (std::size_t i = 1; i < fit.size(); ++i) {
    if (!(fit[i - 1] < level && fit[i] >= level)) continue;
    const double part = (level - fit[i - 1]) / (fit[i] - fit[i - 1]);
    return places[i - 1] + part * (places[i] - places[i - 1]);
  }
  return NAN;
}

}  // namespace ravine
