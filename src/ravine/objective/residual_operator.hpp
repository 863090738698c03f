#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "ravine/base/matrix_view.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/objective/measurement_ensemble.hpp"

namespace ravine {

/// The residuals r = A x - y of K candidates at once, as far as least squares needs them: |r|^2 and
/// A^T r. A: (m, p), rows svec(S_i).
class ResidualOperator {
 public:
  virtual ~ResidualOperator() = default;

  virtual std::size_t dimension() const = 0;  ///< d, of the matrices measured
  virtual std::size_t count() const = 0;      ///< m

  /// x: (K, p), quickest with rows spaced_stride(p) apart. The last `linear` candidates are
  /// measured alone, as if y were 0. The same bits for any team size, and for a candidate whatever
  /// the others are. Throws ShapeError.
  virtual void run(MatrixView<const double> x, std::size_t linear = 0) = 0;

  /// Whether candidates U U^T are better given by their factors. What run_factored() computes, by a
  /// different order of operations than run(), factored() returns.
  virtual bool takes_factors() const { return false; }
  virtual void run_factored(std::span<const Factor>) {}
  virtual FactoredResidual factored(std::size_t /*candidate*/) const { return {}; }

  // Members of a team ask for different candidates at once.
  virtual double residual_square(std::size_t candidate) const = 0;           ///< |r|^2
  virtual std::span<const double> adjoint(std::size_t candidate) const = 0;  ///< A^T r, p numbers
};

/// Passes over the measurements themselves. values: y. All three must outlive it. Throws ShapeError
/// unless there are m values.
std::unique_ptr<ResidualOperator> measurement_operator(const MeasurementEnsemble& ensemble,
                                                       std::span<const double> values,
                                                       ThreadTeam& team);

/// What the mean over m Gaussian measurements tends to, every entry observed: |r|^2 = |X - X*|_F^2
/// and A^T r = svec(X - X*), as if by one measurement, so that MatrixSensing's loss is the
/// population loss 1/2 |U U^T - X*|_F^2. truth: X*, (d, d), symmetric. Throws ShapeError.
std::unique_ptr<ResidualOperator> population_operator(MatrixView<const double> truth);

}  // namespace ravine
