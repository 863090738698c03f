#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/residual_operator.hpp"

namespace ravine {

namespace {

class MeasurementOperator : public ResidualOperator {
 public:
  MeasurementOperator(const MeasurementEnsemble& ensemble, std::span<const double> values,
                      ThreadTeam& team)
      : ensemble_(ensemble), values_(values), pass_(ensemble, team) {}

  std::size_t dimension() const override { return ensemble_.dimension(); }
  std::size_t count() const override { return ensemble_.count(); }
  void run(MatrixView<const double> x, std::size_t linear) override {
    pass_.run(values_, x, linear);
  }
  bool takes_factors() const override { return ensemble_.form().takes_factors(); }
  void run_factored(std::span<const Factor> factors) override {
    pass_.run_factored(values_, factors);
  }
  FactoredResidual factored(std::size_t candidate) const override {
    return pass_.factored(candidate);
  }
  double residual_square(std::size_t candidate) const override {
    return squared_norm(pass_.residuals(candidate));
  }
  std::span<const double> adjoint(std::size_t candidate) const override {
    return pass_.adjoint(candidate);
  }

 private:
  const MeasurementEnsemble& ensemble_;
  std::span<const double> values_;
  EnsemblePass pass_;
};

}  // namespace

std::unique_ptr<ResidualOperator> measurement_operator(const MeasurementEnsemble& ensemble,
                                                       std::span<const double> values,
                                                       ThreadTeam& team) {
  if (values.size() != ensemble.count()) {
    throw ShapeError(error_text("measurement_operator", "values",
                                fmt::format("{} numbers, one a measurement", ensemble.count()),
                                fmt::format("{}", values.size())));
  }
  return std::make_unique<MeasurementOperator>(ensemble, values, team);
}

}  // namespace ravine
