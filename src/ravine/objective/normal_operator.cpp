#include "ravine/objective/normal_operator.hpp"

#include <algorithm>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/conjugate_gradient.hpp"
#include "ravine/objective/spaced_stride.hpp"

namespace ravine {

NormalOperator::NormalOperator(const MeasurementEnsemble& ensemble, std::span<const double> values,
                               ThreadTeam& team)
    : dimension_(ensemble.dimension()),
      count_(ensemble.count()),
      normal_(ensemble, team),
      stride_(spaced_stride(ensemble.unknowns())) {
  const std::size_t p = normal_.size();
  EnsemblePass pass(ensemble, team);
  std::vector<double> product(p);
  reference_ =
      conjugate_gradient(
          [&](std::span<const double> direction) {
            normal_.multiply(MatrixView(direction.data(), 1, p), MatrixView(product.data(), 1, p));
            return std::span<const double>(product);
          },
          pass.adjoint_of(values), kReferenceTolerance, kMaxReferenceIterations)
          .x;
  pass.run(values, reference_);
  reference_adjoint_.assign(pass.adjoint(0).begin(), pass.adjoint(0).end());
  reference_square_ = squared_norm(pass.residuals(0));
}

void NormalOperator::run(MatrixView<const double> x, std::size_t linear) {
  const std::size_t p = normal_.size(), candidates = x.rows;
  check_candidates("normal_operator", x, p, linear);
  offsets_.resize(candidates * stride_);
  adjoints_.resize(candidates * stride_);
  squares_.resize(candidates);
  const std::size_t affine = candidates - linear;
  const MatrixView<double> offsets(offsets_.data(), candidates, p, stride_);
  const MatrixView<double> adjoints(adjoints_.data(), candidates, p, stride_);
  for (std::size_t k = 0; k < candidates; ++k) {
    std::ranges::copy(x.row(k), offsets.row(k).begin());
    if (k < affine) add_scaled(-1, reference_, offsets.row(k));
  }
  normal_.multiply(offsets, adjoints);
  for (std::size_t k = 0; k < candidates; ++k) {
    const std::span<const double> e = offsets.row(k);
    double square = dot(e, adjoint(k));
    if (k < affine) {
      square += 2 * dot(e, reference_adjoint_) + reference_square_;
      add_scaled(1, reference_adjoint_, adjoints.row(k));
    }
    // A sum of squares that is zero up to rounding may come out below; not-a-number stays.
    squares_[k] = square < 0 ? 0 : square;
  }
}

std::span<const double> NormalOperator::adjoint(std::size_t candidate) const {
  return std::span(adjoints_).subspan(candidate * stride_, normal_.size());
}

}  // namespace ravine
