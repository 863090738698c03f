#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ravine/descent/observer.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/optimizer/rule_catalogue.hpp"
#include "ravine/study/network_curvature.hpp"
#include "ravine/study/sharpness_record.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// Writes sharpness.csv while factors are descended: every member's, at every `every`-th iteration,
/// of the loss of all measurements.
class SenseSharpness : public Observer<double> {
 public:
  /// seed: the run's. alphas: one a member, as printed. What is given by reference must outlive it.
  SenseSharpness(std::uint64_t seed, MatrixSensing& objective, std::span<const std::string> alphas,
                 std::int64_t every, SensingRule rule, const StudyContext& context);

  void on_step(const StepEvent<double>& event, StopRequests& requests) override;
  void exchange_state(StateArchive& state) override;
  /// Throws IoError when anything did not reach the disk.
  void close() { table_.close(); }
  const std::vector<SharpnessTrack>& members() const { return members_; }

 private:
  SymmetricOperator hessian_of(std::size_t member, std::span<const double> parameters);

  MatrixSensing& objective_;
  std::span<const std::string> alphas_;
  std::int64_t every_;
  SensingRule rule_;
  CsvWriter table_;
  std::vector<SharpnessTrack> members_;
  std::vector<double> direction_, product_;  // flat, of all members
};

/// The same while a network trains, of the mean loss over the first samples of its training set.
class TrainSharpness : public Observer<float> {
 public:
  /// `problem` and `context` must outlive it.
  TrainSharpness(std::uint64_t seed, const TrainingProblem& problem, std::size_t samples,
                 std::int64_t every, TrainingRule rule, const StudyContext& context);

  bool looks_before_update(std::int64_t step) const override { return step % every_ == 0; }
  void on_step(const StepEvent<float>& event, StopRequests& requests) override;
  void exchange_state(StateArchive& state) override;
  void close() { table_.close(); }
  /// SharpnessTrack's, with the number of samples.
  Json results() const;
  double seconds() const { return seconds_; }

 private:
  NetworkCurvature curvature_;
  std::int64_t every_;
  TrainingRule rule_;
  CsvWriter table_;
  SharpnessTrack track_;
  double seconds_ = 0;
};

}  // namespace ravine
