#include "ravine/diagnosis/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

constexpr double kRatio = 100;      // first to last layer, either way
constexpr double kLargeNorm = 100;  // a reference network's largest is below 2
constexpr double kTinyNorm =
    1e-6;  // at rate 0.01 such a gradient moves no float32 weight of size 0.1

double median(std::vector<double> values) {
  std::erase_if(values, [](double x) { return !std::isfinite(x); });
  if (values.empty()) return std::numeric_limits<double>::infinity();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Slope of log10 values[i] against i; values of 0 count as the smallest positive number.
double log10_slope(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double sum_xy = 0, sum_xx = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = static_cast<double>(i) - (n - 1) / 2;
    const double y = std::log10(std::clamp(values[i], std::numeric_limits<double>::min(),
                                           std::numeric_limits<double>::max()));
    sum_xy += x * y;
    sum_xx += x * x;
  }
  return sum_xx > 0 ? sum_xy / sum_xx : 0;
}

void judge(Diagnosis& d, bool diverged, bool all_finite) {
  const double largest = std::ranges::max(d.median_norms);
  const auto say = [&](Verdict verdict, std::string reason) {
    if (d.reasons.empty()) d.verdict = verdict;
    d.reasons.push_back(std::move(reason));
  };
  if (diverged) say(Verdict::exploding, "the loss grew without bound and training diverged");
  if (!all_finite) say(Verdict::exploding, "some gradient norms are not finite numbers");
  if (d.first_to_last_ratio > kRatio) {
    say(Verdict::exploding,
        fmt::format(
            "the first layer's gradient is {:.3g} times the last layer's: it grows on its way back",
            d.first_to_last_ratio));
  }
  if (largest > kLargeNorm) {
    say(Verdict::exploding, fmt::format("the largest median norm is {:.3g}", largest));
  }
  if (d.first_to_last_ratio < 1 / kRatio) {
    say(Verdict::vanishing,
        fmt::format("the first layer's gradient is {:.3g} times the last layer's: it shrinks by a "
                    "factor {:.3g} a layer on its way back",
                    d.first_to_last_ratio, std::pow(10, d.log10_slope_per_layer)));
  }
  if (largest < kTinyNorm) {
    say(Verdict::vanishing, fmt::format("no layer's median norm exceeds {:.3g}", largest));
  }
  if (d.reasons.empty()) {
    say(Verdict::healthy,
        fmt::format(
            "every layer's median norm lies between {:.3g} and {:.3g}, first to last ratio {:.3g}",
            std::ranges::min(d.median_norms), largest, d.first_to_last_ratio));
  }
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return "healthy";
    case Verdict::vanishing:
      return "vanishing";
    case Verdict::exploding:
      return "exploding";
  }
  return "";
}

Diagnosis diagnose(std::span<const std::vector<double>> norms, bool diverged) {
  if (norms.empty() || norms[0].empty() ||
      std::ranges::any_of(norms, [&](const auto& of) { return of.size() != norms[0].size(); })) {
    throw ShapeError(error_text("diagnosis", "gradient norms", "one series of equal length a layer",
                                "none, or unequal ones"));
  }
  Diagnosis d;
  bool all_finite = true;
  for (const std::vector<double>& of_layer : norms) {
    d.median_norms.push_back(median(of_layer));
    all_finite &= std::ranges::all_of(of_layer, [](double x) { return std::isfinite(x); });
  }
  const double last = d.median_norms.back();
  const double first = d.median_norms.front();
  d.first_to_last_ratio = last > 0 ? first / last : (first > 0 ? INFINITY : 1);
  d.log10_slope_per_layer = log10_slope(d.median_norms);
  judge(d, diverged, all_finite);
  return d;
}

}  // namespace ravine
