#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "ravine/data/state_archive.hpp"
#include "ravine/descent/run_result.hpp"

namespace ravine {

/// Everything known at a step after the loss and gradient were computed and before the parameters
/// move, or as if before. Views are valid during the call only.
template <class T>
struct StepEvent {
  std::int64_t step = 0;                   ///< updates made before this evaluation, from 0
  std::int64_t epoch = 0;                  ///< from 0; always 0 where the objective has no epochs
  double learning_rate = 0;                ///< of the update that follows
  double elapsed_seconds = 0;              ///< since the descent began
  std::span<const double> losses;          ///< one a member
  std::span<const double> gradient_norms;  ///< Frobenius norm of each block's gradient
  std::span<const double> clipped_norms;   ///< the same after clipping; equal where it is off
  std::span<const std::uint8_t> active;    ///< one flag a member; the others ended earlier
  std::span<const T> parameters;           ///< flat; empty where no observer looks at them before
                                           ///< the update
  std::span<const T> gradient;             ///< flat, after clipping
  /// Inner product of each block's gradient with that of the step before, both after clipping;
  /// empty at step 0 and where no observer compares them.
  std::span<const double> gradient_products;
  /// Frobenius norm of each block's parameters; empty where no observer weighs them.
  std::span<const double> parameter_norms;
  /// Frobenius norm of each block's last update, W_t - W_{t-1}; of a GradientFollowingRule the
  /// learning rate times that of the gradient, of which rounding may have kept some, or all, from
  /// the parameters. Empty at step 0, where no observer measures it, and under rules that are not
  /// StepRules.
  std::span<const double> update_norms;
};

/// After the last update of an epoch.
template <class T>
struct EpochEvent {
  std::int64_t epoch = 0;  ///< from 0
  double elapsed_seconds = 0;
  std::span<const T> parameters;
};

/// What an observer may ask of the loop. The first request for a member stands.
class StopRequests {
 public:
  explicit StopRequests(std::span<MemberResult> members) : members_(members) {}

  void stop_member(std::size_t member, Termination reason, std::string message) {
    MemberResult& result = members_[member];
    if (result.termination != Termination::not_started) return;
    result.termination = reason;
    result.message = std::move(message);
  }
  void stop_all(Termination reason, const std::string& message) {
    for (std::size_t k = 0; k < members_.size(); ++k) stop_member(k, reason, message);
  }

 private:
  std::span<MemberResult> members_;
};

/// Watches a descent. Knows what it does with what it sees; the loop does not.
template <class T>
class Observer {
 public:
  virtual ~Observer() = default;
  /// Whether it wants this step's parameters, or may stop a member at them. Where no observer does,
  /// they mostly move before on_step(), as one pass then makes the update and finds all norms; who
  /// stops a member all the same stops it after this step's update.
  virtual bool looks_before_update(std::int64_t /*step*/) const { return true; }
  /// Whether it wants the gradient of this step compared with the one before. The last gradient is
  /// kept throughout if anybody says so of step 0.
  virtual bool compares_gradients(std::int64_t /*step*/) const { return false; }
  /// Whether it wants the norms of this step's parameters, and of the update that led to them.
  virtual bool weighs_parameters(std::int64_t /*step*/) const { return false; }
  virtual bool measures_update(std::int64_t /*step*/) const { return false; }
  virtual void on_step(const StepEvent<T>&, StopRequests&) {}
  virtual void on_epoch_end(const EpochEvent<T>&, StopRequests&) {}
  /// Saves or restores what it keeps between steps, after all events of a step.
  virtual void exchange_state(StateArchive&) {}
};

}  // namespace ravine
