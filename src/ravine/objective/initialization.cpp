#include "ravine/objective/initialization.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/QR>

namespace ravine {

namespace {

void draw_normal(const RandomStream& stream, double deviation, std::span<float> weights) {
  stream.fill_normal(weights);
  for (float& w : weights) w *= static_cast<float>(deviation);
}

void draw_uniform(const RandomStream& stream, double bound, std::span<float> weights) {
  stream.fill_uniform(weights, -bound, bound);
}

// The orthogonal factor of a normal matrix, uniform among all (Haar) once the signs are fixed so
// that the triangular factor has a positive diagonal (Mezzadri, "How to generate random matrices
// from the classical compact groups", 2007).
void draw_orthogonal(const RandomStream& stream, double gain, std::size_t fan_in,
                     std::size_t fan_out, std::span<float> weights) {
  const auto longer = static_cast<Eigen::Index>(std::max(fan_in, fan_out));
  const auto shorter = static_cast<Eigen::Index>(std::min(fan_in, fan_out));
  Eigen::MatrixXd normal(longer, shorter);
  stream.fill_normal(std::span(normal.data(), weights.size()));
  const Eigen::HouseholderQR<Eigen::Ref<Eigen::MatrixXd>> qr(normal);
  Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(longer, shorter);
  for (Eigen::Index j = 0; j < shorter; ++j) {
    q.col(j) *= qr.matrixQR()(j, j) < 0 ? -gain : gain;
  }
  Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> w(
      weights.data(), static_cast<Eigen::Index>(fan_out), static_cast<Eigen::Index>(fan_in));
  if (fan_out >= fan_in) {
    w = q.cast<float>();
  } else {
    w = q.transpose().cast<float>();
  }
}

}  // namespace

void draw_weights(Initialization initialization, double gain, const RandomStream& stream,
                  std::size_t fan_in, std::size_t fan_out, std::span<float> weights) {
  const double in = static_cast<double>(fan_in);
  const double both = in + static_cast<double>(fan_out);
  switch (initialization) {
    case Initialization::torch:
      return draw_uniform(stream, gain / std::sqrt(in), weights);
    case Initialization::lecun:
      return draw_normal(stream, gain / std::sqrt(in), weights);
    case Initialization::xavier_uniform:
      return draw_uniform(stream, gain * std::sqrt(6 / both), weights);
    case Initialization::xavier_normal:
      return draw_normal(stream, gain * std::sqrt(2 / both), weights);
    case Initialization::he_uniform:
      return draw_uniform(stream, gain * std::sqrt(6 / in), weights);
    case Initialization::he_normal:
      return draw_normal(stream, gain * std::sqrt(2 / in), weights);
    case Initialization::orthogonal:
    case Initialization::lsuv:
      return draw_orthogonal(stream, gain, fan_in, fan_out, weights);
    case Initialization::normal:
      return draw_normal(stream, gain, weights);
    case Initialization::zero:
      std::ranges::fill(weights, 0.0F);
      return;
  }
}

}  // namespace ravine
