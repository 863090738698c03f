#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/objective/chunked_sum.hpp"

namespace ravine {

/// Linear measurements <A_i, M> of symmetric d x d matrices, i = 1 .. m. Only the symmetric part of
/// A_i enters; it is kept as a row svec((A_i + A_i^T) / 2) of p = d (d + 1) / 2 numbers.
class MeasurementEnsemble {
 public:
  using Rows = std::variant<AlignedBuffer<float>, AlignedBuffer<double>>;

  /// rows: (m, p). Throws ShapeError unless d and m are at least 1 and rows are m * p numbers.
  MeasurementEnsemble(std::size_t dimension, std::size_t count, Rows rows);

  /// A_i with i.i.d. N(0, 1) entries. svec of the symmetric part then has i.i.d. N(0, 1) entries
  /// itself: its diagonal entries are A_jj, its others sqrt 2 (A_jk + A_kj) / 2, normal with
  /// variance 2 (1 + 1) / 4 = 1, and no two of them share an entry of A. So p numbers a row are
  /// drawn, as float32, which is then their exact value.
  static MeasurementEnsemble gaussian(std::size_t dimension, std::size_t count, std::uint64_t seed,
                                      ThreadTeam& team);

  std::size_t dimension() const { return dimension_; }
  std::size_t count() const { return count_; }
  std::size_t unknowns() const;  ///< p
  const Rows& rows() const { return rows_; }

 private:
  std::size_t dimension_;
  std::size_t count_;
  Rows rows_;
};

/// Residuals and adjoints of K candidates over a whole ensemble:
///   residuals(k, i) = <a_i, x(k, :)> - values[i],   adjoint(k, :) = sum_i residuals(k, i) a_i.
/// Rows are cut into a fixed number of chunks whose adjoints are added in order: the same bits for
/// any team size.
class EnsemblePass {
 public:
  EnsemblePass(const MeasurementEnsemble& ensemble, ThreadTeam& team);

  /// values: m numbers, or empty for zeros; x: (K, p), row-major without gaps. The last `linear`
  /// candidates are measured against zeros in any case. Throws ShapeError.
  void run(std::span<const double> values, std::span<const double> x, std::size_t linear = 0);

  /// A^T values, p numbers: sum_i values[i] a_i. Takes the place of the last run(). Throws
  /// ShapeError.
  std::vector<double> adjoint_of(std::span<const double> values);

  std::span<const double> residuals(std::size_t candidate) const;  ///< m numbers
  std::span<const double> adjoint(std::size_t candidate) const;    ///< p numbers

 private:
  void check_shapes(std::span<const double> values, std::span<const double> x,
                    std::size_t linear) const;
  void pass_rows(IndexRange rows, std::span<const double> values, MatrixView<const double> x,
                 std::size_t first, std::span<double> adjoints);

  const MeasurementEnsemble& ensemble_;
  ThreadTeam& team_;
  std::vector<double> zeros_;
  AlignedBuffer<double> residuals_;  // (K, m)
  ChunkedSum sum_;                   // of adjoints, (K, p)
  AlignedBuffer<double> adjoint_;    // (K, p)
};

}  // namespace ravine
