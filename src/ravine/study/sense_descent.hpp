#pragma once

#include <span>

#include "ravine/descent/checkpoint.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/descent/run_result.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/study/sense.hpp"

namespace ravine {

/// make_instance() for a run. Throws ConfigError when the rank exceeds the dimension, and as that
/// does.
SensingInstance instance_of(const SenseConfig& config, ThreadTeam& team);

/// The learning rate of a run.
struct StepSize {
  double eta = 0;
  double unit = 1;  ///< the eta that c = 1 stands for
};

StepSize step_size(const SenseConfig& config, const SensingInstance& instance);

/// Descends every member from `parameters`, in place, by the configuration's rule and step_size().
RunResult descend_factors(const SenseConfig& config, const SensingInstance& instance,
                          MatrixSensing& objective, std::span<double> parameters,
                          std::span<Observer<double>* const> observers, ThreadTeam& team,
                          Checkpoints checkpoints = {});

/// Measures distances from X*.
class TruthDistance {
 public:
  /// truth: (d, d), or empty when it is not known. It must outlive the object.
  explicit TruthDistance(std::span<const double> truth);

  bool is_known() const { return !truth_.empty(); }
  double of(MatrixView<const double> x) const;  ///< |x - X*|_F
  double relative(double distance) const { return distance / norm_; }

 private:
  std::span<const double> truth_;
  double norm_;  // |X*|_F
};

/// Ends a member whose relative error is at most the target; a target of 0 is none.
void stop_at_target(double target, double relative_error, std::size_t member, std::int64_t step,
                    StopRequests& requests);

}  // namespace ravine
