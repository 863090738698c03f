#include "ravine/objective/matrix_sensing.hpp"

#include <algorithm>
#include <utility>

#include "ravine/kernels/matmul.hpp"
#include "ravine/objective/factored_form.hpp"
#include "ravine/objective/spaced_stride.hpp"
#include "ravine/objective/svec.hpp"

namespace ravine {

namespace {

std::vector<std::size_t> active_members(const Evaluation& evaluation, std::size_t members) {
  std::vector<std::size_t> active;
  for (std::size_t k = 0; k < members; ++k) {
    if (evaluation.is_active(k)) active.push_back(k);
  }
  return active;
}

}  // namespace

MatrixSensing::MatrixSensing(const MeasurementEnsemble& ensemble, std::span<const double> values,
                             std::size_t rank, std::span<const std::string> member_names,
                             ThreadTeam& team)
    : MatrixSensing(measurement_operator(ensemble, values, team), rank, member_names, team) {}

MatrixSensing::MatrixSensing(std::unique_ptr<ResidualOperator> residuals, std::size_t rank,
                             std::span<const std::string> member_names, ThreadTeam& team)
    : residuals_(std::move(residuals)),
      team_(team),
      grams_(member_names.size() * dimension() * dimension()) {
  for (std::size_t k = 0; k < member_names.size(); ++k) {
    layout_.add("U." + member_names[k], dimension(), rank, k);
  }
  if (residuals_->takes_factors()) return;
  adjoints_.resize(grams_.size());
  x_.resize(2 * member_names.size() * spaced_stride(svec_size(dimension())));
}

MatrixView<double> MatrixSensing::candidates(std::size_t count) {
  const std::size_t p = svec_size(dimension());
  return {x_.data(), count, p, spaced_stride(p)};
}

MatrixView<double> MatrixSensing::square(AlignedBuffer<double>& squares, std::size_t member) {
  return {squares.data() + member * dimension() * dimension(), dimension(), dimension()};
}

MatrixView<const double> MatrixSensing::gram(std::size_t member) const {
  return {grams_.data() + member * dimension() * dimension(), dimension(), dimension()};
}

/// Calls work(k, rows) for every member k of which the thread has rows, those of all members lying
/// one after another.
template <class Work>
void MatrixSensing::for_each_share(int thread, std::span<const std::size_t> members,
                                   const Work& work) const {
  const std::size_t d = dimension();
  const IndexRange mine = split_range(members.size() * d, team_.size(), thread);
  for (std::size_t row = mine.begin; row < mine.end;) {
    const std::size_t begin = row % d, end = std::min(d, begin + (mine.end - row));
    work(members[row / d], IndexRange{begin, end});
    row += end - begin;
  }
}

void MatrixSensing::make_grams(std::span<const double> u, std::span<const std::size_t> members) {
  team_.run([&](int thread) {
    for_each_share(thread, members, [&](std::size_t k, IndexRange rows) {
      const MatrixView<const double> factor = layout_.view(u, k);
      matmul_by_transposed(factor.middle_rows(rows.begin, rows.size()), factor,
                           square(grams_, k).middle_rows(rows.begin, rows.size()));
    });
  });
}

/// Candidate i <- svec(U U^T) of member i.
void MatrixSensing::pack_grams(std::span<const std::size_t> members) {
  const MatrixView<double> x = candidates(members.size());
  team_.run([&](int thread) {
    const IndexRange mine = split_range(members.size(), team_.size(), thread);
    for (std::size_t i = mine.begin; i < mine.end; ++i) svec(gram(members[i]), x.row(i));
  });
}

/// Products of members <- grad f(U), or with directions Hess f(U)[V].
void MatrixSensing::pass_factors(std::span<const double> u, std::span<const double> direction,
                                 std::span<const std::size_t> members, std::span<double> products) {
  std::vector<Factor> factors;
  for (const std::size_t k : members) {
    factors.push_back({layout_.view(u, k), {}});
    if (!direction.empty()) factors.back().v = layout_.view(direction, k);
  }
  residuals_->run_factored(factors);
  const auto m = static_cast<double>(residuals_->count());
  for (std::size_t i = 0; i < members.size(); ++i) {
    std::ranges::transform(residuals_->factored(i).product, layout_.view(products, members[i]).data,
                           [m](double sum) { return sum / m; });
  }
}

void MatrixSensing::loss_and_gradient(std::span<const double> u, const Evaluation& evaluation,
                                      std::span<double> gradient, std::span<double> losses) {
  const std::vector<std::size_t> members = active_members(evaluation, layout_.members());
  const auto m = static_cast<double>(residuals_->count());
  make_grams(u, members);
  if (residuals_->takes_factors()) {
    pass_factors(u, {}, members, gradient);
    for (std::size_t i = 0; i < members.size(); ++i) {
      losses[members[i]] = residuals_->factored(i).square / (2 * m);
    }
    return;
  }
  pack_grams(members);
  residuals_->run(candidates(members.size()));
  team_.run([&](int thread) {
    const IndexRange mine = split_range(members.size(), team_.size(), thread);
    for (std::size_t i = mine.begin; i < mine.end; ++i) {
      losses[members[i]] = residuals_->residual_square(i) / (2 * m);
      smat(residuals_->adjoint(i), 2 / m, square(adjoints_, members[i]));
    }
    team_.barrier();
    for_each_share(thread, members, [&](std::size_t k, IndexRange rows) {
      matmul(square(adjoints_, k).middle_rows(rows.begin, rows.size()), layout_.view(u, k),
             layout_.view(gradient, k).middle_rows(rows.begin, rows.size()));
    });
  });
}

void MatrixSensing::hessian_vector(std::span<const double> u, const Evaluation& evaluation,
                                   std::span<const double> direction, std::span<double> product) {
  const std::vector<std::size_t> members = active_members(evaluation, layout_.members());
  const auto m = static_cast<double>(residuals_->count());
  if (residuals_->takes_factors()) return pass_factors(u, direction, members, product);
  make_grams(u, members);
  pack_grams(members);
  AlignedBuffer<double> curvature(dimension() * dimension());
  const MatrixView<double> c(curvature.data(), dimension(), dimension());
  const MatrixView<double> x = candidates(2 * members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::size_t k = members[i];
    symmetric_product(layout_.view(u, k), layout_.view(direction, k), c);
    svec(c, x.row(members.size() + i));
  }
  residuals_->run(x, members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::size_t k = members[i];
    const MatrixView<double> g = square(adjoints_, k);
    smat(residuals_->adjoint(i), 1 / m, g);
    smat(residuals_->adjoint(members.size() + i), 1 / m, c);
    factored_hessian(c, g, layout_.view(u, k), layout_.view(direction, k),
                     layout_.view(product, k));
  }
}

MatrixSensing population_sensing(MatrixView<const double> truth, std::size_t rank,
                                 ThreadTeam& team) {
  const std::string name = "1";
  return MatrixSensing(population_operator(truth), rank, std::span(&name, 1), team);
}

}  // namespace ravine
