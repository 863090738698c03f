#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <span>

namespace ravine {

/// Which quantiles over the samples of a batch are kept.
inline constexpr std::array<double, 5> kSampleQuantiles = {0, 0.1, 0.5, 0.9, 1};

/// How the gradients g_b of the single samples of a batch scatter around their mean G.
struct SampleGradients {
  /// Of the norms |g_b|, at kSampleQuantiles, interpolated between order statistics; NaN when a
  /// norm is not finite.
  std::array<double, 5> norms = {kUnknown, kUnknown, kUnknown, kUnknown, kUnknown};
  /// Unbiased estimates, from this batch alone, of tr Sigma, the trace of the covariance of g_b,
  /// and of the squared norm of the gradient of the full training loss, which may come out
  /// negative: McCandlish, Kaplan, Amodei 2018, "An Empirical Model of Large-Batch Training",
  /// appendix A.1, with batches of 1 and B. NaN for a batch of one.
  double variance = kUnknown;
  double true_square = kUnknown;

 private:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

/// The simple noise scale tr Sigma / |G|^2 (McCandlish et al. 2018, equation 2.9): the batch size
/// around which the noise in the gradient is as large as the gradient. NaN unless `true_square` is
/// positive. Both may be means over steps, which the ratio needs to be of use late in training.
double noise_scale(double variance, double true_square);

/// From |g_b|^2 of every sample, which are sorted, and |G|^2. At least one sample.
SampleGradients sample_gradients(std::span<double> squares, double batch_square);

/// |g_b|^2 of a linear layer on some samples of a batch of `batch`, without forming g_b = B delta_b
/// x_b^T: the norm of an outer product is the product of the norms (Goodfellow 2015, "Efficient
/// Per-Example Gradient Computations"), and the bias adds |B delta_b|^2. input_squares: |x_b|^2;
/// delta_squares: |delta_b|^2 of dF/d(pre-activation) of the batch's mean loss F, which is B times
/// smaller than that of the sample's own. Equal sizes.
void sample_gradient_squares(std::span<const double> input_squares,
                             std::span<const double> delta_squares, bool bias, std::size_t batch,
                             std::span<double> squares);

}  // namespace ravine
