#include "ravine/objective/normal_operator.hpp"

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/conjugate_gradient.hpp"

namespace ravine {

NormalOperator::NormalOperator(const MeasurementEnsemble& ensemble, std::span<const double> values,
                               ThreadTeam& team)
    : dimension_(ensemble.dimension()), count_(ensemble.count()), normal_(ensemble, team) {
  const std::size_t p = normal_.size();
  EnsemblePass pass(ensemble, team);
  std::vector<double> product(p);
  reference_ = conjugate_gradient(
                   [&](std::span<const double> direction) {
                     normal_.multiply(direction, product);
                     return std::span<const double>(product);
                   },
                   pass.adjoint_of(values), kReferenceTolerance, kMaxReferenceIterations)
                   .x;
  pass.run(values, reference_);
  reference_adjoint_.assign(pass.adjoint(0).begin(), pass.adjoint(0).end());
  reference_square_ = squared_norm(pass.residuals(0));
}

void NormalOperator::run(std::span<const double> x, std::size_t linear) {
  const std::size_t p = normal_.size(), candidates = x.size() / p;
  if (x.size() % p != 0 || candidates < linear) {
    throw ShapeError(error_text("normal_operator", "x",
                                fmt::format("at least {} rows of {}", linear, p),
                                fmt::format("{} numbers", x.size())));
  }
  offsets_.assign(x.begin(), x.end());
  adjoints_.resize(x.size());
  squares_.resize(candidates);
  const std::size_t affine = candidates - linear;
  for (std::size_t k = 0; k < affine; ++k) {
    add_scaled(-1, reference_, std::span(offsets_).subspan(k * p, p));
  }
  normal_.multiply(offsets_, adjoints_);
  for (std::size_t k = 0; k < candidates; ++k) {
    const std::span<const double> e = std::span(offsets_).subspan(k * p, p);
    double square = dot(e, adjoint(k));
    if (k < affine) {
      square += 2 * dot(e, reference_adjoint_) + reference_square_;
      add_scaled(1, reference_adjoint_, std::span(adjoints_).subspan(k * p, p));
    }
    // A sum of squares that is zero up to rounding may come out below; not-a-number stays.
    squares_[k] = square < 0 ? 0 : square;
  }
}

std::span<const double> NormalOperator::adjoint(std::size_t candidate) const {
  return std::span(adjoints_).subspan(candidate * normal_.size(), normal_.size());
}

}  // namespace ravine
