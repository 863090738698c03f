#include "ravine/objective/normal_operator.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/kernels/shape_check.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/conjugate_gradient.hpp"
#include "ravine/objective/spaced_stride.hpp"

namespace ravine {

NormalOperator::NormalOperator(const MeasurementEnsemble& ensemble, std::span<const double> values,
                               ThreadTeam& team, std::span<const double> start)
    : ensemble_(ensemble),
      values_(values),
      team_(team),
      pass_(ensemble, team),
      normal_(ensemble, team),
      reference_(ensemble.unknowns()),
      stride_(spaced_stride(ensemble.unknowns())) {
  if (!start.empty()) {
    check_shape("normal_operator", "start", MatrixView(start.data(), 1, start.size()), 1,
                reference_.size());
    std::ranges::copy(start, reference_.begin());
  }
  find_reference(start.empty());
}

/// x_ref from where it starts, by what is missing from it: N x = A^T (y - A start).
void NormalOperator::find_reference(bool from_zero) {
  const std::size_t p = normal_.size();
  const auto measure = [&] {
    pass_.run(values_, reference_);
    reference_adjoint_.assign(pass_.adjoint(0).begin(), pass_.adjoint(0).end());
    reference_square_ = squared_norm(pass_.residuals(0));
  };
  measure();
  const double missing = norm(reference_adjoint_);
  const double scale = from_zero ? missing : norm(pass_.adjoint_of(values_));  // |A^T y|
  if (missing <= kReferenceTolerance * scale) return;
  std::vector<double> product(p);
  const LinearSolution solution = conjugate_gradient(
      [&](std::span<const double> direction) {
        normal_.multiply(MatrixView(direction.data(), 1, p), MatrixView(product.data(), 1, p));
        return std::span<const double>(product);
      },
      reference_adjoint_, kReferenceTolerance * scale / missing, kMaxReferenceIterations);
  add_scaled(-1, solution.x, std::span(reference_));
  measure();
}

void NormalOperator::run(MatrixView<const double> x, std::size_t linear) {
  const std::size_t p = normal_.size(), candidates = x.rows;
  check_candidates("normal_operator", x, p, linear);
  offsets_.resize(candidates * stride_);
  adjoints_.resize(candidates * stride_);
  squares_.resize(candidates);
  certain_.resize(candidates);
  const std::size_t affine = candidates - linear;
  const MatrixView<double> offsets(offsets_.data(), candidates, p, stride_);
  const MatrixView<double> adjoints(adjoints_.data(), candidates, p, stride_);
  team_.run([&](int member) {
    const IndexRange mine = split_range(candidates, team_.size(), member);
    for (std::size_t k = mine.begin; k < mine.end; ++k) {
      std::ranges::copy(x.row(k), offsets.row(k).begin());
      if (k < affine) add_scaled(-1, reference_, offsets.row(k));
    }
  });
  normal_.multiply(offsets, adjoints);
  team_.run([&](int member) {
    const IndexRange mine = split_range(candidates, team_.size(), member);
    for (std::size_t k = mine.begin; k < mine.end; ++k) finish(k, k >= affine);
  });
  if (std::ranges::count(certain_, false) > 0) pass_over_uncertain(x, affine);
}

/// What N e leaves of a candidate: |r|^2, whether it is certain, and A^T r.
void NormalOperator::finish(std::size_t k, bool is_linear) {
  const std::size_t p = normal_.size();
  const std::span<const double> e(offsets_.data() + k * stride_, p);
  const std::span<double> adjoint(adjoints_.data() + k * stride_, p);
  double square = dot(e, std::span<const double>(adjoint));
  double scale = normal_.mean_eigenvalue() * squared_norm(e);
  if (!is_linear) {
    square += 2 * dot(e, std::span<const double>(reference_adjoint_)) + reference_square_;
    scale += reference_square_;
    add_scaled(1, reference_adjoint_, adjoint);
  }
  squares_[k] = square;
  certain_[k] = !(square < kCertainShare * scale);
}

void NormalOperator::pass_over_uncertain(MatrixView<const double> x, std::size_t affine) {
  std::vector<std::size_t> chosen;
  std::size_t linear = 0;
  const MatrixView<double> candidates(offsets_.data(), x.rows, x.cols, stride_);
  for (std::size_t k = 0; k < x.rows; ++k) {
    if (certain_[k]) continue;
    std::ranges::copy(x.row(k), candidates.row(chosen.size()).begin());
    chosen.push_back(k);
    if (k >= affine) ++linear;
  }
  pass_.run(values_, candidates.middle_rows(0, chosen.size()), linear);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    squares_[chosen[i]] = squared_norm(pass_.residuals(i));
    std::ranges::copy(pass_.adjoint(i), adjoints_.data() + chosen[i] * stride_);
  }
}

std::span<const double> NormalOperator::adjoint(std::size_t candidate) const {
  return std::span(adjoints_).subspan(candidate * stride_, normal_.size());
}

}  // namespace ravine
