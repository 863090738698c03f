#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "ravine/objective/residual_operator.hpp"
#include "ravine/record/manifest.hpp"
#include "ravine/study/sensing_instance.hpp"

namespace ravine {

/// How a sensing run gets its residuals: by passing over the measurements, by a NormalOperator, or,
/// when nothing is measured, from X* itself.
enum class OperatorKind { measurements, normal, population };

/// What an operator costs: seconds once and seconds an evaluation of all members.
///
/// The model. A pass over a matrix of n numbers of b bytes for K members takes the longer of
/// reading them and of 4 K n floating-point operations: max(n b / 30e9, 4 K n / F) seconds, F =
/// 90e9 for float32 and 60e9 for float64 numbers.
///   measurements: n = m p, b = 4 or 8 an evaluation; nothing once.
///   normal:       n = p^2 / 2, b = 8 an evaluation; once m p^2 / 100e9 seconds for N and two
///                 passes over the measurements, and unless X* fits, the reference point then
///                 known, 2 ln(1e-13) / ln(q^2), at most 500, over N to find one (the iterations
///                 that conjugate gradients need on the normal matrix of Gaussian measurements,
///                 whose condition number is ((1 + q) / (1 - q))^2, q^2 the smaller of m / p and
///                 p / m).
/// The rates are those of one core of an AMD EPYC with AVX-512. They are stated, not measured when
/// run, and do not depend on the number of threads, so a run's choice, and with it its bits,
/// depends on its configuration alone. Where they are wrong for a machine they are wrong for both
/// operators and nearly cancel; caches are left out because they hold N sooner than the
/// measurements. The model is of stored rows; ensembles that are not stored are passed over.
struct OperatorCost {
  double setup_seconds = 0;
  double evaluation_seconds = 0;
};

/// Both need an ensemble of stored rows.
OperatorCost measurement_cost(const MeasurementEnsemble& ensemble, std::size_t members);
OperatorCost normal_cost(const SensingInstance& instance, std::size_t members);

/// An operator with the time the model predicts for it and for the other one.
struct OperatorChoice {
  OperatorKind kind = OperatorKind::measurements;
  std::optional<double> measurement_seconds;  ///< none unless rows are stored
  std::optional<double> normal_seconds;       ///< nor this, and none where it is not considered
};

/// `forced`, or else the one of less predicted time for that many evaluations; `population` for an
/// ensemble of no measurements. The normal operator is considered when m > p or X* fits: where many
/// matrices fit and none is known, runs end at another than its reference point, where it must pass
/// over the measurements all the same.
OperatorChoice choose_operator(const SensingInstance& instance, std::size_t members,
                               std::int64_t evaluations, std::optional<OperatorKind> forced);

/// The instance and the team must outlive it.
std::unique_ptr<ResidualOperator> make_operator(OperatorKind kind, const SensingInstance& instance,
                                                ThreadTeam& team);

Json operator_json(const OperatorChoice& choice);
std::string_view name_of(OperatorKind kind);

}  // namespace ravine
