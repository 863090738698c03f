#include "ravine/study/sharpness_record.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ravine/base/median.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr LargestOptions kLanczos{.tolerance = 1e-3};
// Beside the vector found before: another eigenvector may have overtaken it.
constexpr double kFresh = 0.1;

}  // namespace

Eigenpair SharpnessTrack::measure(const SymmetricOperator& hessian, std::size_t size,
                                  std::int64_t step, std::optional<double> edge) {
  std::vector<double> start(size);
  RandomStream(seed_, "sharpness start")
      .fill_normal(std::span<double>(start), measurements_.size() * size);
  if (!direction_.empty()) {
    const double length = std::sqrt(squared_norm(std::span<const double>(start)));
    for (double& entry : start) entry *= kFresh / length;
    add_scaled(1.0, std::span<const double>(direction_), start);
  }
  LargestEigenpair found = largest_eigenpair(hessian, start, kLanczos);
  products_ += found.products;
  if (!found.pair.vector.empty()) direction_ = found.pair.vector;
  measurements_.push_back({step, found.pair.value, edge});
  return std::move(found.pair);
}

void SharpnessTrack::exchange_state(StateArchive& state, std::size_t size) {
  state.none_or_all("direction", direction_, size);
  state.number("products", products_);
  std::vector<double> rows;  // NaN: no edge
  for (const Measurement& measurement : measurements_) {
    rows.insert(rows.end(), {static_cast<double>(measurement.step), measurement.sharpness,
                             measurement.edge.value_or(NAN)});
  }
  state.rows("measurements", rows, 3);
  if (!state.restores()) return;
  measurements_.clear();
  for (std::size_t i = 0; i < rows.size(); i += 3) {
    const auto edge = std::isnan(rows[i + 2]) ? std::nullopt : std::optional(rows[i + 2]);
    measurements_.push_back({state.count("measurements", rows[i]), rows[i + 1], edge});
  }
}

Json SharpnessTrack::results() const {
  if (measurements_.empty()) return Json::object();
  const auto largest = std::ranges::max_element(measurements_, {}, &Measurement::sharpness);
  const auto crossed = std::ranges::find_if(measurements_, &Measurement::is_over);
  const Measurement& last = measurements_.back();
  Json results = {{"measurements", measurements_.size()},
                  {"products", products_},
                  {"first", measurements_.front().sharpness},
                  {"last", last.sharpness},
                  {"largest", largest->sharpness},
                  {"largest_step", largest->step},
                  {"edge", last.edge ? Json(*last.edge) : Json(nullptr)},
                  {"crossed_step", nullptr},
                  {"settled_ratio", nullptr}};
  if (crossed == measurements_.end()) return results;
  std::vector<double> ratios;
  for (auto at = crossed; at != measurements_.end(); ++at) {
    ratios.push_back(at->sharpness / at->edge.value());
  }
  results["crossed_step"] = crossed->step;
  results["settled_ratio"] = median(std::move(ratios));
  return results;
}

std::vector<std::string> sharpness_columns(std::vector<std::string> where) {
  where.insert(where.end(), {"sharpness", "residual", "edge"});
  return where;
}

void write_sharpness(CsvWriter& row, const Eigenpair& found, std::optional<double> edge) {
  row.cell(found.value)
      .cell(found.residual)
      .cell(edge.value_or(std::numeric_limits<double>::quiet_NaN()));
  row.end_row();
}

}  // namespace ravine
