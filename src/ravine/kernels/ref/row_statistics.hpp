#pragma once

#include <cstdint>
#include <span>

#include "ravine/base/matrix_view.hpp"

/// Plain loops, the meaning of the functions in ravine/kernels/row_statistics.hpp.
namespace ravine::ref {

void row_squares(MatrixView<const float> x, std::span<double> squares);
void row_squares(MatrixView<const double> x, std::span<double> squares);

void row_moments(MatrixView<const float> x, std::span<double> sums, std::span<double> squares);
void row_moments(MatrixView<const double> x, std::span<double> sums, std::span<double> squares);

void count_outside(MatrixView<const float> x, float low, float high,
                   std::span<std::uint32_t> counts);
void count_outside(MatrixView<const double> x, double low, double high,
                   std::span<std::uint32_t> counts);

}  // namespace ravine::ref
