#include "ravine/study/sensing_operator.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ravine/objective/normal_operator.hpp"
#include "ravine/objective/svec.hpp"

namespace ravine {

namespace {

// Of one core.
constexpr double kBytesPerSecond = 30e9;
constexpr double kSinglePassFlops = 90e9;  // of a pass over float32 numbers in cache
constexpr double kDoublePassFlops = 60e9;  // the same over float64 numbers
constexpr double kProductFlops = 100e9;    // of the matrix product that makes N

double pass_seconds(double numbers, std::size_t bytes, std::size_t members) {
  const double flops = 4 * static_cast<double>(members) * numbers;
  const double rate = bytes == sizeof(float) ? kSinglePassFlops : kDoublePassFlops;
  return std::max(numbers * static_cast<double>(bytes) / kBytesPerSecond, flops / rate);
}

double normal_pass_seconds(double p, std::size_t members) {
  return pass_seconds(p * p / 2, sizeof(double), members);
}

}  // namespace

OperatorCost measurement_cost(const MeasurementEnsemble& ensemble, std::size_t members) {
  const double numbers =
      static_cast<double>(ensemble.count()) * static_cast<double>(ensemble.unknowns());
  return {0, pass_seconds(numbers, ensemble.form().stored_number_size(), members)};
}

OperatorCost normal_cost(const SensingInstance& instance, std::size_t members) {
  const auto m = static_cast<double>(instance.ensemble.count());
  const auto p = static_cast<double>(instance.ensemble.unknowns());
  const double iterations =
      instance.truth_fits ? 0
                          : std::min<double>(NormalOperator::kMaxReferenceIterations,
                                             -2 * std::log(NormalOperator::kReferenceTolerance) /
                                                 std::log(std::max(m, p) / std::min(m, p)));
  return {m * p * p / kProductFlops +
              2 * measurement_cost(instance.ensemble, 1).evaluation_seconds +
              iterations * normal_pass_seconds(p, 1),
          normal_pass_seconds(p, members)};
}

OperatorChoice choose_operator(const SensingInstance& instance, std::size_t members,
                               std::int64_t evaluations, std::optional<OperatorKind> forced) {
  const MeasurementEnsemble& ensemble = instance.ensemble;
  const auto seconds = [&](const OperatorCost& cost) {
    return cost.setup_seconds + static_cast<double>(evaluations) * cost.evaluation_seconds;
  };
  if (ensemble.count() == 0) return {OperatorKind::population, {}, {}};
  OperatorChoice choice;
  if (ensemble.form().stored_number_size() > 0) {
    choice.measurement_seconds = seconds(measurement_cost(ensemble, members));
    if (instance.truth_fits || ensemble.count() > ensemble.unknowns()) {
      choice.normal_seconds = seconds(normal_cost(instance, members));
    }
  }
  const bool cheaper =
      choice.normal_seconds && *choice.normal_seconds < *choice.measurement_seconds;
  choice.kind = forced.value_or(cheaper ? OperatorKind::normal : OperatorKind::measurements);
  return choice;
}

std::unique_ptr<ResidualOperator> make_operator(OperatorKind kind, const SensingInstance& instance,
                                                ThreadTeam& team) {
  switch (kind) {
    case OperatorKind::measurements:
      return measurement_operator(instance.ensemble, instance.values, team);
    case OperatorKind::population:
      return population_operator(instance.truth_view());
    case OperatorKind::normal:
      break;
  }
  std::vector<double> truth(instance.has_truth() ? instance.ensemble.unknowns() : 0);
  if (instance.has_truth()) svec(instance.truth_view(), truth);
  return std::make_unique<NormalOperator>(instance.ensemble, instance.values, team, truth);
}

Json operator_json(const OperatorChoice& choice) {
  if (choice.kind == OperatorKind::population) return {{"choice", name_of(choice.kind)}};
  const auto json = [](const std::optional<double>& seconds) {
    return seconds ? Json(*seconds) : Json(nullptr);
  };
  return {{"choice", name_of(choice.kind)},
          {"predicted_seconds",
           {{"measurements", json(choice.measurement_seconds)},
            {"normal", json(choice.normal_seconds)}}}};
}

std::string_view name_of(OperatorKind kind) {
  switch (kind) {
    case OperatorKind::measurements:
      return "measurements";
    case OperatorKind::normal:
      return "normal";
    case OperatorKind::population:
      return "population";
  }
  return "";
}

}  // namespace ravine
