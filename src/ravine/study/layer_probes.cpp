#include "ravine/study/layer_probes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "ravine/record/csv_table.hpp"

namespace ravine {

namespace {

/// Mean of the finite values in the rows of one layer, NaN for none.
double mean_of(const std::vector<double>& values, const std::vector<std::string>& layers,
               const std::string& layer) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (layers[row] != layer || !std::isfinite(values[row])) continue;
    sum += values[row];
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : NAN;
}

/// Last over first of the values in the rows of one layer, NaN for one row.
double left_of(const std::vector<double>& values, const std::vector<std::string>& layers,
               const std::string& layer) {
  const auto first = std::ranges::find(layers, layer) - layers.begin();
  const auto last = layers.rend() - std::ranges::find(layers.rbegin(), layers.rend(), layer) - 1;
  return first < last
             ? values[static_cast<std::size_t>(last)] / values[static_cast<std::size_t>(first)]
             : NAN;
}

}  // namespace

std::vector<LayerProbes> read_layer_probes(const std::filesystem::path& folder, std::size_t depth) {
  const std::filesystem::path file = folder / "layer_epochs.csv";
  if (!std::filesystem::exists(file)) return {};
  const CsvTable table = CsvTable::read(file);
  const std::vector<std::string> layers = table.texts("layer");
  std::vector<LayerProbes> probes(depth);
  const auto take = [&](const char* column, double LayerProbes::*number, bool geometric) {
    if (!table.has_column(column)) return;
    std::vector<double> values = table.numbers(column);
    for (double& value : values) {
      if (geometric) value = std::log(std::max(value, std::numeric_limits<double>::min()));
    }
    for (std::size_t l = 0; l < depth; ++l) {
      const double mean = mean_of(values, layers, fmt::format("layer{}", l + 1));
      probes[l].*number = geometric ? std::exp(mean) : mean;
    }
  };
  take("signal_rms", &LayerProbes::signal_rms, true);
  take("saturated_share", &LayerProbes::saturated_share, false);
  take("dead_share", &LayerProbes::dead_share, false);
  take("update_ratio", &LayerProbes::update_ratio, false);
  if (!table.has_column("weight_norm")) return probes;
  const std::vector<double> norms = table.numbers("weight_norm");
  for (std::size_t l = 0; l < depth; ++l) {
    probes[l].weight_left = left_of(norms, layers, fmt::format("layer{}", l + 1));
  }
  return probes;
}

}  // namespace ravine
