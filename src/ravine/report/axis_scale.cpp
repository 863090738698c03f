#include "ravine/report/axis_scale.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ravine/report/number_text.hpp"

namespace ravine::report {

namespace {

constexpr double kRoom = 0.04;  // of the span, at each end
// An axis keeps away from the ends of what a double can hold, its room included.
constexpr double kLargestDecade = 280.0;
constexpr double kLargestValue = 1e300;

AxisRange widened(double low, double high, double least_span) {
  if (high - low < least_span) {
    const double middle = 0.5 * (low + high);
    low = middle - 0.5 * least_span;
    high = middle + 0.5 * least_span;
  }
  const double room = kRoom * (high - low);
  return {low - room, high + room};
}

std::string power_of_ten(int exponent) {
  if (exponent == 0) return "1";
  return fmt::format("10^{{{}}}", with_minus_sign(fmt::format("{}", exponent)));
}

std::string log_label(int mantissa, int exponent) {
  if (exponent >= -3 && exponent <= 3) {
    return fixed_text(mantissa * std::pow(10.0, exponent), std::max(0, -exponent));
  }
  if (mantissa == 1) return power_of_ten(exponent);
  return fmt::format("{}·{}", mantissa, power_of_ten(exponent));
}

// The round step (1, 2 or 5 times a power of ten) that is not below `step`.
double round_step(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step * (1.0 - 1e-9)) return factor * power;
  }
  return 10.0 * power;
}

std::vector<Tick> linear_ticks(const AxisRange& range, int wanted, bool whole) {
  double step = round_step((range.high - range.low) / wanted);
  if (whole) step = std::max(1.0, std::round(step));
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  const bool plain = decimals <= 6 && std::max(std::abs(range.low), std::abs(range.high)) < 1e7;
  std::vector<Tick> ticks;
  for (double k = std::ceil(range.low / step); k * step <= range.high; ++k) {
    const double value = k * step;
    ticks.push_back({value, plain ? fixed_text(value, decimals)
                                  : with_minus_sign(fmt::format("{:.3g}", value))});
  }
  return ticks;
}

// Powers of ten, at most `wanted` of them; where each has its tick, 2 to 9 times it get small ones.
std::vector<Tick> decade_ticks(const AxisRange& range, int first, int last, int wanted) {
  int every = 1;
  for (const int wider : {2, 3, 4, 5, 10, 20, 50, 100}) {
    if ((last - first) / every + 1 > wanted) every = wider;
  }
  std::vector<Tick> ticks;
  for (int exponent = first - 1; exponent <= last; ++exponent) {
    const double power = std::pow(10.0, exponent);
    if (exponent >= first && exponent % every == 0)
      ticks.push_back({power, power_of_ten(exponent)});
    for (int multiple = 2; every == 1 && multiple <= 9; ++multiple) {
      const double value = multiple * power;
      if (value > range.low && value < range.high) ticks.push_back({value, "", true});
    }
  }
  return ticks;
}

std::vector<Tick> log_ticks(const AxisRange& range, int wanted) {
  const double low = std::log10(range.low);
  const double high = std::log10(range.high);
  const int first = static_cast<int>(std::ceil(low - 1e-9));
  const int last = static_cast<int>(std::floor(high + 1e-9));
  if (last - first >= 3) return decade_ticks(range, first, last, wanted);
  std::vector<int> mantissas{1, 2, 5};
  if (high - low < 1.0) mantissas = {1, 2, 3, 4, 5, 6, 8};
  std::vector<Tick> ticks;
  for (int exponent = static_cast<int>(std::floor(low)); exponent <= last; ++exponent) {
    for (const int mantissa : mantissas) {
      const double value = mantissa * std::pow(10.0, exponent);
      if (value < range.low || value > range.high) continue;
      ticks.push_back({value, log_label(mantissa, exponent)});
    }
  }
  // A range too narrow for two round values is shown like a linear one.
  return ticks.size() >= 2 ? ticks : linear_ticks(range, wanted, false);
}

}  // namespace

AxisRange range_of(const std::vector<double>& values, Scale scale) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (double value : values) {
    if (!std::isfinite(value) || (scale == Scale::kLog10 && value <= 0.0)) continue;
    value = scale == Scale::kLog10 ? std::clamp(std::log10(value), -kLargestDecade, kLargestDecade)
                                   : std::clamp(value, -kLargestValue, kLargestValue);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const bool none = low > high;
  if (scale == Scale::kLog10) {
    if (none) return {0.1, 10.0};
    const AxisRange decades = widened(low, high, 0.1);
    return {std::pow(10.0, decades.low), std::pow(10.0, decades.high)};
  }
  if (none || (low == 0.0 && high == 0.0)) return {0.0, 1.0};
  return widened(low, high, std::max(1e-12, 1e-3 * std::max(std::abs(low), std::abs(high))));
}

double position_in(const AxisRange& range, Scale scale, double value) {
  if (scale == Scale::kLinear) return (value - range.low) / (range.high - range.low);
  if (!(value > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  return std::log(value / range.low) / std::log(range.high / range.low);
}

std::vector<Tick> ticks_for(const AxisRange& range, Scale scale, int wanted, bool whole) {
  return scale == Scale::kLog10 ? log_ticks(range, wanted) : linear_ticks(range, wanted, whole);
}

}  // namespace ravine::report
