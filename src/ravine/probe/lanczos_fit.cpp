#include "ravine/probe/lanczos_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

constexpr double kExhausted = 1e-14;  // a new basis vector this short, over H's size, is rounding

// The triangular factor of least squares whose rows have at most three neighbouring entries, built
// row by row with Givens rotations.
class BandedTriangle {
 public:
  explicit BandedTriangle(std::size_t columns) : rows_(columns), right_(columns) {}

  // A row with `entries` from column `first` on and its right-hand side.
  void insert(std::size_t first, std::array<double, 3> entries, double right) {
    for (std::size_t j = first; j < rows_.size(); ++j) {
      const double length = std::hypot(rows_[j][0], entries[0]);
      if (length > 0) {
        const double c = rows_[j][0] / length, s = entries[0] / length;
        for (std::size_t k = 0; k < 3; ++k) {
          const double kept = rows_[j][k];
          rows_[j][k] = c * kept + s * entries[k];
          entries[k] = c * entries[k] - s * kept;
        }
        const double kept = right_[j];
        right_[j] = c * kept + s * right;
        right = c * right - s * kept;
      }
      entries = {entries[1], entries[2], 0};
      if (entries[0] == 0 && entries[1] == 0) return;
    }
  }

  std::vector<double> solution() const {
    std::vector<double> x(rows_.size());
    for (std::size_t j = x.size(); j-- > 0;) {
      double rest = right_[j];
      for (std::size_t k = 1; k < 3 && j + k < x.size(); ++k) rest -= rows_[j][k] * x[j + k];
      x[j] = rows_[j][0] != 0 ? rest / rows_[j][0] : 0;
    }
    return x;
  }

 private:
  std::vector<std::array<double, 3>> rows_;  // row j from column j on
  std::vector<double> right_;
};

}  // namespace

LanczosFit::LanczosFit(SymmetricOperator h, std::span<const double> b)
    : product_(std::move(h)), b_norm_(norm(b)) {
  basis_.emplace_back(b.begin(), b.end());
  for (double& entry : basis_.front()) entry /= b_norm_;
  extend();
}

void LanczosFit::extend() {
  std::vector<double> next(basis_.front().size());
  product_(basis_.back(), next);
  size_of_h_ = std::max(size_of_h_, norm(next));
  diagonal_.push_back(dot(std::span<const double>(basis_.back()), std::span<const double>(next)));
  for (int pass = 0; pass < 2; ++pass) {  // twice is enough (Parlett 1980, section 6-9)
    for (const std::vector<double>& q : basis_) {
      add_scaled(-dot(std::span<const double>(q), std::span<const double>(next)), q, next);
    }
  }
  below_.push_back(norm(next));
  if (is_exhausted()) below_.back() = 0;
  for (double& entry : next) entry = below_.back() > 0 ? entry / below_.back() : 0;
  basis_.push_back(std::move(next));
}

bool LanczosFit::is_exhausted() const { return !(below_.back() > kExhausted * size_of_h_); }

double LanczosFit::slope() const { return std::hypot(diagonal_.front(), below_.front()); }

// Of the k+1 rows of Q^T H Q, each with the damping of its column, against -|b| e_1.
std::vector<double> LanczosFit::coordinates(double mu) const {
  const std::size_t k = diagonal_.size();
  const auto entry = [&](std::size_t row, std::size_t column) {
    if (column >= k) return 0.0;
    return row == column ? diagonal_[row] : below_[std::min(row, column)];
  };
  BandedTriangle triangle(k);
  for (std::size_t row = 0; row <= k; ++row) {
    const std::size_t first = row > 0 ? row - 1 : 0;
    triangle.insert(first,
                    {entry(row, first), entry(row, first + 1), row > 0 ? entry(row, first + 2) : 0},
                    row == 0 ? -b_norm_ : 0);
    if (row < k) triangle.insert(row, {std::sqrt(mu), 0, 0}, 0);
  }
  return triangle.solution();
}

// b + H p in the basis, one coordinate more than y has.
std::vector<double> LanczosFit::residual_of(std::span<const double> y) const {
  std::vector<double> residual(y.size() + 1);
  residual.front() = b_norm_;
  for (std::size_t j = 0; j < y.size(); ++j) {
    if (j > 0) residual[j - 1] += below_[j - 1] * y[j];
    residual[j] += diagonal_[j] * y[j];
    residual[j + 1] += below_[j] * y[j];
  }
  return residual;
}

// Of |H r + mu p|, r = b + H p: y is such that nothing of it is left along the first k basis
// vectors. What H makes of r beyond them comes from the last two coordinates of r.
double LanczosFit::normal_residual_bound(std::span<const double> residual) const {
  return std::abs(below_.back() * residual[residual.size() - 2]) +
         size_of_h_ * std::abs(residual.back());
}

LanczosFit::Solution LanczosFit::solve(double mu, double tolerance, std::size_t most) {
  std::vector<double> y = coordinates(mu), residual = residual_of(y);
  while (products() < most && !is_exhausted() &&
         normal_residual_bound(residual) > tolerance * slope() * b_norm_) {
    extend();
    y = coordinates(mu);
    residual = residual_of(y);
  }
  Solution solution{std::vector<double>(basis_.front().size()),
                    norm(std::span<const double>(residual))};
  for (std::size_t j = 0; j < y.size(); ++j) add_scaled(y[j], basis_[j], solution.p);
  return solution;
}

}  // namespace ravine
