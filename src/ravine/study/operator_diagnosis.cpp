#include "ravine/study/operator_diagnosis.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/probe/measurement_spectrum.hpp"
#include "ravine/probe/restricted_isometry.hpp"

namespace ravine {

namespace {

constexpr std::size_t kDraws = 200;
constexpr double kZeroEigenvalue = 1e-10;  // of X*, as a share of the largest

// An end of a spectrum of Gaussian measurements lies in a dense cluster; what so many products
// leave unresolved is reported as an interval.
constexpr MeasurementSpectrumOptions kSpectrumOptions{
    .lanczos = {.krylov_size = 100, .max_restarts = 1, .tolerance = 1e-6}};

/// What theory says of a random ensemble; it knows nothing of the user's files.
template <class Theory>
auto expected_of(const SenseConfig& config, Theory theory) -> decltype(theory(EnsembleKind{})) {
  if (config.uses_files()) return std::nullopt;
  return theory(config.instance.ensemble);
}

Json isometry_json(const SenseConfig& config, const SensingInstance& instance, ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  if (d < 2) return nullptr;
  const auto nonzero = [&](double value) {
    return std::abs(value) > kZeroEigenvalue * instance.sigma_1;
  };
  const std::size_t rank =
      instance.has_truth()
          ? static_cast<std::size_t>(std::ranges::count_if(instance.truth_eigenvalues, nonzero))
          : config.rank;
  const IsometryEstimate found = estimate_isometry(instance.ensemble, 2 * std::min(rank, d / 2),
                                                   kDraws, config.instance.seed, team);
  const auto deviation = expected_of(config, [&](EnsembleKind kind) {
    return expected_isometry_deviation(kind, instance.ensemble.count());
  });
  return {{"rank", found.rank},
          {"draws", found.draws},
          {"unit", instance.ensemble.second_moment().square},
          {"least_ratio", found.least_ratio},
          {"largest_ratio", found.largest_ratio},
          {"delta_lower_bound", found.lower_bound},
          {"expected_deviation", deviation ? Json(*deviation) : Json(nullptr)}};
}

/// A number between two others.
struct Interval {
  double value, low, high;
  Json json() const { return {{"value", value}, {"low", low}, {"high", high}}; }
};

/// The singular value of an eigenvalue that is off by its residual at most.
Interval singular_value(const Eigenpair& pair) {
  const auto root = [](double square) { return std::sqrt(std::max(square, 0.0)); };
  return {root(pair.value), root(pair.value - pair.residual), root(pair.value + pair.residual)};
}

}  // namespace

std::optional<Range> expected_singular_values(EnsembleKind kind, std::size_t measurements,
                                              std::size_t unknowns) {
  const double q = std::sqrt(static_cast<double>(unknowns) / static_cast<double>(measurements));
  switch (kind) {
    case EnsembleKind::gaussian:
    case EnsembleKind::symmetric_gaussian:
    case EnsembleKind::rademacher:
      return Range{std::abs(1 - q), 1 + q};
    case EnsembleKind::entries:
      return Range{q, q};
    case EnsembleKind::rank_one:
      break;
  }
  return std::nullopt;
}

std::optional<double> expected_isometry_deviation(EnsembleKind kind, std::size_t measurements) {
  if (kind != EnsembleKind::gaussian && kind != EnsembleKind::symmetric_gaussian) {
    return std::nullopt;
  }
  return std::sqrt(2 / static_cast<double>(measurements));
}

Json operator_diagnosis(const SenseConfig& config, const SensingInstance& instance,
                        ThreadTeam& team) {
  const MeasurementEnsemble& ensemble = instance.ensemble;
  Json json = {{"isometry", isometry_json(config, instance, team)}};
  const SpectrumEnds ends = measurement_spectrum(ensemble, team, kSpectrumOptions);
  const Interval smallest = singular_value(ends.smallest), largest = singular_value(ends.largest);
  json["singular_values"] = {{"smallest", smallest.json()},
                             {"largest", largest.json()},
                             {"converged", ends.converged},
                             {"products", ends.products},
                             {"expected", nullptr}};
  json["condition"] = Interval{largest.value / smallest.value, largest.low / smallest.high,
                               largest.high / smallest.low}
                          .json();
  const auto expected = expected_of(config, [&](EnsembleKind kind) {
    return expected_singular_values(kind, ensemble.count(), ensemble.unknowns());
  });
  if (expected) json["singular_values"]["expected"] = {expected->low, expected->high};
  return json;
}

}  // namespace ravine
