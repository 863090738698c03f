#include "ravine/diagnosis/depth_pattern.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ravine/base/median.hpp"
#include "ravine/diagnosis/rules.hpp"

namespace ravine {

namespace {

/// log10 of the median norms from first to last end; layers without a norm are left out.
std::vector<double> log10_medians(const Measures& m, std::size_t first, std::size_t last) {
  std::vector<double> logs;
  for (std::size_t l = first; l <= last; ++l) {
    const double norm = m.layers[l].median;
    if (std::isfinite(norm) && norm > 0) logs.push_back(std::log10(norm));
  }
  return logs;
}

bool is_ordinary(double ratio) { return ratio >= kShrinkingRatio && ratio <= kGrowingRatio; }

std::string ends_text(const Measures& m) {
  if (m.first_end == 0 && m.last_end == m.layers.size() - 1) {
    return fmt::format("the first layer's norm is {:.3g} times the last's", m.first_to_last_ratio);
  }
  return fmt::format("the norm of {} is {:.3g} times that of {} (layers without one left out)",
                     m.layers[m.first_end].name, m.first_to_last_ratio, m.layers[m.last_end].name);
}

}  // namespace

bool follows_depth(const Measures& m) {
  return m.first_to_last_ratio < 1 ? m.depth.low > 0 : m.depth.high < 0;
}

std::optional<std::size_t> odd_end(const Measures& m) {
  const std::vector<double> logs = log10_medians(m, m.first_end, m.last_end);
  if (logs.size() < 3) return std::nullopt;
  const double middle = median(logs);
  const bool is_first = std::abs(logs.front() - middle) > std::abs(logs.back() - middle);
  const double first = is_first ? logs[1] : logs.front();
  const double last = is_first ? logs.back() : logs[logs.size() - 2];
  if (!is_ordinary(std::pow(10, first - last))) return std::nullopt;
  return is_first ? m.first_end : m.last_end;
}

std::string ratio_text(const Measures& m) {
  std::string text = ends_text(m);
  if (follows_depth(m)) {
    return text + fmt::format(": the gradient {} {:.3g}{} a layer on its way back",
                              m.first_to_last_ratio < 1 ? "shrinks to" : "grows by a factor",
                              std::pow(10, -m.depth.value),
                              m.first_to_last_ratio < 1 ? " of itself" : "");
  }
  const auto odd = odd_end(m);
  if (!odd) return text + ", but norms neither shrink nor grow evenly over depth";
  const double middle = median(log10_medians(m, m.first_end, m.last_end));
  return text + fmt::format(
                    ": {} alone differs, with {:.3g} times the median layer's norm; over the "
                    "other layers there is no such change",
                    m.layers[*odd].name, m.layers[*odd].median / std::pow(10, middle));
}

}  // namespace ravine
