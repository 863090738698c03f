#pragma once

#include <cstdint>
#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// Negative log-likelihood of labels under the softmax of logits, and its gradient.
/// logits: (B, C). labels: B class numbers below C. For every row b
///   losses[b] = log sum_c exp(logits(b, c)) - logits(b, labels[b]),
///   delta(b, c) = scale * (softmax(logits)(b, c) - [c = labels[b]]).
/// delta: (B, C), may be the same memory as logits. Rows are independent. Throws
/// ShapeError, also for labels that are not below C.
void softmax_nll(MatrixView<const float> logits, std::span<const std::uint8_t> labels, double scale,
                 MatrixView<float> delta, std::span<double> losses);
void softmax_nll(MatrixView<const double> logits, std::span<const std::uint8_t> labels,
                 double scale, MatrixView<double> delta, std::span<double> losses);

/// Whether the largest logit of a row is the label's (the first of equal ones counts).
bool predicts(std::span<const float> logits, std::uint8_t label);
bool predicts(std::span<const double> logits, std::uint8_t label);

}  // namespace ravine
