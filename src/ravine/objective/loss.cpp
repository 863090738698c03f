#include "ravine/objective/loss.hpp"

#include <cmath>

#include "ravine/kernels/shape_check.hpp"
#include "ravine/kernels/softmax.hpp"

namespace ravine {

namespace {

template <class T>
void squared_errors(MatrixView<const T> outputs, std::span<const std::uint8_t> labels, double scale,
                    MatrixView<T> delta, std::span<double> losses) {
  check_shape("squared_errors", "delta", delta, outputs.rows, outputs.cols);
  check_labels("squared_errors", labels, losses, outputs.rows, outputs.cols);
  const auto classes = static_cast<double>(outputs.cols);
  const auto factor = static_cast<T>(2 * scale / classes);
  for (std::size_t b = 0; b < outputs.rows; ++b) {
    double sum = 0;
    for (std::size_t c = 0; c < outputs.cols; ++c) {
      const T error = outputs(b, c) - static_cast<T>(c == labels[b] ? 1 : 0);
      sum += static_cast<double>(error) * static_cast<double>(error);
      delta(b, c) = factor * error;
    }
    losses[b] = sum / classes;
  }
}

template <class T>
void losses_of(Loss loss, MatrixView<const T> outputs, std::span<const std::uint8_t> labels,
               double scale, MatrixView<T> delta, std::span<double> losses) {
  switch (loss) {
    case Loss::nll:
      return softmax_nll(outputs, labels, scale, delta, losses);
    case Loss::mse:
      return squared_errors(outputs, labels, scale, delta, losses);
  }
}

}  // namespace

void sample_losses(Loss loss, MatrixView<const float> outputs, std::span<const std::uint8_t> labels,
                   double scale, MatrixView<float> delta, std::span<double> losses) {
  losses_of(loss, outputs, labels, scale, delta, losses);
}
void sample_losses(Loss loss, MatrixView<const double> outputs,
                   std::span<const std::uint8_t> labels, double scale, MatrixView<double> delta,
                   std::span<double> losses) {
  losses_of(loss, outputs, labels, scale, delta, losses);
}

double blind_loss(Loss loss, std::size_t classes) {
  const auto count = static_cast<double>(classes);
  return loss == Loss::nll ? std::log(count) : (count - 1) / (count * count);
}

double gradient_scale(Loss loss, std::size_t classes) {
  return loss == Loss::nll ? 1 : 2 / static_cast<double>(classes);
}

}  // namespace ravine
