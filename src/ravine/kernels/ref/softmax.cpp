#include "ravine/kernels/ref/softmax.hpp"

#include <cmath>

#include "ravine/kernels/shape_check.hpp"

namespace ravine::ref {

namespace {

template <class T>
double log_sum_exp(std::span<const T> z) {
  double largest = z[0];
  for (const T value : z) largest = value > largest ? value : largest;
  double sum = 0;
  for (const T value : z) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

template <class T>
void softmax_nll_of(MatrixView<const T> logits, std::span<const std::uint8_t> labels, double scale,
                    MatrixView<T> delta, std::span<double> losses) {
  check_shape("softmax_nll", "delta", delta, logits.rows, logits.cols);
  for (std::size_t b = 0; b < logits.rows; ++b) {
    const double total = log_sum_exp(logits.row(b));
    losses[b] = total - logits(b, labels[b]);
    for (std::size_t c = 0; c < logits.cols; ++c) {
      const double target = c == labels[b] ? 1 : 0;
      delta(b, c) = static_cast<T>(scale * (std::exp(logits(b, c) - total) - target));
    }
  }
}

}  // namespace

void softmax_nll(MatrixView<const float> logits, std::span<const std::uint8_t> labels, double scale,
                 MatrixView<float> delta, std::span<double> losses) {
  softmax_nll_of(logits, labels, scale, delta, losses);
}
void softmax_nll(MatrixView<const double> logits, std::span<const std::uint8_t> labels,
                 double scale, MatrixView<double> delta, std::span<double> losses) {
  softmax_nll_of(logits, labels, scale, delta, losses);
}

}  // namespace ravine::ref
