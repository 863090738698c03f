#include "ravine/optimizer/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ravine {

double LearningRateSchedule::rate(double eta, std::int64_t step) const {
  if (step < warm_up) {
    return eta * static_cast<double>(step + 1) / static_cast<double>(warm_up + 1);
  }
  const auto t = static_cast<double>(step - warm_up);
  switch (kind) {
    case Schedule::constant:
      return eta;
    case Schedule::step:
      return eta * std::pow(drop_factor, std::floor(t / static_cast<double>(period)));
    case Schedule::cosine: {
      const auto length = static_cast<double>(std::max<std::int64_t>(end - warm_up, 1));
      const double angle = std::numbers::pi * std::min(t / length, 1.0);
      return end_rate + (eta - end_rate) * (1 + std::cos(angle)) / 2;
    }
  }
  return eta;
}

}  // namespace ravine
