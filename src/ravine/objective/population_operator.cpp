#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/residual_operator.hpp"
#include "ravine/objective/svec.hpp"

namespace ravine {

namespace {

class PopulationOperator : public ResidualOperator {
 public:
  explicit PopulationOperator(MatrixView<const double> truth)
      : dimension_(truth.rows), truth_(svec_size(truth.rows)) {
    svec(truth, truth_);
  }

  std::size_t dimension() const override { return dimension_; }
  std::size_t count() const override { return 1; }

  void run(MatrixView<const double> x, std::size_t linear) override {
    check_candidates("population_operator", x, truth_.size(), linear);
    residuals_.resize(x.size());
    for (std::size_t i = 0; i < x.rows; ++i) {
      const std::span<double> residual = std::span(residuals_).subspan(i * x.cols, x.cols);
      std::ranges::copy(x.row(i), residual.begin());
      if (i + linear < x.rows) add_scaled(-1, std::span<const double>(truth_), residual);
    }
  }

  double residual_square(std::size_t candidate) const override {
    return squared_norm(adjoint(candidate));
  }
  std::span<const double> adjoint(std::size_t candidate) const override {
    return std::span(residuals_).subspan(candidate * truth_.size(), truth_.size());
  }

 private:
  std::size_t dimension_;
  std::vector<double> truth_;      // svec(X*)
  std::vector<double> residuals_;  // (K, p)
};

}  // namespace

std::unique_ptr<ResidualOperator> population_operator(MatrixView<const double> truth) {
  if (truth.rows == 0 || truth.rows != truth.cols) {
    throw ShapeError(error_text("population_operator", "truth", "a square matrix",
                                fmt::format("{} x {}", truth.rows, truth.cols)));
  }
  return std::make_unique<PopulationOperator>(truth);
}

}  // namespace ravine
