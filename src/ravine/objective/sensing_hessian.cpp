#include "ravine/objective/sensing_hessian.hpp"

#include <algorithm>

#include <Eigen/Core>
#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/svec.hpp"

namespace ravine {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const RowMajor> matrix_of(std::span<const double> values, std::size_t rows) {
  return {values.data(), static_cast<Eigen::Index>(rows),
          static_cast<Eigen::Index>(values.size() / rows)};
}

Eigen::Map<const Eigen::VectorXd> vector_of(std::span<const double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace

SensingHessian::SensingHessian(const MeasurementEnsemble& ensemble, std::span<const double> values,
                               std::size_t rank, ThreadTeam& team)
    : ensemble_(ensemble),
      values_(values),
      rank_(rank),
      team_(team),
      pass_(ensemble, team),
      jacobian_(ensemble.count() * ensemble.dimension() * rank) {
  if (values.size() != ensemble.count()) {
    throw ShapeError(error_text("sensing_hessian", "values",
                                fmt::format("{} numbers", ensemble.count()),
                                fmt::format("{}", values.size())));
  }
}

bool SensingHessian::pays_off(std::size_t dimension, std::size_t rank) {
  return 2 * dimension * rank <= svec_size(dimension);
}

void SensingHessian::move_to(std::span<const double> u) {
  if (u.size() != ensemble_.dimension() * rank_) {
    throw ShapeError(error_text("sensing_hessian", "factor",
                                fmt::format("({}, {})", ensemble_.dimension(), rank_),
                                fmt::format("{} numbers", u.size())));
  }
  if (std::ranges::equal(u, u_)) return;
  u_.assign(u.begin(), u.end());
  make_jacobian();
  make_adjoint();
}

void SensingHessian::make_jacobian() {
  const std::size_t d = ensemble_.dimension(), n = u_.size();
  team_.run([&](int member) {
    const IndexRange mine = split_range(ensemble_.count(), team_.size(), member);
    std::vector<double> row(ensemble_.unknowns()), full(d * d);
    for (std::size_t i = mine.begin; i < mine.end; ++i) {
      ensemble_.form().copy_rows(i, {row.data(), 1, row.size()});
      smat(row, 2, {full.data(), d, d});
      Eigen::Map<RowMajor>(jacobian_.data() + i * n, static_cast<Eigen::Index>(d),
                           static_cast<Eigen::Index>(rank_))
          .noalias() = matrix_of(full, d) * matrix_of(u_, d);
    }
  });
}

// By the residuals <S_i, U U^T> - y_i = <J_i, U> / 2 - y_i.
void SensingHessian::make_adjoint() {
  const std::size_t d = ensemble_.dimension(), m = ensemble_.count();
  const Eigen::VectorXd products = matrix_of(jacobian_, m) * vector_of(u_);
  std::vector<double> residuals(m);
  for (std::size_t i = 0; i < m; ++i) {
    residuals[i] = products[static_cast<Eigen::Index>(i)] / 2 - values_[i];
  }
  adjoint_.resize(d * d);
  smat(pass_.adjoint_of(residuals), 2 / static_cast<double>(m), {adjoint_.data(), d, d});
}

void SensingHessian::multiply(std::span<const double> v, std::span<double> product) const {
  const std::size_t d = ensemble_.dimension(), m = ensemble_.count();
  const Eigen::VectorXd along = matrix_of(jacobian_, m) * vector_of(v);
  Eigen::Map<Eigen::VectorXd>(product.data(), static_cast<Eigen::Index>(product.size())).noalias() =
      matrix_of(jacobian_, m).transpose() * along / static_cast<double>(m);
  Eigen::Map<RowMajor>(product.data(), static_cast<Eigen::Index>(d),
                       static_cast<Eigen::Index>(rank_))
      .noalias() += matrix_of(adjoint_, d) * matrix_of(v, d);
}

}  // namespace ravine
