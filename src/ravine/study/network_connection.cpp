#include "ravine/study/network_connection.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ravine/probe/filter_direction.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/slice_record.hpp"
#include "ravine/study/weights_file.hpp"

namespace ravine {

namespace {

constexpr std::size_t kSegmentPoints = 51;
constexpr std::size_t kSlicePoints = 25;  // a side
constexpr double kReach = 0.9;            // of the plane around the middle of A and B, over |A - B|

// The parameters of a weight file, without running statistics.
std::vector<double> weights_in(const std::filesystem::path& file, const MlpConfig& network) {
  const std::vector<float> all = read_weights(file, saved_layout(network));
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(mlp_layout(network).size())};
}

void write_ends(const std::filesystem::path& folder, const SliceSegment& segment) {
  CsvWriter points(folder / "slice_points.csv", {"point", "x", "y", "off_plane", "loss"});
  points.row("A", 0, 0, 0, segment.loss.loss.front());
  points.row("B", 1, 0, 0, segment.loss.loss.back());
  points.close();
}

}  // namespace

NetworkConnection::NetworkConnection(const TrainingProblem& problem,
                                     const std::filesystem::path& file, std::size_t samples,
                                     std::uint64_t seed, const StudyContext& context)
    : context_(context),
      seed_(seed),
      network_(problem, samples, *context.team),
      b_(weights_in(file, problem.network)) {}

void NetworkConnection::finish(std::span<const float> parameters, bool diverged) {
  const std::vector<double> a(parameters.begin(), parameters.end());
  if (diverged || a == b_) return;
  const auto loss_at = [&](std::span<const double> point, std::span<double> loss) {
    loss[0] = context_.interrupted() ? std::numeric_limits<double>::quiet_NaN()
                                     : network_.network().evaluate(point, network_.samples()).loss;
  };
  std::vector<double> direction =
      filter_direction(network_.network().layout(), a, seed_, "slice direction");
  add_scaled(1, a, direction);
  const SlicePlane plane = plane_through(a, b_, direction);
  SliceSegment segment;
  segment.name = "as given";
  segment.length = norm(plane.first);
  segment.loss = loss_segment(a, b_, kSegmentPoints, 1, loss_at);
  segment.barrier = barrier_of(segment.loss);
  write_ends(context_.folder, segment);
  write_segments(context_.folder, {&segment, 1});
  write_grid(context_.folder,
             loss_slice(plane, equidistant(0.5 - kReach, 0.5 + kReach, kSlicePoints),
                        equidistant(-kReach, kReach, kSlicePoints), 1, loss_at));
  results_ = segment_json(segment);
  results_["samples"] = network_.samples().count();
  results_["loss_a"] = segment.loss.loss.front();
  results_["loss_b"] = segment.loss.loss.back();
  context_.line(
      fmt::format("loss {:.4g} at the end, {:.4g} at the other weights; barrier {:.4g} "
                  "at t = {:.2f} between them",
                  segment.loss.loss.front(), segment.loss.loss.back(), segment.barrier.height,
                  segment.barrier.at));
}

}  // namespace ravine
