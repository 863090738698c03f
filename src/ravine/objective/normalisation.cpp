#include "ravine/objective/normalisation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

constexpr std::size_t kUnitsAtATime = 128;  // of which sums are kept while samples pass by

/// Calls work(first, count) for consecutive pieces of [0, units).
template <class Work>
void for_each_piece(std::size_t units, Work work) {
  for (std::size_t first = 0; first < units; first += kUnitsAtATime) {
    work(first, std::min(kUnitsAtATime, units - first));
  }
}

using Sums = std::array<double, kUnitsAtATime>;

/// sums[u] <- sum over the rows b of term(b, first + u).
template <class Term>
void sum_over_rows(std::size_t rows, std::size_t first, std::size_t count, Sums& sums, Term term) {
  std::fill_n(sums.begin(), count, 0.0);
  for (std::size_t b = 0; b < rows; ++b) {
    for (std::size_t u = 0; u < count; ++u) sums[u] += term(b, first + u);
  }
}

double inverse_deviation(double variance) {
  return 1 / std::sqrt(variance + kNormalisationEpsilon);
}

/// What both parameters' gradients are, in double.
template <class T>
void affine_sums(MatrixView<const T> delta, MatrixView<const T> normalised, std::size_t first,
                 std::size_t count, Sums& gain_sums, Sums& shift_sums) {
  sum_over_rows(delta.rows, first, count, gain_sums, [&](std::size_t b, std::size_t u) {
    return static_cast<double>(delta(b, u)) * static_cast<double>(normalised(b, u));
  });
  sum_over_rows(delta.rows, first, count, shift_sums,
                [&](std::size_t b, std::size_t u) { return static_cast<double>(delta(b, u)); });
}

}  // namespace

template <class T>
void layer_normalise(MatrixView<T> z, const Affine<T>& affine, MatrixView<T> normalised,
                     std::span<double> inverse_deviations) {
  const auto units = static_cast<double>(z.cols);
  for (std::size_t b = 0; b < z.rows; ++b) {
    const std::span<T> row = z.row(b), x = normalised.row(b);
    const auto mean = static_cast<T>(sum(std::span<const T>(row)) / units);
    for (std::size_t u = 0; u < z.cols; ++u) x[u] = row[u] - mean;
    inverse_deviations[b] = inverse_deviation(squared_norm(std::span<const T>(x)) / units);
    const auto inverse = static_cast<T>(inverse_deviations[b]);
    for (std::size_t u = 0; u < z.cols; ++u) {
      x[u] *= inverse;
      row[u] = affine.gain[u] * x[u] + affine.shift[u];
    }
  }
}

template <class T>
void layer_normalise_backward(MatrixView<T> delta, std::span<const T> gain,
                              MatrixView<const T> normalised,
                              std::span<const double> inverse_deviations) {
  const auto units = static_cast<double>(delta.cols);
  for (std::size_t b = 0; b < delta.rows; ++b) {
    const std::span<T> d = delta.row(b);
    const std::span<const T> x = normalised.row(b);
    for (std::size_t u = 0; u < d.size(); ++u) d[u] *= gain[u];
    const auto mean = static_cast<T>(sum(std::span<const T>(d)) / units);
    const auto along = static_cast<T>(dot(std::span<const T>(d), x) / units);
    const auto inverse = static_cast<T>(inverse_deviations[b]);
    for (std::size_t u = 0; u < d.size(); ++u) d[u] = inverse * (d[u] - mean - x[u] * along);
  }
}

template <class T>
void affine_gradient(MatrixView<const T> delta, MatrixView<const T> normalised,
                     std::span<T> gain_gradient, std::span<T> shift_gradient) {
  for_each_piece(delta.cols, [&](std::size_t first, std::size_t count) {
    Sums gain_sums, shift_sums;
    affine_sums(delta, normalised, first, count, gain_sums, shift_sums);
    for (std::size_t u = 0; u < count; ++u) {
      gain_gradient[first + u] = static_cast<T>(gain_sums[u]);
      shift_gradient[first + u] = static_cast<T>(shift_sums[u]);
    }
  });
}

