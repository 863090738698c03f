#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ravine/base/matrix_view.hpp"
#include "ravine/base/named.hpp"

namespace ravine {

/// What a network's outputs z (C numbers a sample) are judged by against the label y.
enum class Loss {
  nll,  ///< -log softmax(z)_y
  mse   ///< 1/C sum_c (z_c - [c = y])^2: PyTorch's MSELoss against one-hot labels
};

inline constexpr Named<Loss> kLosses[] = {{"nll", Loss::nll}, {"mse", Loss::mse}};

constexpr std::string_view name_of(Loss loss) { return name_in(kLosses, loss); }

/// Losses and gradients of the rows of outputs z (B, C): losses[b] as defined above, delta(b, c) =
/// scale * d losses[b] / d z(b, c). labels: B numbers below C. delta: (B, C), may be the same
/// memory as outputs. Rows are independent. Throws ShapeError.
void sample_losses(Loss loss, MatrixView<const float> outputs, std::span<const std::uint8_t> labels,
                   double scale, MatrixView<float> delta, std::span<double> losses);
void sample_losses(Loss loss, MatrixView<const double> outputs,
                   std::span<const std::uint8_t> labels, double scale, MatrixView<double> delta,
                   std::span<double> losses);

/// The least mean loss of outputs that do not look at the input, with `classes` equally frequent:
/// log C, or (C - 1) / C^2.
double blind_loss(Loss loss, std::size_t classes);

/// How large d loss / d z is for outputs that are off by 1, in terms of nll's softmax(z) - [c = y]:
/// 1, or 2 / C.
double gradient_scale(Loss loss, std::size_t classes);

}  // namespace ravine
