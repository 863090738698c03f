#include "ravine/probe/sample_gradients.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/kernels/sort.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

/// Interpolated between the roots of sorted squares.
double quantile(std::span<const double> squares, double share) {
  const double place = share * static_cast<double>(squares.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, squares.size() - 1);
  const double low = std::sqrt(squares[below]);
  return low + (place - static_cast<double>(below)) * (std::sqrt(squares[above]) - low);
}

}  // namespace

double noise_scale(double variance, double true_square) {
  return true_square > 0 ? variance / true_square : std::numeric_limits<double>::quiet_NaN();
}

SampleGradients sample_gradients(std::span<double> squares, double batch_square) {
  SampleGradients result;
  const double total = sum(squares);
  if (!std::isfinite(total)) return result;
  sort_ascending(squares);
  for (std::size_t q = 0; q < kSampleQuantiles.size(); ++q) {
    result.norms[q] = quantile(squares, kSampleQuantiles[q]);
  }
  const auto samples = static_cast<double>(squares.size());
  if (squares.size() == 1) return result;
  const double mean = total / samples;
  // Equal gradients leave a variance of rounding errors, which may be below zero.
  result.variance = std::max(0.0, (mean - batch_square) * samples / (samples - 1));
  result.true_square = (samples * batch_square - mean) / (samples - 1);
  return result;
}

void sample_gradient_squares(std::span<const double> input_squares,
                             std::span<const double> delta_squares, bool bias, std::size_t batch,
                             std::span<double> squares) {
  const auto samples = static_cast<double>(batch);
  const double one = bias ? 1 : 0;
  for (std::size_t b = 0; b < squares.size(); ++b) {
    squares[b] = samples * samples * delta_squares[b] * (input_squares[b] + one);
  }
}

}  // namespace ravine
