#include "ravine/kernels/bidiagonalize.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/bidiagonalize.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// I - tau v v^T with v_0 = 1 maps x to (beta, 0, ..., 0).
struct Reflection {
  double tau = 0;
  double beta = 0;
};

/// Replaces x by v. With nothing below x_0 to remove, tau is 0.
Reflection reflect(double* x, std::size_t count) {
  double below = 0;
  for (std::size_t i = 1; i < count; ++i) below += x[i] * x[i];
  const double first = x[0];
  x[0] = 1;
  if (below == 0) return {0, first};
  const double beta = -std::copysign(std::sqrt(first * first + below), first);
  for (std::size_t i = 1; i < count; ++i) x[i] /= first - beta;
  return {(beta - first) / beta, beta};
}

/// kept <- q with I - q q^T = I - tau v v^T, v beginning at entry `first`.
void keep(const Reflection& reflection, const double* v, std::size_t first,
          std::span<double> kept) {
  const double root = std::sqrt(reflection.tau);
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = i < first ? 0 : root * v[i];
}

/// w(begin : end) = sum_i v_i A(i, begin : end)
template <std::size_t kRows, class D>
void add_rows(D d, MatrixView<const double> a, const double* v, std::size_t begin,
              double* HWY_RESTRICT w) {
  for (std::size_t j = begin; j < a.stride; j += hn::Lanes(d)) {
    auto sum = hn::Load(d, w + j);
    for (std::size_t i = 0; i < kRows; ++i) {
      sum = hn::MulAdd(hn::Set(d, v[i]), hn::Load(d, a.data + i * a.stride + j), sum);
    }
    hn::Store(sum, d, w + j);
  }
}

/// A_i <- (A_i - left v_i w) (I - right u u^T) for kRows rows from column `begin` on.
template <std::size_t kRows, class D>
void apply_both(D d, MatrixView<double> a, std::size_t begin, double left, const double* v,
                const double* HWY_RESTRICT w, double right, const double* HWY_RESTRICT u) {
  hn::Vec<D> factor[kRows], product[kRows];
  for (std::size_t i = 0; i < kRows; ++i) {
    factor[i] = hn::Set(d, left * v[i]);
    product[i] = hn::Zero(d);
  }
  for (std::size_t j = begin; j < a.stride; j += hn::Lanes(d)) {
    const auto wj = hn::Load(d, w + j), uj = hn::Load(d, u + j);
    for (std::size_t i = 0; i < kRows; ++i) {
      double* row = a.data + i * a.stride + j;
      const auto x = hn::NegMulAdd(factor[i], wj, hn::Load(d, row));
      product[i] = hn::MulAdd(x, uj, product[i]);
      hn::Store(x, d, row);
    }
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    factor[i] = hn::Mul(hn::Set(d, right), hn::SumOfLanes(d, product[i]));
  }
  for (std::size_t j = begin; j < a.stride; j += hn::Lanes(d)) {
    const auto uj = hn::Load(d, u + j);
    for (std::size_t i = 0; i < kRows; ++i) {
      double* row = a.data + i * a.stride + j;
      hn::Store(hn::NegMulAdd(factor[i], uj, hn::Load(d, row)), d, row);
    }
  }
}

void bidiagonalize_native(MatrixView<double> a, double* diagonal, double* superdiagonal,
                          MatrixView<double> reflections) {
  const hn::ScalableTag<double> d;
  constexpr std::size_t kRows = 4;
  const std::size_t m = a.rows, n = a.cols;
  AlignedBuffer<double> v(m), w(a.stride), u(a.stride);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = k; i < m; ++i) v[i] = a(i, k);
    const Reflection left = reflect(v.data() + k, m - k);
    diagonal[k] = left.beta;
    superdiagonal[k] = 0;
    if (reflections.data != nullptr) keep(left, v.data(), k, reflections.row(k));
    if (k + 1 == n) break;

    // Whole vectors: u is 0 in the columns already done, which so stay out of every product.
    const std::size_t begin = (k + 1) / hn::Lanes(d) * hn::Lanes(d);
    std::fill(w.begin() + static_cast<std::ptrdiff_t>(begin), w.end(), 0.0);
    std::size_t i = k;
    for (; i + kRows <= m; i += kRows) {
      add_rows<kRows>(d, a.middle_rows(i, kRows), v.data() + i, begin, w.data());
    }
    for (; i < m; ++i) add_rows<1>(d, a.middle_rows(i, 1), v.data() + i, begin, w.data());

    std::fill(u.begin(), u.end(), 0.0);
    for (std::size_t j = k + 1; j < n; ++j) u[j] = a(k, j) - left.tau * w[j];
    const Reflection right = reflect(u.data() + k + 1, n - k - 1);
    superdiagonal[k] = right.beta;
    i = k + 1;
    for (; i + kRows <= m; i += kRows) {
      apply_both<kRows>(d, a.middle_rows(i, kRows), begin, left.tau, v.data() + i, w.data(),
                        right.tau, u.data());
    }
    for (; i < m; ++i) {
      apply_both<1>(d, a.middle_rows(i, 1), begin, left.tau, v.data() + i, w.data(), right.tau,
                    u.data());
    }
  }
}

