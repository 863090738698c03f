#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include "probe/small_objectives.hpp"
#include "ravine/probe/extreme_eigenpairs.hpp"

namespace ravine::testing {

/// x -> A x; `a` must outlive it.
inline SymmetricOperator operator_of(const Eigen::MatrixXd& a) {
  return [&a](std::span<const double> x, std::span<double> y) {
    const Eigen::Map<const Eigen::VectorXd> in(x.data(), static_cast<Eigen::Index>(x.size()));
    Eigen::Map<Eigen::VectorXd>(y.data(), static_cast<Eigen::Index>(y.size())) = a * in;
  };
}

inline Eigen::MatrixXd random_symmetric(Eigen::Index size) {
  const std::vector<double> entries =
      normal_numbers(static_cast<std::size_t>(size * size), "symmetric");
  const Eigen::MatrixXd a = Eigen::Map<const Eigen::MatrixXd>(entries.data(), size, size);
  return a + a.transpose();
}

}  // namespace ravine::testing