template <class T>
void batch_normalise(MatrixView<T> z, const Affine<T>& affine, MatrixView<T> normalised,
                     std::span<double> means, std::span<double> variances) {
  const auto samples = static_cast<double>(z.rows);
  for_each_piece(z.cols, [&](std::size_t first, std::size_t count) {
    Sums sums;
    sum_over_rows(z.rows, first, count, sums,
                  [&](std::size_t b, std::size_t u) { return static_cast<double>(z(b, u)); });
    for (std::size_t u = 0; u < count; ++u) means[first + u] = sums[u] / samples;
    sum_over_rows(z.rows, first, count, sums, [&](std::size_t b, std::size_t u) {
      const double deviation = static_cast<double>(z(b, u)) - means[u];
      return deviation * deviation;
    });
    std::array<T, kUnitsAtATime> inverses;
    for (std::size_t u = 0; u < count; ++u) {
      variances[first + u] = sums[u] / samples;
      inverses[u] = static_cast<T>(inverse_deviation(variances[first + u]));
    }
    for (std::size_t b = 0; b < z.rows; ++b) {
      for (std::size_t u = 0, at = first; u < count; ++u, ++at) {
        const T x = (z(b, at) - static_cast<T>(means[at])) * inverses[u];
        normalised(b, at) = x;
        z(b, at) = affine.gain[at] * x + affine.shift[at];
      }
    }
  });
}

template <class T>
void batch_normalise_backward(MatrixView<T> delta, std::span<const T> gain,
                              MatrixView<const T> normalised, std::span<const double> variances,
                              std::span<T> gain_gradient, std::span<T> shift_gradient) {
  const auto samples = static_cast<double>(delta.rows);
  for_each_piece(delta.cols, [&](std::size_t first, std::size_t count) {
    Sums gain_sums, shift_sums;
    affine_sums(MatrixView<const T>(delta), normalised, first, count, gain_sums, shift_sums);
    std::array<T, kUnitsAtATime> factors, along, means;
    for (std::size_t u = 0; u < count; ++u) {
      gain_gradient[first + u] = static_cast<T>(gain_sums[u]);
      shift_gradient[first + u] = static_cast<T>(shift_sums[u]);
      factors[u] = gain[first + u] * static_cast<T>(inverse_deviation(variances[first + u]));
      along[u] = static_cast<T>(gain_sums[u] / samples);
      means[u] = static_cast<T>(shift_sums[u] / samples);
    }
    for (std::size_t b = 0; b < delta.rows; ++b) {
      for (std::size_t u = 0, at = first; u < count; ++u, ++at) {
        delta(b, at) = factors[u] * (delta(b, at) - means[u] - normalised(b, at) * along[u]);
      }
    }
  });
}

template <class T>
void normalise_by(MatrixView<T> z, const Affine<T>& affine, std::span<const T> means,
                  std::span<const T> variances) {
  for_each_piece(z.cols, [&](std::size_t first, std::size_t count) {
    std::array<T, kUnitsAtATime> inverses;
    for (std::size_t u = 0; u < count; ++u) {
      inverses[u] = static_cast<T>(inverse_deviation(static_cast<double>(variances[first + u])));
    }
    for (std::size_t b = 0; b < z.rows; ++b) {
      for (std::size_t u = 0, at = first; u < count; ++u, ++at) {
        z(b, at) = affine.gain[at] * ((z(b, at) - means[at]) * inverses[u]) + affine.shift[at];
      }
    }
  });
}

template void layer_normalise(MatrixView<float>, const Affine<float>&, MatrixView<float>,
                              std::span<double>);
template void layer_normalise_backward(MatrixView<float>, std::span<const float>,
                                       MatrixView<const float>, std::span<const double>);
template void affine_gradient(MatrixView<const float>, MatrixView<const float>, std::span<float>,
                              std::span<float>);
template void batch_normalise(MatrixView<float>, const Affine<float>&, MatrixView<float>,
                              std::span<double>, std::span<double>);
template void batch_normalise_backward(MatrixView<float>, std::span<const float>,
                                       MatrixView<const float>, std::span<const double>,
                                       std::span<float>, std::span<float>);
template void normalise_by(MatrixView<float>, const Affine<float>&, std::span<const float>,
                           std::span<const float>);

template void layer_normalise(MatrixView<double>, const Affine<double>&, MatrixView<double>,
                              std::span<double>);
template void layer_normalise_backward(MatrixView<double>, std::span<const double>,
                                       MatrixView<const double>, std::span<const double>);
template void affine_gradient(MatrixView<const double>, MatrixView<const double>, std::span<double>,
                              std::span<double>);
template void batch_normalise(MatrixView<double>, const Affine<double>&, MatrixView<double>,
                              std::span<double>, std::span<double>);
template void batch_normalise_backward(MatrixView<double>, std::span<const double>,
                                       MatrixView<const double>, std::span<const double>,
                                       std::span<double>, std::span<double>);
template void normalise_by(MatrixView<double>, const Affine<double>&, std::span<const double>,
                           std::span<const double>);

}  // namespace ravine