/// kVectors vectors of shifts from x on, side by side to hide the latency of the division.
template <std::size_t kVectors, class D>
void count_below(D d, std::span<const double> diagonal, std::span<const double> superdiagonal,
                 const double* x, double* below) {
  using V = hn::Vec<D>;
  V shift[kVectors], s[kVectors], count[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    const V root = hn::Load(d, x + v * hn::Lanes(d));
    shift[v] = hn::Mul(root, root);
    s[v] = hn::Neg(shift[v]);
    count[v] = hn::Zero(d);
  }
  for (std::size_t i = 0; i < diagonal.size(); ++i) {
    const V square = hn::Set(d, diagonal[i] * diagonal[i]);
    const V coupling = hn::Set(d, superdiagonal[i] * superdiagonal[i]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const V pivot = hn::Add(s[v], square);
      count[v] = hn::Add(count[v], hn::IfThenElseZero(hn::Lt(pivot, hn::Zero(d)), hn::Set(d, 1.0)));
      const V product = hn::Mul(coupling, hn::Div(s[v], pivot));
      // Infinity over infinity stands for 1, and no coupling times infinity for 0.
      s[v] = hn::Sub(hn::IfThenElse(hn::IsNaN(product), coupling, product), shift[v]);
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) hn::Store(count[v], d, below + v * hn::Lanes(d));
}

void count_below_native(std::span<const double> diagonal, std::span<const double> superdiagonal,
                        std::span<const double> x, std::span<double> below) {
  const hn::ScalableTag<double> d;
  constexpr std::size_t kVectors = 2;
  constexpr std::size_t kBlock = kVectors * HWY_MAX_BYTES / sizeof(double);
  const std::size_t block = kVectors * hn::Lanes(d);
  alignas(64) double shifts[kBlock] = {}, counts[kBlock];
  for (std::size_t first = 0; first < x.size(); first += block) {
    const std::size_t size = HWY_MIN(block, x.size() - first);
    std::copy_n(x.data() + first, size, shifts);
    count_below<kVectors>(d, diagonal, superdiagonal, shifts, counts);
    std::copy_n(counts, size, below.data() + first);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(bidiagonalize_native);
HWY_EXPORT(count_below_native);

namespace {

MatrixView<const double> as_row(std::span<const double> x) { return {x.data(), 1, x.size()}; }

}  // namespace

void bidiagonalize(MatrixView<double> a, std::span<double> diagonal,
                   std::span<double> superdiagonal, MatrixView<double> reflections) {
  check_shape("bidiagonalize", "diagonal", as_row(diagonal), 1, a.cols);
  check_shape("bidiagonalize", "superdiagonal", as_row(superdiagonal), 1, a.cols);
  check_shape("bidiagonalize", "A", a, std::max(a.rows, a.cols), a.cols);
  if (reflections.data != nullptr) {
    check_shape("bidiagonalize", "reflections", reflections, a.cols, a.rows);
  }
  HWY_DYNAMIC_DISPATCH(bidiagonalize_native)
  (a, diagonal.data(), superdiagonal.data(), reflections);
}

void count_singular_values_below(std::span<const double> diagonal,
                                 std::span<const double> superdiagonal, std::span<const double> x,
                                 std::span<double> below) {
  check_shape("count_singular_values_below", "superdiagonal", as_row(superdiagonal), 1,
              diagonal.size());
  check_shape("count_singular_values_below", "below", as_row(below), 1, x.size());
  HWY_DYNAMIC_DISPATCH(count_below_native)(diagonal, superdiagonal, x, below);
}

}  // namespace ravine
#endif
