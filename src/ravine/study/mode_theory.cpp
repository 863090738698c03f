#include "ravine/study/mode_theory.hpp"

#include <algorithm>
#include <cmath>

namespace ravine {

double power_size(double start_size, double eigenvalue, double eta, std::int64_t iteration) {
  return start_size * std::pow(1 + 2 * eta * eigenvalue, static_cast<double>(iteration));
}

double next_size(double size, double eigenvalue, double eta) {
  return size * (1 + 2 * eta * (eigenvalue - size * size));
}

double half_time_by_scale(double alpha, double sigma, double eta) {
  return std::max(0.0, -std::log(alpha) / (2 * eta * sigma));
}

double half_time_by_size(double start_size, double eigenvalue, double eta) {
  if (!(start_size > 0 && eigenvalue > 0)) return NAN;
  const double square_ratio = eigenvalue / (start_size * start_size);
  if (square_ratio <= 4) return 0;
  return std::log((square_ratio - 1) / 3) / (2 * std::log1p(2 * eta * eigenvalue));
}

}  // namespace ravine
