#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ravine/descent/run_result.hpp"
#include "ravine/record/manifest.hpp"
#include "ravine/study/landscape_escape.hpp"
#include "ravine/study/landscape_points.hpp"
#include "ravine/study/landscape_search.hpp"
#include "ravine/study/landscape_slice.hpp"

namespace ravine {

/// A point as measured, beside theory.
struct ExaminedPoint {
  LossKind kind = LossKind::population;
  LandscapePoint point;
  PointExamination measured;
  double distance_to_truth = 0;  ///< |U U^T - X*|_F
  /// The kind is as expected, eigenvalues are within what theory allows, and a minimum is the
  /// truth.
  bool agrees = false;
};

/// How one descent ended.
struct DescentRecord {
  LossKind kind = LossKind::population;
  std::string point;  ///< the name of where it ended
  MemberResult result;
};

/// All that a landscape study found.
struct LandscapeRecord {
  std::vector<ExaminedPoint> points;
  std::vector<DescentRecord> descents;
  std::vector<CriticalPointSearch> searches;  ///< one a loss
  std::vector<Escape> escapes;                ///< one a loss
  std::optional<LandscapeSlices> slices;      ///< none when not asked for
};

/// Writes points.csv. Throws IoError.
void write_points(const std::filesystem::path& folder, const LandscapeRecord& record);

/// Writes every point's factor to arrays.npz. Throws IoError.
void write_point_arrays(const std::filesystem::path& folder, const LandscapeProblem& problem,
                        const LandscapeRecord& record);

/// `results` of the manifest.
Json landscape_results(const LandscapeProblem& problem, const LandscapeRecord& record);

}  // namespace ravine
