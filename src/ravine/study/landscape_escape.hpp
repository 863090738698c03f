#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ravine/study/landscape_points.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

struct EscapeOptions {
  std::int64_t iterations = 3000;  ///< at most
  double step = 0.2;               ///< c = eta sigma_1
  std::uint64_t seed = 1234;
};

/// Descent from next to the saddle at 0, split into the part of U_t along the leading eigenvector q
/// of D and the rest; D = X* for the population loss, the back-projection for the sampled one, is
/// minus half the Hessian at 0, so that while |U_t|^2 is small
///   U_{t+1} = (I + 2 eta D) U_t.
struct Escape {
  LossKind kind = LossKind::population;
  double learning_rate = 0;          ///< eta
  std::vector<double> leading;       ///< |q^T U_t|, one an iteration from the start on
  std::vector<double> rest;          ///< |(I - q q^T) U_t|
  double population_growth = 0;      ///< 1 + 2 eta sigma_1, an iteration
  double own_growth = 0;             ///< 1 + 2 eta lambda_1(D)
  double measured_growth = 0;        ///< of `leading`, fitted while |U_t|^2 <= 1e-4 sigma_1
  std::size_t fitted = 0;            ///< iterations of the fit
  std::optional<std::int64_t> left;  ///< first iteration with `leading` at half sqrt(sigma_1)
  double predicted_left = 0;         ///< the same if it grew by own_growth all the way
  Range allowed_growth;              ///< where theory puts the measured one
  bool agrees() const { return allowed_growth.contains(measured_growth); }
};

/// Descends from a random point 1e-8 sqrt(sigma_1) away from 0 until a while after it should have
/// left. A descent that diverges is recorded to where it did.
Escape escape_from_zero(const LandscapeProblem& problem, LossKind kind,
                        const EscapeOptions& options, const StudyContext& context);

}  // namespace ravine
