#include "ravine/probe/singular_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Eigenvalues>
#include <fmt/format.h>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/error.hpp"
#include "ravine/kernels/bidiagonalize.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/bidiagonal_vectors.hpp"

namespace ravine {

namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();
constexpr std::size_t kLineDoubles = 8;

/// An upper bidiagonal matrix; the last superdiagonal entry is 0.
struct Bidiagonal {
  std::vector<double> diagonal, superdiagonal;
  std::size_t size() const { return diagonal.size(); }
};

double largest_magnitude(MatrixView<const double> a) {
  double largest = 0;
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (const double x : a.row(i)) {
      if (!std::isfinite(x)) return NAN;
      largest = std::max(largest, std::abs(x));
    }
  }
  return largest;
}

/// A power of two near 1 / largest, so that scaling rounds nothing and squares neither overflow nor
/// underflow.
double scale_for(double largest) { return std::exp2(std::min(-std::ilogb(largest), 1000)); }

/// B of scale * a, or of its transpose where a has fewer rows than columns.
Bidiagonal bidiagonal_form(MatrixView<const double> a, double scale,
                           MatrixView<double> reflections = {}) {
  const bool wide = a.rows < a.cols;
  const std::size_t m = std::max(a.rows, a.cols), n = std::min(a.rows, a.cols);
  const std::size_t stride = (n + kLineDoubles - 1) / kLineDoubles * kLineDoubles;
  AlignedBuffer<double> copy(m * stride);
  const MatrixView<double> tall(copy.data(), m, n, stride);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < a.cols; ++j) {
      (wide ? tall(j, i) : tall(i, j)) = scale * a(i, j);
    }
  }
  Bidiagonal b{std::vector<double>(n), std::vector<double>(n)};
  bidiagonalize(tall, b.diagonal, b.superdiagonal, reflections);
  return b;
}

/// Eigenvalues of B^T B, decreasing.
std::vector<double> squared_singular_values(const Bidiagonal& b) {
  const auto n = static_cast<Eigen::Index>(b.size());
  Eigen::VectorXd diagonal(n), off_diagonal(std::max<Eigen::Index>(n - 1, 0));
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double above = i > 0 ? b.superdiagonal[at - 1] : 0;
    diagonal[i] = b.diagonal[at] * b.diagonal[at] + above * above;
    if (i + 1 < n) off_diagonal[i] = b.diagonal[at] * b.superdiagonal[at];
  }
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(diagonal, off_diagonal, Eigen::EigenvaluesOnly);
  std::vector<double> values(solver.eigenvalues().begin(), solver.eigenvalues().end());
  std::ranges::reverse(values);
  for (double& value : values) value = std::max(value, 0.0);
  return values;
}

/// Bisects every bracket (low[k], high[k]) of the k-th largest singular value to neighbouring
/// numbers, all brackets at once.
void bisect(const Bidiagonal& b, std::vector<double>& low, std::vector<double>& high) {
  std::vector<double> middle(low.size()), below(low.size());
  bool narrower = true;
  while (narrower) {
    for (std::size_t k = 0; k < low.size(); ++k) middle[k] = low[k] + (high[k] - low[k]) / 2;
    count_singular_values_below(b.diagonal, b.superdiagonal, middle, below);
    narrower = false;
    for (std::size_t k = 0; k < low.size(); ++k) {
      const bool at_least = below[k] + static_cast<double>(k) < static_cast<double>(b.size());
      (at_least ? low : high)[k] = middle[k];
      narrower |= high[k] - low[k] > 2 * kEps * high[k];
    }
  }
}

/// The `count` largest singular values, from eigenvalues of B^T B near their squares.
std::vector<double> refined(const Bidiagonal& b, std::span<const double> squares,
                            std::size_t count) {
  const double size = static_cast<double>(b.size());
  const double error = 8 * size * kEps * squares[0];  // of the squares
  std::vector<double> low(count), high(count), below_low(count), below_high(count);
  for (std::size_t k = 0; k < count; ++k) {
    low[k] = std::sqrt(std::max(squares[k] - error, 0.0));
    high[k] = std::sqrt(squares[k] + error);
  }
  count_singular_values_below(b.diagonal, b.superdiagonal, low, below_low);
  count_singular_values_below(b.diagonal, b.superdiagonal, high, below_high);
  for (std::size_t k = 0; k < count; ++k) {
    if (below_low[k] + static_cast<double>(k) >= size) low[k] = 0;
    if (below_high[k] + static_cast<double>(k) < size) high[k] = 2 * std::sqrt(size * squares[0]);
  }
  bisect(b, low, high);
  return low;
}

/// All singular values of B, decreasing, the first `leading` refined.
std::vector<double> values_of(const Bidiagonal& b, std::size_t leading) {
  std::vector<double> values = squared_singular_values(b);
  const std::vector<double> first = refined(b, values, std::min(leading, b.size()));
  std::ranges::for_each(values, [](double& value) { value = std::sqrt(value); });
  std::ranges::copy(first, values.begin());
  return values;
}

/// Q of the reflections times vectors, (k, n), with zeros behind their n entries: (k, m).
std::vector<double> reflected(MatrixView<const double> reflections,
                              std::span<const double> vectors) {
  const std::size_t n = reflections.rows, m = reflections.cols;
  std::vector<double> result(vectors.size() / n * m);
  for (std::size_t k = 0; k < vectors.size() / n; ++k) {
    const std::span<double> x = std::span(result).subspan(k * m, m);
    std::ranges::copy(vectors.subspan(k * n, n), x.begin());
    for (std::size_t i = n; i-- > 0;) {
      const std::span<const double> q = reflections.row(i);
      add_scaled(-dot(q, std::span<const double>(x)), q, x);
    }
  }
  return result;
}

}  // namespace

std::vector<double> singular_values(MatrixView<const double> a, std::size_t leading) {
  const double largest = largest_magnitude(a);
  if (!(largest > 0)) return std::vector<double>(std::min(a.rows, a.cols), largest);
  const double scale = scale_for(largest);
  std::vector<double> values = values_of(bidiagonal_form(a, scale), leading);
  for (double& value : values) value /= scale;
  return values;
}

SingularSpectrum singular_spectrum(MatrixView<const double> a, std::size_t leading,
                                   std::size_t vectors) {
  if (a.rows < a.cols || a.cols < vectors) {
    throw ShapeError(error_text("singular_spectrum", "a",
                                fmt::format("rows >= columns >= the {} vectors asked for", vectors),
                                fmt::format("{} x {}", a.rows, a.cols)));
  }
  const double largest = largest_magnitude(a);
  if (std::isnan(largest)) {
    return {std::vector<double>(a.cols, NAN), std::vector<double>(vectors * a.rows, NAN)};
  }
  const double scale = largest > 0 ? scale_for(largest) : 1;
  std::vector<double> storage(a.cols * a.rows);
  const MatrixView<double> reflections(storage.data(), a.cols, a.rows);
  const Bidiagonal b = bidiagonal_form(a, scale, reflections);
  SingularSpectrum spectrum{values_of(b, std::max(leading, vectors)), {}};
  spectrum.left =
      reflected(reflections, left_singular_vectors(b.diagonal, b.superdiagonal,
                                                   std::span(spectrum.values).first(vectors)));
  for (double& value : spectrum.values) value /= scale;
  return spectrum;
}

}  // namespace ravine
