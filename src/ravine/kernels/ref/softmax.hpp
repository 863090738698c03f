#pragma once

#include <cstdint>
#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine::ref {

void softmax_nll(MatrixView<const float> logits, std::span<const std::uint8_t> labels, double scale,
                 MatrixView<float> delta, std::span<double> losses);
void softmax_nll(MatrixView<const double> logits, std::span<const std::uint8_t> labels,
                 double scale, MatrixView<double> delta, std::span<double> losses);

}  // namespace ravine::ref
