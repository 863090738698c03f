#include "ravine/probe/measurement_spectrum.hpp"

#include <algorithm>
#include <vector>

namespace ravine {

SymmetricOperator normal_product(EnsemblePass& pass) {
  return [&pass](std::span<const double> x, std::span<double> y) {
    pass.run({}, x);
    std::ranges::copy(pass.adjoint(0), y.begin());
  };
}

SpectrumEnds measurement_spectrum(const MeasurementEnsemble& ensemble, ThreadTeam& team,
                                  const EigenOptions& options) {
  const std::size_t m = ensemble.count(), p = ensemble.unknowns();
  EnsemblePass pass(ensemble, team);
  const SymmetricOperator product = normal_product(pass);
  return extreme_eigenpairs(
      [&](std::span<const double> x, std::span<double> y) {
        if (m > p) {
          product(x, y);
        } else {
          pass.run({}, pass.adjoint_of(x));
          std::ranges::copy(pass.residuals(0), y.begin());
        }
        for (double& entry : y) entry /= static_cast<double>(m);
      },
      std::min(m, p), options);
}

}  // namespace ravine
