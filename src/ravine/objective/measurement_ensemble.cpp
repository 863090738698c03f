#include "ravine/objective/measurement_ensemble.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/base/team_buffer.hpp"
#include "ravine/kernels/measurement_pass.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/dense_rows.hpp"
#include "ravine/objective/spaced_stride.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

void demand_sizes(std::size_t dimension, std::size_t count) {
  if (dimension == 0 || count == 0) {
    throw ShapeError(error_text("measurement_ensemble", "dimension and count", "at least 1 each",
                                fmt::format("{} and {}", dimension, count)));
  }
}

/// Rows of a buffer, which the form takes over.
std::shared_ptr<const MeasurementForm> form_of(std::size_t dimension, std::size_t count,
                                               MeasurementEnsemble::Rows rows) {
  demand_sizes(dimension, count);
  const std::size_t p = svec_size(dimension);
  return std::visit(
      [&]<class T>(AlignedBuffer<T>& buffer) -> std::shared_ptr<const MeasurementForm> {
        if (buffer.size() != count * p) {
          throw ShapeError(error_text("measurement_ensemble", "rows",
                                      fmt::format("{} x {}", count, p),
                                      fmt::format("{} numbers", buffer.size())));
        }
        const auto owner = std::make_shared<const AlignedBuffer<T>>(std::move(buffer));
        return std::make_shared<DenseRows<T>>(std::span<const T>(*owner), p, owner);
      },
      rows);
}

}  // namespace

MeasurementEnsemble::MeasurementEnsemble(std::size_t dimension, std::size_t count, Rows rows)
    : MeasurementEnsemble(dimension, form_of(dimension, count, std::move(rows))) {}

MeasurementEnsemble::MeasurementEnsemble(std::size_t dimension,
                                         std::shared_ptr<const MeasurementForm> form,
                                         SecondMoment second_moment)
    : dimension_(dimension), form_(std::move(form)), second_moment_(second_moment) {
  demand_sizes(dimension, form_->count());
}

std::size_t MeasurementEnsemble::unknowns() const { return svec_size(dimension_); }

MeasurementEnsemble MeasurementEnsemble::none(std::size_t dimension) {
  MeasurementEnsemble ensemble;
  ensemble.dimension_ = dimension;
  ensemble.form_ =
      std::make_shared<DenseRows<double>>(std::span<const double>(), svec_size(dimension), nullptr);
  return ensemble;
}

MeasurementEnsemble MeasurementEnsemble::gaussian(std::size_t dimension, std::size_t count,
                                                  std::uint64_t seed, ThreadTeam& team) {
  AlignedBuffer<float> rows = team_buffer<float>(count * svec_size(dimension), team);
  const RandomStream stream(seed, "measurements");
  team.run([&](int member) {
    const IndexRange part = split_range(rows.size(), team.size(), member, 4096);
    stream.fill_normal(std::span(rows).subspan(part.begin, part.size()), part.begin);
  });
  return {dimension, count, std::move(rows)};
}

void check_candidates(std::string_view component, MatrixView<const double> x, std::size_t p,
                      std::size_t linear) {
  if (x.cols == p && x.rows >= linear) return;
  throw ShapeError(error_text(component, "x", fmt::format("at least {} rows of {}", linear, p),
                              fmt::format("{} x {}", x.rows, x.cols)));
}

EnsemblePass::EnsemblePass(const MeasurementEnsemble& ensemble, ThreadTeam& team)
    : ensemble_(ensemble),
      team_(team),
      stride_(spaced_stride(ensemble.unknowns())),
      zeros_(ensemble.count()),
      sum_(ensemble.form().chunks()) {}

void EnsemblePass::check_values(std::span<const double> values) const {
  if (values.size() != ensemble_.count()) {
    throw ShapeError(error_text("ensemble_pass", "values",
                                fmt::format("{} numbers", ensemble_.count()),
                                fmt::format("{}", values.size())));
  }
}

void EnsemblePass::run(std::span<const double> values, std::span<const double> x,
                       std::size_t linear) {
  const std::size_t p = ensemble_.unknowns();
  if (x.size() % p != 0) {
    throw ShapeError(error_text("ensemble_pass", "x", fmt::format("rows of {}", p),
                                fmt::format("{} numbers", x.size())));
  }
  run(values, MatrixView(x.data(), x.size() / p, p), linear);
}

