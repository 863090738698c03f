#pragma once

#include <span>
#include <vector>

#include "ravine/study/network_curvature.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// Whether the loss has a barrier between where training ended, A, and the weights of a file, B:
/// the loss along the straight segment, as in linear mode connectivity, and over the plane through
/// both and a filter-normalised random direction. Hidden units are not permuted to match.
class NetworkConnection {
 public:
  /// Reads the weights. The loss is that of the first `samples` of the training set. `problem` and
  /// `context` must outlive this. Throws as read_weights() does.
  NetworkConnection(const TrainingProblem& problem, const std::filesystem::path& file,
                    std::size_t samples, std::uint64_t seed, const StudyContext& context);

  /// Writes slice_points.csv, segments.csv and slice.csv; nothing for a descent that diverged or
  /// ended at B. Throws IoError.
  void finish(std::span<const float> parameters, bool diverged);

  /// {samples, loss_a, loss_b, length, barrier, barrier_at}, or null without a segment.
  const Json& results() const { return results_; }

 private:
  const StudyContext& context_;
  std::uint64_t seed_;
  NetworkCurvature network_;
  std::vector<double> b_;
  Json results_ = nullptr;
};

}  // namespace ravine
