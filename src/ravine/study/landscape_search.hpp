#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ravine/probe/critical_point.hpp"
#include "ravine/study/landscape_points.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// A critical point of the population loss on the list that theory gives: it keeps some eigenpairs
/// of X*, X_S = sum over kept k of sigma_k q_k q_k^T, up to U -> U Q.
struct ListedPoint {
  std::vector<bool> kept;  ///< one flag an eigenpair
  double loss = 0;         ///< 1/2 sum of the squares of the others
  double smallest_eigenvalue = 0;
  std::size_t negative_directions = 0;
  PointKind kind = PointKind::undecided;
};

/// "none", "all", or the numbers of the kept eigenpairs, from 1 and decreasing in size: "1+3".
std::string name_of_kept(const std::vector<bool>& kept);

/// All 2^r of them, by decreasing loss. Throws ConfigError for a rank above kMostListedRank.
std::vector<ListedPoint> listed_points(const LandscapeProblem& problem);
inline constexpr std::size_t kMostListedRank = 10;

/// A critical point that searches ended at, with what the list says of the nearest listed one.
struct FoundPoint {
  std::vector<double> u;  ///< (d, rank)
  std::size_t found = 0;  ///< searches that ended here, up to U -> U Q
  PointExamination measured;
  ListedPoint nearest;
  double distance_to_listed = 0;  ///< |U U^T - X_S|_F of the nearest
  double distance_to_truth = 0;   ///< |U U^T - X*|_F
  /// What it must be: the nearest listed kind for the population loss; for the sampled one a
  /// minimum exactly at the truth, since it has no other (Ge, Jin, Zheng 2017).
  PointKind expected = PointKind::undecided;
  /// Of the whole Hessian; none when it is too large to be written out.
  std::optional<std::size_t> negative_directions;
  std::optional<double> spectrum_deviation;  ///< from the listed one, largest of all eigenvalues
  bool agrees = false;
};

/// What all searches on one loss found.
struct CriticalPointSearch {
  LossKind kind = LossKind::population;
  std::size_t starts = 0;
  std::size_t gradient_flat = 0;   ///< searches that got stuck where |gradient|^2 has no slope
  std::size_t unfinished = 0;      ///< searches that reached their limit
  std::vector<FoundPoint> points;  ///< by decreasing loss
};

struct CriticalSearchPlan {
  std::size_t starts = 8;
  std::uint64_t seed = 1234;
};

/// Seeks critical points from random starts of random sizes up to 1.5 times that of U*, every
/// second one mostly within the leading eigenspace of the back-projection, where the data say that
/// X* lies; merges those that are equal up to U -> U Q; certifies each: gradient norm, smallest
/// eigenvalue with its residual, verdict. Ends early, with what it has, when the user asks.
CriticalPointSearch seek_critical_points(const LandscapeProblem& problem, LossKind kind,
                                         const CriticalSearchPlan& plan,
                                         const StudyContext& context);

}  // namespace ravine
