#include "ravine/objective/measurement_ensemble.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/kernels/measurement_pass.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr int kChunks = 16;

}  // namespace

MeasurementEnsemble::MeasurementEnsemble(std::size_t dimension, std::size_t count, Rows rows)
    : dimension_(dimension), count_(count), rows_(std::move(rows)) {
  if (dimension == 0 || count == 0) {
    throw ShapeError(error_text("measurement_ensemble", "dimension and count", "at least 1 each",
                                fmt::format("{} and {}", dimension, count)));
  }
  const std::size_t size = std::visit([](const auto& buffer) { return buffer.size(); }, rows_);
  if (size != count * unknowns()) {
    throw ShapeError(error_text("measurement_ensemble", "rows",
                                fmt::format("{} x {}", count, unknowns()),
                                fmt::format("{} numbers", size)));
  }
}

std::size_t MeasurementEnsemble::unknowns() const { return svec_size(dimension_); }

MeasurementEnsemble MeasurementEnsemble::gaussian(std::size_t dimension, std::size_t count,
                                                  std::uint64_t seed, ThreadTeam& team) {
  AlignedBuffer<float> rows(count * svec_size(dimension));
  const RandomStream stream(seed, "measurements");
  team.run([&](int member) {
    const IndexRange part = split_range(rows.size(), team.size(), member, 4096);
    stream.fill_normal(std::span(rows).subspan(part.begin, part.size()), part.begin);
  });
  return {dimension, count, std::move(rows)};
}

EnsemblePass::EnsemblePass(const MeasurementEnsemble& ensemble, std::size_t max_candidates,
                           ThreadTeam& team)
    : ensemble_(ensemble),
      team_(team),
      max_candidates_(max_candidates),
      zeros_(ensemble.count()),
      residuals_(max_candidates * ensemble.count()),
      partial_(kChunks * max_candidates * ensemble.unknowns()),
      adjoint_(max_candidates * ensemble.unknowns()) {}

void EnsemblePass::run(std::span<const double> values, std::span<const double> x) {
  const std::size_t p = ensemble_.unknowns();
  const std::size_t candidates = x.size() / p;
  if (x.size() != candidates * p || candidates > max_candidates_) {
    throw ShapeError(error_text("ensemble_pass", "x",
                                fmt::format("at most {} rows of {}", max_candidates_, p),
                                fmt::format("{} numbers", x.size())));
  }
  if (values.empty()) values = zeros_;
  if (values.size() != ensemble_.count()) {
    throw ShapeError(error_text("ensemble_pass", "values",
                                fmt::format("{} numbers", ensemble_.count()),
                                fmt::format("{}", values.size())));
  }
  team_.run([&](int member) {
    const IndexRange mine = split_range(kChunks, team_.size(), member);
    for (std::size_t chunk = mine.begin; chunk < mine.end; ++chunk) {
      pass_chunk(chunk, candidates, values, x.data());
    }
    team_.barrier();
    const IndexRange part = split_range(candidates * p, team_.size(), member, 64);
    std::copy_n(partial_.begin() + static_cast<std::ptrdiff_t>(part.begin), part.size(),
                adjoint_.begin() + static_cast<std::ptrdiff_t>(part.begin));
    for (std::size_t chunk = 1; chunk < kChunks; ++chunk) {
      const double* addend = partial_.data() + chunk * max_candidates_ * p;
      for (std::size_t j = part.begin; j < part.end; ++j) adjoint_[j] += addend[j];
    }
  });
}

void EnsemblePass::pass_chunk(std::size_t chunk, std::size_t candidates,
                              std::span<const double> values, const double* x) {
  const std::size_t p = ensemble_.unknowns();
  const IndexRange rows = split_range(ensemble_.count(), kChunks, static_cast<int>(chunk));
  double* sum = partial_.data() + chunk * max_candidates_ * p;
  std::fill_n(sum, candidates * p, 0.0);
  std::visit(
      [&](const auto& buffer) {
        measurement_pass(
            MatrixView(buffer.data() + rows.begin * p, rows.size(), p),
            values.subspan(rows.begin, rows.size()), MatrixView(x, candidates, p),
            MatrixView(residuals_.data() + rows.begin, candidates, rows.size(), ensemble_.count()),
            MatrixView(sum, candidates, p));
      },
      ensemble_.rows());
}

std::span<const double> EnsemblePass::residuals(std::size_t candidate) const {
  return std::span(residuals_).subspan(candidate * ensemble_.count(), ensemble_.count());
}

std::span<const double> EnsemblePass::adjoint(std::size_t candidate) const {
  return std::span(adjoint_).subspan(candidate * ensemble_.unknowns(), ensemble_.unknowns());
}

}  // namespace ravine
