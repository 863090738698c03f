#pragma once

#include <span>
#include <string_view>

#include "ravine/base/matrix_view.hpp"
#include "ravine/base/named.hpp"

namespace ravine {

/// What stands between a hidden layer's linear map z and its activation, for z of one mini-batch,
/// (B, n): gamma x + beta with x = (z - mean) / sqrt(variance + epsilon). The variance is the mean
/// squared deviation; gamma (gain) and beta (shift) are parameters, one of each a unit.
enum class Normalisation {
  none,
  layer,  ///< mean and variance of each sample over the units (Ba, Kiros and Hinton 2016)
  batch   ///< of each unit over the samples; in evaluation running ones (Ioffe and Szegedy 2015)
};

inline constexpr Named<Normalisation> kNormalisations[] = {{"none", Normalisation::none},
                                                           {"layer", Normalisation::layer},
                                                           {"batch", Normalisation::batch}};

constexpr std::string_view name_of(Normalisation normalisation) {
  return name_in(kNormalisations, normalisation);
}

/// PyTorch's defaults of LayerNorm and BatchNorm1d.
inline constexpr double kNormalisationEpsilon = 1e-5;
inline constexpr double kRunningMomentum =
    0.1;  ///< share of the newest batch in running statistics

/// gamma and beta of the units at hand.
template <class T>
struct Affine {
  std::span<const T> gain;
  std::span<const T> shift;
};

/// z: (B, n), normalised in place, sample by sample; n at least 1. `normalised` (B, n) receives x
/// and inverse_deviations (B) receives 1 / sqrt(variance + epsilon), for the way back.
template <class T>
void layer_normalise(MatrixView<T> z, const Affine<T>& affine, MatrixView<T> normalised,
                     std::span<double> inverse_deviations);

/// delta: (B, n), from dF/d(result) to dF/dz in place, with what layer_normalise() kept.
template <class T>
void layer_normalise_backward(MatrixView<T> delta, std::span<const T> gain,
                              MatrixView<const T> normalised,
                              std::span<const double> inverse_deviations);

/// gain_gradient_u <- sum_b delta(b, u) normalised(b, u) and shift_gradient_u <- sum_b delta(b, u),
/// where delta is dF/d(result), (B, n).
template <class T>
void affine_gradient(MatrixView<const T> delta, MatrixView<const T> normalised,
                     std::span<T> gain_gradient, std::span<T> shift_gradient);

/// z: (B, n), some or all units of a layer, normalised in place; B at least 1. `normalised` (B, n)
/// receives x, `means` and `variances` (n) what was found. Units are independent, and their sums
/// run in the order of samples.
template <class T>
void batch_normalise(MatrixView<T> z, const Affine<T>& affine, MatrixView<T> normalised,
                     std::span<double> means, std::span<double> variances);

/// delta: (B, n), from dF/d(result) to dF/dz in place, with what batch_normalise() kept; gradients
/// as from affine_gradient().
template <class T>
void batch_normalise_backward(MatrixView<T> delta, std::span<const T> gain,
                              MatrixView<const T> normalised, std::span<const double> variances,
                              std::span<T> gain_gradient, std::span<T> shift_gradient);

/// z: (B, n), normalised in place by given means and variances (n).
template <class T>
void normalise_by(MatrixView<T> z, const Affine<T>& affine, std::span<const T> means,
                  std::span<const T> variances);

}  // namespace ravine
