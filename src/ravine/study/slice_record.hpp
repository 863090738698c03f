#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ravine/probe/critical_point.hpp"
#include "ravine/probe/loss_segment.hpp"
#include "ravine/record/manifest.hpp"
#include "ravine/study/slice_paths.hpp"

namespace ravine {

/// A point that a slice goes through.
struct SlicePoint {
  std::string name;        ///< "A", "B", "C", or "B aligned"
  std::string source;      ///< where it was read from; empty for "B aligned"
  std::vector<double> u;   ///< (d, R)
  PlanePosition position;  ///< in the plane
  PointExamination measured;
  double relative_error = 0;  ///< |U U^T - X*|_F / |X*|_F; NaN where no truth is known
};

/// The loss along a straight segment from A.
struct SliceSegment {
  std::string name;  ///< "as given" or "aligned"
  double length = 0;
  LossSegment loss;
  Barrier barrier;
};

/// What holds the plane beside A and B.
enum class ThirdPoint { given, aligned, random };
std::string_view name_of(ThirdPoint third);

/// All that a slice study found.
struct SliceRecord {
  std::size_t dimension = 0, rank = 0;
  double sigma_1 = 0;
  double loss_at_zero = 0;  ///< the unit of barriers: the loss at U = 0
  ThirdPoint third = ThirdPoint::random;
  bool same_point = false;  ///< A and B are one point of the loss, up to U -> U Q
  std::vector<SlicePoint> points;
  std::vector<SliceSegment> segments;
  LossSlice slice;
  std::vector<SlicePath> paths;
};

/// Writes segments.csv, and slice.csv. Throw IoError.
void write_segments(const std::filesystem::path& folder, std::span<const SliceSegment> segments);
void write_grid(const std::filesystem::path& folder, const LossSlice& slice);

/// What the manifest says of a segment.
Json segment_json(const SliceSegment& segment);

/// Writes slice_points.csv, segments.csv, slice.csv, slice_paths.csv and arrays.npz. truth: (d, d),
/// or empty. Throws IoError.
void write_slice(const std::filesystem::path& folder, const SliceRecord& record,
                 std::span<const double> truth);

/// `results` of the manifest.
Json slice_results(const SliceRecord& record);

/// One line for people about a segment.
std::string line_about(const SliceSegment& segment, double loss_at_zero);

}  // namespace ravine
