#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/objective/chunked_sum.hpp"
#include "ravine/objective/measurement_form.hpp"

namespace ravine {

/// E <A, X>^2 = square |X|_F^2 + trace tr(X)^2 of a random measurement A, for symmetric X.
struct SecondMoment {
  double square = 1;
  double trace = 0;
};

/// Linear measurements <A_i, M> of symmetric d x d matrices, i = 1 .. m. Only the symmetric part of
/// A_i enters, S_i = (A_i + A_i^T) / 2; as svec(S_i) it is a row a_i of p = d (d + 1) / 2 numbers.
/// How the rows are kept is the form's business. Copies share it.
class MeasurementEnsemble {
 public:
  using Rows = std::variant<AlignedBuffer<float>, AlignedBuffer<double>>;

  /// rows: (m, p). Throws ShapeError unless d and m are at least 1 and rows are m * p numbers.
  MeasurementEnsemble(std::size_t dimension, std::size_t count, Rows rows);

  /// By a form for d x d matrices. Throws ShapeError unless d and m are at least 1.
  MeasurementEnsemble(std::size_t dimension, std::shared_ptr<const MeasurementForm> form,
                      SecondMoment second_moment = {});

  /// No measurements at all of d x d matrices. d: at least 1.
  static MeasurementEnsemble none(std::size_t dimension);

  /// A_i with i.i.d. N(0, 1) entries. svec of the symmetric part then has i.i.d. N(0, 1) entries
  /// itself: its diagonal entries are A_jj, its others sqrt 2 (A_jk + A_kj) / 2, normal with
  /// variance 2 (1 + 1) / 4 = 1, and no two of them share an entry of A. So p numbers a row are
  /// drawn, as float32, which is then their exact value.
  static MeasurementEnsemble gaussian(std::size_t dimension, std::size_t count, std::uint64_t seed,
                                      ThreadTeam& team);

  std::size_t dimension() const { return dimension_; }
  std::size_t count() const { return form_->count(); }
  std::size_t unknowns() const;  ///< p
  const MeasurementForm& form() const { return *form_; }
  const SecondMoment& second_moment() const { return second_moment_; }

 private:
  MeasurementEnsemble() = default;

  std::size_t dimension_ = 0;
  std::shared_ptr<const MeasurementForm> form_;
  SecondMoment second_moment_;
};

/// Throws ShapeError unless x, (K, p), has at least `linear` rows.
void check_candidates(std::string_view component, MatrixView<const double> x, std::size_t p,
                      std::size_t linear);

/// What a pass by factors leaves of a candidate, r its residuals.
struct FactoredResidual {
  double square = 0;  ///< |r|^2
  /// 2 sum_i r_i S_i U, or with a direction V 2 sum_i (<S_i, U V^T + V U^T> S_i U + r_i S_i V):
  /// (d, R).
  std::span<const double> product;
};

/// Residuals and adjoints of K candidates over a whole ensemble:
///   residuals(k, i) = <a_i, x(k, :)> - values[i],   adjoint(k, :) = sum_i residuals(k, i) a_i.
/// Rows are cut into a fixed number of chunks whose adjoints a binary tree adds up: the same bits
/// for any team size.
class EnsemblePass {
 public:
  EnsemblePass(const MeasurementEnsemble& ensemble, ThreadTeam& team);

  /// values: m numbers, or empty for zeros; x: (K, p), quickest with rows spaced_stride(p) apart.
  /// The last `linear` candidates are measured against zeros in any case. Throws ShapeError.
  void run(std::span<const double> values, MatrixView<const double> x, std::size_t linear = 0);

  /// The same of candidates without gaps, K p numbers.
  void run(std::span<const double> values, std::span<const double> x, std::size_t linear = 0);

  /// The same of candidates U U^T by their factors, for a form that takes them; leaves what
  /// factored() returns. values as above. Throws ShapeError.
  void run_factored(std::span<const double> values, std::span<const Factor> factors);

  /// A^T values, p numbers: sum_i values[i] a_i. Takes the place of the last run(). Throws
  /// ShapeError.
  std::vector<double> adjoint_of(std::span<const double> values);

  std::span<const double> residuals(std::size_t candidate) const;  ///< m numbers
  std::span<const double> adjoint(std::size_t candidate) const;    ///< p numbers
  FactoredResidual factored(std::size_t candidate) const;

 private:
  void check_values(std::span<const double> values) const;
  template <class PassChunk>
  void add_up(std::size_t size, const PassChunk& pass_chunk);
  void pass_rows(IndexRange rows, std::span<const double> values, MatrixView<const double> x,
                 std::size_t first, std::span<double> adjoints);

  const MeasurementEnsemble& ensemble_;
  ThreadTeam& team_;
  std::size_t stride_;  // of the adjoints
  std::vector<double> zeros_;
  AlignedBuffer<double> residuals_;   // (K, m)
  ChunkedSum sum_;                    // of adjoint_
  AlignedBuffer<double> adjoint_;     // (K, p), spaced; or the sums of factored candidates
  std::vector<IndexRange> factored_;  // of each factored candidate in adjoint_
};

}  // namespace ravine
