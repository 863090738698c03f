#include "ravine/optimizer/scaled_gradient.hpp"

#include <cmath>

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

template <class T>
ScaledGradient::Walk<T>::Walk(std::string_view rule, std::span<const ParameterBlock> blocks,
                              bool damped)
    : damped_(damped) {
  if (blocks.size() != 1) {
    throw ConfigError(error_text("step rule", rule, "an objective with one block, the factor U",
                                 fmt::format("one with {} blocks", blocks.size())));
  }
  rows_ = blocks[0].rows;
  cols_ = blocks[0].cols;
}

template <class T>
bool ScaledGradient::Walk<T>::move(const EvaluatedPoint<T>& point) const {
  using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Square = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  const auto d = static_cast<Eigen::Index>(rows_), r = static_cast<Eigen::Index>(cols_);
  Eigen::Map<RowMajor> u(point.parameters.data(), d, r);
  const Eigen::Map<const RowMajor> gradient(point.gradient.data(), d, r);
  Square metric = u.transpose() * u;  // (R, R)
  if (damped_) metric.diagonal().array() += static_cast<T>(std::sqrt(2 * point.loss));
  u -= static_cast<T>(point.learning_rate) * metric.llt().solve(gradient.transpose()).transpose();
  return true;
}

template class ScaledGradient::Walk<float>;
template class ScaledGradient::Walk<double>;

}  // namespace ravine
