#include "ravine/probe/bidiagonal_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr int kSolves = 3;
// A left part shorter than this, of a vector of length 1, is what rounding left of a singular value
// of 0; those of others have length sqrt(1/2).
constexpr double kLost = 1e-3;

/// T - shift I = P L U, T symmetric tridiagonal with zeros on its diagonal; row interchanges give U
/// a second superdiagonal (as LAPACK's dgttrf).
class ShiftedFactors {
 public:
  ShiftedFactors(std::span<const double> off_diagonal, double shift)
      : pivot_(off_diagonal.size() + 1, -shift),
        above_(off_diagonal.begin(), off_diagonal.end()),
        second_(off_diagonal.size()),
        factor_(off_diagonal.begin(), off_diagonal.end()),
        swapped_(off_diagonal.size()) {
    double largest = std::abs(shift);
    for (const double x : off_diagonal) largest = std::max(largest, std::abs(x));
    const double smallest = std::max(std::numeric_limits<double>::epsilon() * largest,
                                     std::numeric_limits<double>::min());
    above_.push_back(0);
    for (std::size_t i = 0; i < factor_.size(); ++i) eliminate(i, smallest);
    raise(pivot_.back(), smallest);
  }

  void solve(std::span<double> x) const {
    const std::size_t last = pivot_.size() - 1;
    for (std::size_t i = 0; i < last; ++i) {
      if (swapped_[i]) std::swap(x[i], x[i + 1]);
      x[i + 1] -= factor_[i] * x[i];
    }
    for (std::size_t i = last + 1; i-- > 0;) {
      if (i + 1 <= last) x[i] -= above_[i] * x[i + 1];
      if (i + 2 <= last) x[i] -= second_[i] * x[i + 2];
      x[i] /= pivot_[i];
    }
  }

 private:
  static void raise(double& pivot, double smallest) {
    if (std::abs(pivot) < smallest) pivot = std::copysign(smallest, pivot);
  }

  void eliminate(std::size_t i, double smallest) {
    swapped_[i] = std::abs(factor_[i]) > std::abs(pivot_[i]);
    if (swapped_[i]) {
      std::swap(pivot_[i], factor_[i]);
      std::swap(above_[i], pivot_[i + 1]);
      second_[i] = std::exchange(above_[i + 1], 0.0);
    }
    raise(pivot_[i], smallest);
    factor_[i] /= pivot_[i];
    pivot_[i + 1] -= factor_[i] * above_[i];
    above_[i + 1] -= factor_[i] * second_[i];
  }

  std::vector<double> pivot_, above_, second_, factor_;
  std::vector<char> swapped_;
};

void normalise(std::span<double> x) {
  const double scale = 1 / std::sqrt(squared_norm(std::span<const double>(x)));
  for (double& entry : x) entry *= scale;
}

/// Takes the parts along the orthonormal rows of `basis`, each of x's size, out of x, twice.
void orthogonalise(std::span<const double> basis, std::span<double> x) {
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t row = 0; row < basis.size(); row += x.size()) {
      const auto q = basis.subspan(row, x.size());
      add_scaled(-dot(q, std::span<const double>(x)), q, x);
    }
  }
}

/// Entries v_1, u_1, v_2, u_2, ... of the eigenvector for `value` orthogonal to those before it.
std::vector<double> golub_kahan_vector(std::span<const double> off_diagonal, double value,
                                       std::span<const double> before, std::size_t index) {
  std::vector<double> z(off_diagonal.size() + 1);
  RandomStream(index, "inverse iteration").fill_normal(std::span(z));
  const ShiftedFactors factors(off_diagonal, value);
  for (int solve = 0; solve < kSolves; ++solve) {
    normalise(z);
    factors.solve(z);
    normalise(z);
    orthogonalise(before, z);
  }
  normalise(z);
  return z;
}

}  // namespace

std::vector<double> left_singular_vectors(std::span<const double> diagonal,
                                          std::span<const double> superdiagonal,
                                          std::span<const double> values) {
  const std::size_t n = diagonal.size();
  std::vector<double> off_diagonal;
  for (std::size_t i = 0; i < n; ++i) {
    off_diagonal.push_back(diagonal[i]);
    if (i + 1 < n) off_diagonal.push_back(superdiagonal[i]);
  }
  std::vector<double> left, whole, u(n);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::vector<double> z = golub_kahan_vector(off_diagonal, values[k], whole, k);
    for (std::size_t i = 0; i < n; ++i) u[i] = z[2 * i + 1];
    orthogonalise(left, u);
    if (!(squared_norm(std::span<const double>(u)) > kLost * kLost)) {
      RandomStream(k, "left vector of zero").fill_normal(std::span(u));
      orthogonalise(left, u);
    }
    normalise(u);
    left.insert(left.end(), u.begin(), u.end());
    whole.insert(whole.end(), z.begin(), z.end());
  }
  return left;
}

}  // namespace ravine
