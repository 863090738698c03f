#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ravine/descent/observer.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/network_curvature.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// Spectra of a network in training, into tables of the run folder: singular values of every weight
/// matrix and of the end-to-end Jacobian before training and after every epoch; the ends of the
/// Hessian's spectrum before and after training; and a slice of the loss around where it ended,
/// along two filter-normalised random directions.
class SpectrumRecorder : public Observer<float> {
 public:
  /// Jacobian, Hessian and slice are those of the first `samples` of the training set. `problem`
  /// and `context` must outlive this. Throws IoError.
  SpectrumRecorder(const TrainingProblem& problem, std::size_t samples, std::uint64_t seed,
                   const StudyContext& context);

  bool looks_before_update(std::int64_t) const override { return false; }
  void on_epoch_end(const EpochEvent<float>& event, StopRequests& requests) override;
  void exchange_state(StateArchive& state) override;

  /// Before a descent that begins, and after it. The second closes the tables, and leaves out the
  /// end of a descent that diverged. Throws IoError.
  void start(std::span<const float> parameters);
  void finish(std::span<const float> parameters, bool diverged);

  /// {samples, hessian: [{epoch, largest, smallest, largest_residual, smallest_residual,
  /// converged}]}, non-finite numbers null.
  Json results() const;

 private:
  void record_spectra(std::int64_t epoch, std::span<const float> parameters);
  void record_jacobian(std::int64_t epoch, std::span<const double> parameters);
  void record_curvature(std::span<const float> parameters);
  void record_slice(std::span<const float> parameters);

  const StudyContext& context_;
  std::uint64_t seed_;
  NetworkCurvature curvature_;
  std::int64_t epoch_ = 0;
  CsvWriter weights_;
  CsvWriter jacobian_;
  CsvWriter hessian_;
  CsvWriter slice_;
  std::vector<double> curvatures_;  // rows of what results() says of each
};

}  // namespace ravine
