#pragma once

#include <cstddef>
#include <span>

#include "ravine/base/matrix_view.hpp"
#include "ravine/base/thread_team.hpp"

namespace ravine {

/// A candidate X = U U^T by its factor, and the direction V of a Hessian product where one is asked
/// for.
struct Factor {
  MatrixView<const double> u;  ///< (d, R)
  MatrixView<const double> v;  ///< (d, R), or without data
};

/// How an ensemble keeps its m measurements a_i = svec(S_i): stored, or made when they are used.
/// Members of a team call it for different measurements at once.
class MeasurementForm {
 public:
  virtual ~MeasurementForm() = default;

  virtual std::size_t count() const = 0;  ///< m

  /// One pass over some of the measurements for K candidates:
  ///   residuals(k, i) = <a_i, x(k, :)> - values[i],   adjoints(k, :) += sum_i residuals(k, i) a_i.
  /// values: rows.size(); x, adjoints: (K, p); residuals: (K, rows.size()). The bits of a candidate
  /// do not depend on the others.
  virtual void pass(IndexRange rows, std::span<const double> values, MatrixView<const double> x,
                    MatrixView<double> residuals, MatrixView<double> adjoints) const = 0;

  /// out(i, :) <- a_{first + i}. out: (any number, p).
  virtual void copy_rows(std::size_t first, MatrixView<double> out) const = 0;

  /// Whether candidates are better given by their factors, to pass_factors().
  virtual bool takes_factors() const { return false; }

  /// One pass over some of the measurements for candidates U U^T, r_i their residuals. For each of
  /// them `sums` has d R + 1 numbers, to which it adds 2 sum_i r_i S_i U, (d, R), or where there is
  /// a V
  ///   2 sum_i ( <S_i, U V^T + V U^T> S_i U + r_i S_i V ),
  /// and sum_i r_i^2. Only where takes_factors() says so.
  virtual void pass_factors(IndexRange, std::span<const double> /*values*/, std::span<const Factor>,
                            std::span<double> /*sums*/) const {}

  /// Into how many chunks a team cuts the measurements, a power of two. Every chunk has a sum of
  /// its own, which takes as long as some measurements do.
  virtual std::size_t chunks() const { return count() < 4000 ? 8 : 16; }

  /// Bytes of a number of the rows, 0 when no rows are stored.
  virtual std::size_t stored_number_size() const { return 0; }
};

}  // namespace ravine
