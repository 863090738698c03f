#include "ravine/diagnosis/explanation.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ravine {

namespace {

constexpr std::size_t kMostRows = 8;  // of the table of layers
constexpr std::size_t kMostAdvice = 3;

/// "layer1", "layer1 and layer2", "layer1 to layer9 (9 layers)".
std::string names_text(const std::vector<std::string>& names) {
  if (names.size() == 1) return names[0];
  if (names.size() == 2) return names[0] + " and " + names[1];
  return fmt::format("{} to {} ({} layers)", names.front(), names.back(), names.size());
}

std::string norm_text(double norm) {
  return std::isfinite(norm) ? fmt::format("{:.3g}", norm) : "-";
}

std::string percent(double share) { return share > 0 ? fmt::format("{:.3g} %", 100 * share) : "-"; }

std::string layer_table(const Measures& m) {
  std::size_t width = 5;
  for (const LayerMeasures& layer : m.layers) width = std::max(width, layer.name.size());
  width = std::min<std::size_t>(width, 32);
  std::string text = fmt::format("  {:<{}}{:>11}{:>11}{:>11}{:>9}{:>9}\n", "layer", width, "start",
                                 "median", "end", "zero", "spikes");
  const std::size_t count = m.layers.size();
  for (std::size_t l = 0; l < count; ++l) {
    if (count > kMostRows + 1 && l == kMostRows / 2) {
      text += fmt::format("  ... {} more\n", count - kMostRows);
      l = count - kMostRows / 2;
    }
    const LayerMeasures& layer = m.layers[l];
    text +=
        fmt::format("  {:<{}}{:>11}{:>11}{:>11}{:>9}{:>9}\n", layer.name.substr(0, width), width,
                    norm_text(layer.start), norm_text(layer.median), norm_text(layer.end),
                    percent(layer.zero_share), percent(layer.spike_share));
  }
  return text;
}

std::string slope_text(std::string_view where, std::string_view what, double ratio,
                       const Slope& slope) {
  std::string text =
      fmt::format("{}: first to last {:.3g}, log10 {} {:+.3g} a layer towards the output", where,
                  ratio, what, slope.value);
  if (std::isfinite(slope.low)) {
    text += fmt::format(" (95 % interval {:+.3g} to {:+.3g})", slope.low, slope.high);
  }
  return text + "\n";
}

/// "columns not taken for layers: epoch, time and 3 more".
std::string columns_text(const std::vector<std::string>& columns) {
  if (columns.empty()) return "";
  return fmt::format("columns not taken for layers: {}\n", first_names(columns, 8));
}

std::string depth_text(const Measures& m) {
  std::string text;
  if (std::isfinite(m.depth.value)) {
    text = slope_text("over depth", "norm", m.first_to_last_ratio, m.depth);
  }
  if (std::isfinite(m.signal_depth.value)) {
    text += slope_text("backpropagated", "signal", m.signal_ratio, m.signal_depth);
  }
  return text;
}

}  // namespace

std::string explain(const Diagnosis& d) {
  std::string text = fmt::format(
      "verdict: {} ({} confidence, {}, {})\n", name_of(d.verdict), name_of(d.confidence),
      counted(std::ssize(d.measures.layers), "layer"), counted(d.measures.steps, "step"));
  for (const std::string& reason : d.reasons) text += fmt::format("  {}\n", reason);
  text += layer_table(d.measures) + depth_text(d.measures) + columns_text(d.columns_left_out);
  if (!d.layers.empty()) text += fmt::format("layers concerned: {}\n", names_text(d.layers));
  if (!d.cause.empty()) text += fmt::format("likely cause: {}\n", d.cause);
  if (!d.advice.empty()) text += "what to try:\n";
  for (std::size_t i = 0; i < std::min(kMostAdvice, d.advice.size()); ++i) {
    const Advice& advice = d.advice[i];
    text +=
        fmt::format("  {}. {}: {} ({})\n", i + 1, advice.action, advice.reason, advice.reference);
  }
  return text;
}

}  // namespace ravine
