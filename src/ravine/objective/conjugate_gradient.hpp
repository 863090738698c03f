#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

struct LinearSolution {
  std::vector<double> x;
  double relative_residual = 0;  ///< |N x - b| / |b|, as the method carries it along
  int iterations = 0;
};

/// Solves N x = b, N symmetric positive semidefinite, b in its range, from x = 0 by conjugate
/// gradients (Hestenes and Stiefel 1952) until |N x - b| <= tolerance |b|. All iterates lie in the
/// range of N, so of many solutions it finds the one of least norm. multiply(v) returns the view of
/// N v that lives until its next call.
template <class Multiply>
LinearSolution conjugate_gradient(Multiply multiply, std::span<const double> b, double tolerance,
                                  int max_iterations) {
  LinearSolution solution{std::vector<double>(b.size())};
  std::vector<double> residual(b.begin(), b.end()), direction = residual;
  const double first = squared_norm(b);
  double squared = first;
  while (squared > tolerance * tolerance * first && solution.iterations < max_iterations) {
    const std::span<const double> product = multiply(std::span<const double>(direction));
    const double step = squared / dot(std::span<const double>(direction), product);
    add_scaled(step, direction, std::span(solution.x));
    add_scaled(-step, product, residual);
    const double next = squared_norm(std::span<const double>(residual));
    for (std::size_t j = 0; j < direction.size(); ++j) {
      direction[j] = residual[j] + next / squared * direction[j];
    }
    squared = next;
    ++solution.iterations;
  }
  solution.relative_residual = first > 0 ? std::sqrt(squared / first) : 0;
  return solution;
}

}  // namespace ravine
