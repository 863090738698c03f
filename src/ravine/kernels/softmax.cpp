#include "ravine/kernels/softmax.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/kernels/shape_check.hpp"

namespace ravine {

namespace {

template <class T>
void softmax_nll_of(MatrixView<const T> logits, std::span<const std::uint8_t> labels, double scale,
                    MatrixView<T> delta, std::span<double> losses) {
  check_shape("softmax_nll", "delta", delta, logits.rows, logits.cols);
  if (labels.size() != logits.rows || losses.size() != logits.rows) {
    throw ShapeError(error_text("softmax_nll", "labels and losses",
                                fmt::format("{} each", logits.rows),
                                fmt::format("{} and {}", labels.size(), losses.size())));
  }
  if (!labels.empty() && std::ranges::max(labels) >= logits.cols) {
    throw ShapeError(error_text("softmax_nll", "label", fmt::format("below {}", logits.cols),
                                fmt::format("{}", std::ranges::max(labels))));
  }
  for (std::size_t b = 0; b < logits.rows; ++b) {
    const std::span<const T> z = logits.row(b);
    const std::span<T> out = delta.row(b);
    const T largest = *std::ranges::max_element(z);
    const T chosen = z[labels[b]];
    double sum = 0;
    for (std::size_t c = 0; c < z.size(); ++c) {
      out[c] = std::exp(z[c] - largest);
      sum += out[c];
    }
    losses[b] = std::log(sum) - static_cast<double>(chosen - largest);
    const T factor = static_cast<T>(scale / sum);
    for (T& value : out) value *= factor;
    out[labels[b]] -= static_cast<T>(scale);
  }
}

template <class T>
bool predicts_of(std::span<const T> logits, std::uint8_t label) {
  return std::ranges::max_element(logits) - logits.begin() == label;
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

bool predicts(std::span<const float> logits, std::uint8_t label) {
  return predicts_of(logits, label);
}
bool predicts(std::span<const double> logits, std::uint8_t label) {
  return predicts_of(logits, label);
}

}  // namespace ravine
