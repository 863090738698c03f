#include "ravine/objective/matrix_sensing.hpp"

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/transpose.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/factored_form.hpp"
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
    : ensemble_(ensemble),
      values_(values),
      rank_(rank),
      team_(team),
      pass_(ensemble, member_names.size(), team),
      transposed_(member_names.size() * rank * ensemble.dimension()),
      grams_(member_names.size() * ensemble.dimension() * ensemble.dimension()),
      adjoints_(grams_.size()),
      x_(member_names.size() * ensemble.unknowns()) {
  if (values.size() != ensemble.count()) {
    throw ShapeError(error_text("matrix_sensing", "values",
                                fmt::format("{} numbers, one a measurement", ensemble.count()),
                                fmt::format("{}", values.size())));
  }
  for (std::size_t k = 0; k < member_names.size(); ++k) {
    layout_.add("U." + member_names[k], ensemble.dimension(), rank, k);
  }
}

MatrixView<double> MatrixSensing::square(AlignedBuffer<double>& squares, std::size_t member) {
  return {squares.data() + member * dimension() * dimension(), dimension(), dimension()};
}

MatrixView<const double> MatrixSensing::gram(std::size_t member) const {
  return {grams_.data() + member * dimension() * dimension(), dimension(), dimension()};
}

void MatrixSensing::measure_grams(std::span<const double> u, std::span<const std::size_t> members) {
  const std::size_t d = dimension();
  const std::size_t p = ensemble_.unknowns();
  team_.run([&](int member) {
    const IndexRange rows = split_range(d, team_.size(), member);
    for (const std::size_t k : members) {
      const MatrixView<double> ut(transposed_.data() + k * rank_ * d, rank_, d);
      transpose(layout_.view(u, k).middle_rows(rows.begin, rows.size()),
                MatrixView<double>(ut.data + rows.begin, rank_, rows.size(), d));
    }
    team_.barrier();
    for (const std::size_t k : members) {
      const MatrixView<const double> ut(transposed_.data() + k * rank_ * d, rank_, d);
      matmul(layout_.view(u, k).middle_rows(rows.begin, rows.size()), ut,
             square(grams_, k).middle_rows(rows.begin, rows.size()));
    }
    team_.barrier();
    const IndexRange mine = split_range(members.size(), team_.size(), member);
    for (std::size_t i = mine.begin; i < mine.end; ++i) {
      svec(gram(members[i]), std::span(x_).subspan(i * p, p));
    }
  });
  pass_.run(values_, std::span(x_).first(members.size() * p));
}

void MatrixSensing::loss_and_gradient(std::span<const double> u, const Evaluation& evaluation,
                                      std::span<double> gradient, std::span<double> losses) {
  const std::vector<std::size_t> members = active_members(evaluation, layout_.members());
  const auto m = static_cast<double>(ensemble_.count());
  measure_grams(u, members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    losses[members[i]] = squared_norm(pass_.residuals(i)) / (2 * m);
    smat(pass_.adjoint(i), 1 / m, square(adjoints_, members[i]));
  }
  team_.run([&](int member) {
    const IndexRange rows = split_range(dimension(), team_.size(), member);
    for (const std::size_t k : members) {
      const MatrixView<double> g = layout_.view(gradient, k).middle_rows(rows.begin, rows.size());
      matmul(square(adjoints_, k).middle_rows(rows.begin, rows.size()), layout_.view(u, k), g);
      for (std::size_t i = 0; i < g.rows; ++i) {
        for (double& value : g.row(i)) value *= 2;
      }
    }
  });
}

void MatrixSensing::hessian_vector(std::span<const double> u, const Evaluation& evaluation,
                                   std::span<const double> direction, std::span<double> product) {
  const std::vector<std::size_t> members = active_members(evaluation, layout_.members());
  const auto m = static_cast<double>(ensemble_.count());
  const std::size_t p = ensemble_.unknowns();
  measure_grams(u, members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    smat(pass_.adjoint(i), 1 / m, square(adjoints_, members[i]));
  }
  AlignedBuffer<double> curvature(dimension() * dimension());
  const MatrixView<double> c(curvature.data(), dimension(), dimension());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::size_t k = members[i];
    symmetric_product(layout_.view(u, k), layout_.view(direction, k), c);
    svec(c, std::span(x_).subspan(i * p, p));
  }
  pass_.run({}, std::span(x_).first(members.size() * p));
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::size_t k = members[i];
    smat(pass_.adjoint(i), 1 / m, c);
    factored_hessian(c, square(adjoints_, k), layout_.view(u, k), layout_.view(direction, k),
                     layout_.view(product, k));
  }
}

}  // namespace ravine
