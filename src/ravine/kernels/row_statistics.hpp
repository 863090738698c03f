#pragma once

#include <cstdint>
#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// squares_i <- sum of x_ij^2 over j, accumulated in double. x: (rows, cols), squares: rows.
/// Throws ShapeError.
void row_squares(MatrixView<const float> x, std::span<double> squares);
void row_squares(MatrixView<const double> x, std::span<double> squares);

/// The same, and sums_i <- sum of x_ij over j.
void row_moments(MatrixView<const float> x, std::span<double> sums, std::span<double> squares);
void row_moments(MatrixView<const double> x, std::span<double> sums, std::span<double> squares);

/// counts_j <- number of rows with x_ij <= low or x_ij > high; a NaN is neither. x: (rows, cols),
/// of at most 2^24 rows, counts: cols. Throws ShapeError.
void count_outside(MatrixView<const float> x, float low, float high,
                   std::span<std::uint32_t> counts);
void count_outside(MatrixView<const double> x, double low, double high,
                   std::span<std::uint32_t> counts);

}  // namespace ravine