void EnsemblePass::run(std::span<const double> values, MatrixView<const double> x,
                       std::size_t linear) {
  if (values.empty()) values = zeros_;
  check_values(values);
  check_candidates("ensemble_pass", x, ensemble_.unknowns(), linear);
  const std::size_t m = ensemble_.count();
  const std::size_t affine = x.rows - linear;
  if (residuals_.size() < x.rows * m) residuals_.resize(x.rows * m);
  add_up(x.rows * stride_, [&](IndexRange rows, std::span<double> sum) {
    // Both kinds of candidates pass over some rows while those are in cache.
    const std::size_t block = linear == 0 ? rows.size() : kCachedRows;
    for (std::size_t top = rows.begin; top < rows.end; top += block) {
      const IndexRange some{top, std::min(rows.end, top + block)};
      pass_rows(some, values, x.middle_rows(0, affine), 0, sum);
      pass_rows(some, zeros_, x.middle_rows(affine, linear), affine, sum);
    }
  });
}

void EnsemblePass::run_factored(std::span<const double> values, std::span<const Factor> factors) {
  if (values.empty()) values = zeros_;
  check_values(values);
  factored_.clear();
  std::size_t size = 0;
  for (const Factor& factor : factors) {
    if (factor.u.rows != ensemble_.dimension()) {
      throw ShapeError(error_text("ensemble_pass", "factor",
                                  fmt::format("{} rows", ensemble_.dimension()),
                                  fmt::format("{}", factor.u.rows)));
    }
    factored_.push_back({size, size + factor.u.size()});
    size += factor.u.size() + 1;
  }
  add_up(size, [&](IndexRange rows, std::span<double> sum) {
    ensemble_.form().pass_factors(rows, values.subspan(rows.begin, rows.size()), factors, sum);
  });
}

/// adjoint_ <- the sum of `size` numbers over the chunks of the measurements, each by
/// pass_chunk(rows, sum).
template <class PassChunk>
void EnsemblePass::add_up(std::size_t size, const PassChunk& pass_chunk) {
  if (adjoint_.size() < size) adjoint_.resize(size);
  sum_.resize(size);
  team_.run([&](int member) {
    sum_.add_chunks(member, team_, [&](std::size_t chunk, std::span<double> sum) {
      pass_chunk(split_range(ensemble_.count(), sum_.chunks(), static_cast<int>(chunk), kRowGroup),
                 sum);
    });
    team_.barrier();
    sum_.add_up(member, team_, adjoint_);
  });
}

/// x: candidates `first` and on.
void EnsemblePass::pass_rows(IndexRange rows, std::span<const double> values,
                             MatrixView<const double> x, std::size_t first,
                             std::span<double> adjoints) {
  const std::size_t p = ensemble_.unknowns(), m = ensemble_.count();
  ensemble_.form().pass(
      rows, values.subspan(rows.begin, rows.size()), x,
      MatrixView(residuals_.data() + first * m + rows.begin, x.rows, rows.size(), m),
      MatrixView(adjoints.data() + first * stride_, x.rows, p, stride_));
}

std::vector<double> EnsemblePass::adjoint_of(std::span<const double> values) {
  std::vector<double> sum(ensemble_.unknowns());
  run(values, sum);  // of x = 0 the residuals are minus the values
  add_scaled(-1, adjoint(0), std::span(sum));
  return sum;
}

std::span<const double> EnsemblePass::residuals(std::size_t candidate) const {
  return std::span(residuals_).subspan(candidate * ensemble_.count(), ensemble_.count());
}

std::span<const double> EnsemblePass::adjoint(std::size_t candidate) const {
  return std::span(adjoint_).subspan(candidate * stride_, ensemble_.unknowns());
}

FactoredResidual EnsemblePass::factored(std::size_t candidate) const {
  const IndexRange& product = factored_[candidate];
  return {adjoint_[product.end], std::span(adjoint_).subspan(product.begin, product.size())};
}

}  // namespace ravine
