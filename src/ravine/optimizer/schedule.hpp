#pragma once

#include <cstdint>
#include <string_view>

#include "ravine/base/named.hpp"

namespace ravine {

/// How the learning rate goes on after the warm-up.
enum class Schedule {
  constant,  ///< eta
  step,      ///< eta gamma^floor(t / period): torch.optim.lr_scheduler.StepLR
  cosine     ///< from eta to eta_end along half a cosine (Loshchilov and Hutter 2017, equation 5,
             ///< without restarts): torch.optim.lr_scheduler.CosineAnnealingLR
};

inline constexpr Named<Schedule> kSchedules[] = {
    {"constant", Schedule::constant}, {"step", Schedule::step}, {"cosine", Schedule::cosine}};

constexpr std::string_view name_of(Schedule schedule) { return name_in(kSchedules, schedule); }

/// The learning rate of every step, for any rule. During the warm-up of W steps (Goyal et al. 2017)
/// it is eta (step + 1) / (W + 1), which is torch's LinearLR with start_factor = 1 / (W + 1) and
/// total_iters = W; then the schedule begins with t = step - W = 0, as after a milestone of torch's
/// SequentialLR. The default is eta itself.
struct LearningRateSchedule {
  Schedule kind = Schedule::constant;
  std::int64_t warm_up = 0;  ///< W, at least 0
  std::int64_t period = 1;   ///< step: updates between drops, at least 1
  double drop_factor = 0.1;  ///< step: gamma
  std::int64_t end = 0;      ///< cosine: updates until eta_end is reached, warm-up included
  double end_rate = 0;       ///< cosine: eta_end

  /// Of the update after `step` earlier ones, for the base rate eta.
  double rate(double eta, std::int64_t step) const;
};

}  // namespace ravine
