#pragma once

#include <cmath>
#include <cstdint>
#include <span>

namespace ravine {

/// sum of x_i, accumulated in double.
double sum(std::span<const float> x);
double sum(std::span<const double> x);

/// sum of x_i^2, accumulated in double.
double squared_norm(std::span<const float> x);
double squared_norm(std::span<const double> x);

/// The Euclidean norm.
inline double norm(std::span<const double> x) { return std::sqrt(squared_norm(x)); }

/// sum of x_i y_i, accumulated in double. Equal sizes.
double dot(std::span<const float> x, std::span<const float> y);
double dot(std::span<const double> x, std::span<const double> y);

/// sum of (x_i - y_i)^2, the differences in the vectors' precision, accumulated in double. Equal
/// sizes.
double squared_distance(std::span<const float> x, std::span<const float> y);
double squared_distance(std::span<const double> x, std::span<const double> y);

/// y <- y + factor x. Equal sizes; x may be y.
void add_scaled(double factor, std::span<const float> x, std::span<float> y);
void add_scaled(double factor, std::span<const double> x, std::span<double> y);

/// out_i <- scale * bytes_i + shift. Equal sizes.
void affine_from_bytes(std::span<const std::uint8_t> bytes, double scale, double shift,
                       std::span<float> out);
void affine_from_bytes(std::span<const std::uint8_t> bytes, double scale, double shift,
                       std::span<double> out);

/// sum of (scale * bytes_i + shift)^2, from exact sums of bytes and their squares.
double affine_square(std::span<const std::uint8_t> bytes, double scale, double shift);

}  // namespace ravine
