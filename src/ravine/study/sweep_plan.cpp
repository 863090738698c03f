#include "ravine/study/sweep_plan.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/study/sense_start.hpp"

namespace ravine {

namespace {

constexpr std::size_t kMostMembers = 64;  // of one descent

/// What cells with one instance have in common.
using InstanceKey =
    std::tuple<RandomSensingConfig, bool, std::optional<std::filesystem::path>,
               std::optional<std::filesystem::path>, std::optional<std::filesystem::path>>;

InstanceKey instance_key(const SenseConfig& config) {
  return {config.instance, config.population, config.measurement_file, config.value_file,
          config.truth_file};
}

bool differ_in_alpha_alone(const SenseConfig& a, SenseConfig b) {
  b.alphas = a.alphas;
  return a == b;
}

/// Whole numbers exactly: a seed may be larger than those that a double holds.
Json json_of(const GridValue& value) {
  if (std::isnan(value.number)) return value.text;
  std::uint64_t whole = 0;
  const char* end = value.text.data() + value.text.size();
  const auto parsed = std::from_chars(value.text.data(), end, whole);
  return parsed.ec == std::errc() && parsed.ptr == end ? Json(whole) : Json(value.number);
}

std::string described(const SweepGrid& grid, const std::vector<std::size_t>& places) {
  std::string text;
  for (std::size_t k = 0; k < grid.keys.size(); ++k) {
    if (!grid.keys[k].is_axis && grid.keys[k].of.empty()) continue;
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", grid.keys[k].name,
                        grid.value(k, places).text);
  }
  return text.empty() ? "the only cell" : "cell " + text;
}

SweepCell make_cell(const SweepGrid& grid, std::size_t index, const SenseTranslator& translate) {
  const std::vector<std::size_t> places = grid.places(index);
  SweepCell cell;
  SenseOptions options;
  for (std::size_t k = 0; k < grid.keys.size(); ++k) {
    const GridKey& key = grid.keys[k];
    const std::string text = grid.value(k, places).text;
    options.emplace_back(key.name, text);
    if (key.is_axis && !key.of.empty()) cell.values.push_back(key.values[places[k]].text);
    if (key.is_axis || !key.of.empty()) cell.values.push_back(text);
  }
  try {
    cell.config = translate(options);
    cell.config.alphas = alphas_of(cell.config);
    check(cell.config);
    OptionCheck demands("sweep");
    demands.demand(cell.config.alphas.size() == 1, "alpha", "one value a cell, [a, b] for several",
                   cell.config.alphas.size());
    demands.demand(!cell.config.uses_files() || cell.config.truth_file, "measurement file",
                   "a truth file with it, to measure errors", "none");
    demands.report();
  } catch (const ConfigError& error) {
    throw ConfigError(fmt::format("{} (sweep, {})", error.what(), described(grid, places)));
  }
  return cell;
}

/// The number of each cell's instance, counted in the order in which they first appear.
std::vector<std::size_t> instance_numbers(const std::vector<SweepCell>& cells) {
  std::map<InstanceKey, std::size_t> known;
  std::vector<std::size_t> numbers;
  for (const SweepCell& cell : cells) {
    numbers.push_back(known.try_emplace(instance_key(cell.config), known.size()).first->second);
  }
  return numbers;
}

/// Brings cells of one instance together and, among them, those that can descend together.
void arrange(SweepPlan& plan) {
  const std::vector<std::size_t> numbers = instance_numbers(plan.cells);
  std::vector<std::size_t> order(plan.cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return numbers[i]; });
  std::vector<SweepCell> cells;
  for (const std::size_t i : order) cells.push_back(std::move(plan.cells[i]));
  plan.cells = std::move(cells);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool same_instance = i > 0 && numbers[order[i]] == numbers[order[i - 1]];
    const bool same_descent = same_instance && plan.descents.back().size() < kMostMembers &&
                              differ_in_alpha_alone(plan.cells[i - 1].config, plan.cells[i].config);
    if (!same_descent) plan.descents.push_back({i, i});
    ++plan.descents.back().end;
    if (same_descent) continue;
    if (!same_instance) plan.instances.push_back({plan.descents.size() - 1, 0});
    plan.instances.back().end = plan.descents.size();
  }
}

}  // namespace

std::string column_of(const GridKey& key) {
  std::string column = key.name == "iterations" ? "iteration_limit" : key.name;
  std::ranges::replace(column, '-', '_');
  return column;
}

std::string multiple_column_of(const GridKey& key) { return column_of(key) + "_multiple"; }

SweepPlan make_sweep_plan(SweepGrid grid, const SenseTranslator& translate) {
  SweepPlan plan{std::move(grid), {}, {}, {}, {}};
  for (const GridKey& key : plan.grid.keys) {
    if (key.is_axis && !key.of.empty()) plan.columns.push_back(multiple_column_of(key));
    if (key.is_axis || !key.of.empty()) plan.columns.push_back(column_of(key));
  }
  for (std::size_t i = 0; i < plan.grid.cell_count(); ++i) {
    plan.cells.push_back(make_cell(plan.grid, i, translate));
  }
  arrange(plan);
  return plan;
}

Json grid_json(const SweepGrid& grid) {
  Json json = Json::object();
  for (const GridKey& key : grid.keys) {
    Json values = Json::array();
    for (const GridValue& value : key.values) {
      values.push_back(json_of(value));
    }
    Json& entry = json[key.name];
    if (key.of.empty()) {
      entry = key.is_axis ? values : values[0];
    } else {
      entry = {{"of", key.of}, {"times", key.is_axis ? values : values[0]}};
    }
  }
  return json;
}

}  // namespace ravine
