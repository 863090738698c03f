#pragma once

#include <cstdint>

namespace ravine {

/// What theory says of the modes of U_t under gradient descent U <- U - eta grad f(U) from a small
/// start. With grad f(U) = -2 D U + O(|U|^3), D = adjoint_at_zero(), and eigenpairs (lambda, q) of
/// D, a mode is the row q^T U_t and its size the norm of that row. docs/mathematics.md derives the
/// formulas.

/// The early phase ends when a mode has grown to this share of sqrt(lambda_1), where the leading
/// one would stop.
inline constexpr double kEarlyPhase = 0.1;

/// (1 + 2 eta lambda)^t s_0: the power method on I + 2 eta D.
double power_size(double start_size, double eigenvalue, double eta, std::int64_t iteration);

/// s (1 + 2 eta (lambda - s^2)): one iteration on the population loss, where modes of U that begin
/// orthogonal stay so.
double next_size(double size, double eigenvalue, double eta);

/// ln(1 / alpha) / (2 eta sigma), at least 0: when a mode reaches half its final size, to first
/// order in ln(1 / alpha).
double half_time_by_scale(double alpha, double sigma, double eta);

/// ln sqrt((lambda / s_0^2 - 1) / 3) / ln(1 + 2 eta lambda), at least 0: the same from the size of
/// the mode at the start. NaN unless both are positive.
double half_time_by_size(double start_size, double eigenvalue, double eta);

}  // namespace ravine
