#include "ravine/study/slice_record.hpp"

#include <fmt/format.h>

#include "ravine/data/npz.hpp"
#include "ravine/record/csv_writer.hpp"

namespace ravine {

namespace {

void write_points(const std::filesystem::path& folder, const SliceRecord& record) {
  CsvWriter table(folder / "slice_points.csv",
                  {"point", "x", "y", "off_plane", "loss", "gradient_norm",
                   "relative_gradient_norm", "smallest_eigenvalue", "smallest_residual",
                   "largest_eigenvalue", "largest_residual", "verdict", "relative_error"});
  for (const SlicePoint& at : record.points) {
    const SpectrumEnds& curvature = at.measured.curvature;
    table.row(at.name, at.position.x, at.position.y, at.position.distance, at.measured.loss,
              at.measured.gradient_norm, at.measured.relative_gradient_norm,
              curvature.smallest.value, curvature.smallest.residual, curvature.largest.value,
              curvature.largest.residual, name_of(at.measured.kind), at.relative_error);
  }
  table.close();
}

void write_paths(const std::filesystem::path& folder, const SliceRecord& record) {
  if (record.paths.empty()) return;
  CsvWriter paths(folder / "slice_paths.csv", {"path", "iteration", "x", "y", "off_plane", "loss"});
  for (std::size_t p = 0; p < record.paths.size(); ++p) {
    for (std::size_t t = 0; t < record.paths[p].positions.size(); ++t) {
      const PlanePosition& at = record.paths[p].positions[t];
      paths.row(p + 1, t, at.x, at.y, at.distance, record.paths[p].loss[t]);
    }
  }
  paths.close();
}

}  // namespace

std::string_view name_of(ThirdPoint third) {
  switch (third) {
    case ThirdPoint::given:
      return "given";
    case ThirdPoint::aligned:
      return "aligned";
    case ThirdPoint::random:
      return "random";
  }
  return "";
}

void write_segments(const std::filesystem::path& folder, std::span<const SliceSegment> segments) {
  CsvWriter table(folder / "segments.csv", {"segment", "t", "loss"});
  for (const SliceSegment& segment : segments) {
    for (std::size_t i = 0; i < segment.loss.t.size(); ++i) {
      table.row(segment.name, segment.loss.t[i], segment.loss.loss[i]);
    }
  }
  table.close();
}

void write_grid(const std::filesystem::path& folder, const LossSlice& slice) {
  CsvWriter grid(folder / "slice.csv", {"x", "y", "loss"});
  for (std::size_t i = 0; i < slice.loss.size(); ++i) {
    grid.row(slice.x[i % slice.x.size()], slice.y[i / slice.x.size()], slice.loss[i]);
  }
  grid.close();
}

void write_slice(const std::filesystem::path& folder, const SliceRecord& record,
                 std::span<const double> truth) {
  write_points(folder, record);
  write_segments(folder, record.segments);
  write_grid(folder, record.slice);
  write_paths(folder, record);
  std::vector<NamedArray> entries;
  for (const SlicePoint& at : record.points) {
    entries.push_back({at.name, {{record.dimension, record.rank}, std::span<const double>(at.u)}});
  }
  if (!truth.empty()) entries.push_back({"X_true", {{record.dimension, record.dimension}, truth}});
  write_npz(folder / "arrays.npz", entries);
}

Json segment_json(const SliceSegment& segment) {
  return {{"segment", segment.name},
          {"length", segment.length},
          {"barrier", segment.barrier.height},
          {"barrier_at", segment.barrier.at}};
}

Json slice_results(const SliceRecord& record) {
  Json points = Json::array(), segments = Json::array();
  for (const SlicePoint& at : record.points) {
    points.push_back({{"point", at.name},
                      {"source", at.source.empty() ? Json(nullptr) : Json(at.source)},
                      {"loss", at.measured.loss},
                      {"relative_gradient_norm", at.measured.relative_gradient_norm},
                      {"smallest_eigenvalue", at.measured.curvature.smallest.value},
                      {"largest_eigenvalue", at.measured.curvature.largest.value},
                      {"verdict", name_of(at.measured.kind)},
                      {"relative_error", at.relative_error}});
  }
  for (const SliceSegment& segment : record.segments) {
    segments.push_back(segment_json(segment));
    segments.back()["relative_barrier"] = segment.barrier.height / record.loss_at_zero;
  }
  return {{"sigma_1", record.sigma_1},
          {"rank", record.rank},
          {"loss_at_zero", record.loss_at_zero},
          {"points", points},
          {"segments", segments},
          {"same_point", record.same_point},
          {"third_point", name_of(record.third)}};
}

std::string line_about(const SliceSegment& segment, double loss_at_zero) {
  return fmt::format(
      "A to B, {:<8}: length {:.6g}, barrier {:.4g} ({:.3g} of the loss at 0), at t = {:.2f}",
      segment.name, segment.length, segment.barrier.height, segment.barrier.height / loss_at_zero,
      segment.barrier.at);
}

}  // namespace ravine
