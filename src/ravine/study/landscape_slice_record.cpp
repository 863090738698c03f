#include "ravine/study/landscape_slice_record.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ravine/record/csv_writer.hpp"

namespace ravine {

void write_slices(const std::filesystem::path& folder, const LandscapeSlices& slices) {
  CsvWriter grid(folder / "slices.csv", {"loss_kind", "measurements", "x", "y", "loss"});
  CsvWriter paths(folder / "slice_paths.csv", {"loss_kind", "measurements", "path", "iteration",
                                               "x", "y", "off_plane", "loss"});
  for (const LandscapeSlice& at : slices.slices) {
    const LossSlice& slice = at.slice;
    for (std::size_t i = 0; i < slice.loss.size(); ++i) {
      grid.row(name_of(at.kind), at.measurements, slice.x[i % slice.x.size()],
               slice.y[i / slice.x.size()], slice.loss[i]);
    }
    for (std::size_t p = 0; p < at.paths.size(); ++p) {
      const SlicePath& path = at.paths[p];
      for (std::size_t t = 0; t < path.positions.size(); ++t) {
        const PlanePosition& position = path.positions[t];
        paths.row(name_of(at.kind), at.measurements, p + 1, t, position.x, position.y,
                  position.distance, path.loss[t]);
      }
    }
  }
  grid.close();
  paths.close();
  CsvWriter deviations(folder / "slice_deviation.csv", {"measurements", "draw", "largest"});
  for (const SliceDeviation& at : slices.deviations) {
    deviations.row(at.measurements, at.draw, at.largest);
  }
  deviations.close();
}

Json slices_json(const LandscapeSlices& slices) {
  Json means = Json::array();
  for (const auto& [count, mean] : mean_deviations(slices.deviations)) {
    means.push_back({{"measurements", count}, {"largest", mean}});
  }
  return {{"deviations", means},
          {"exponent", slices.fit.slope},
          {"exponent_margin", slices.fit.slope_margin},
          {"constant", std::pow(10, slices.fit.intercept)}};
}

std::string line_about(const LandscapeSlices& slices) {
  return fmt::format(
      "slices: the sampled loss differs from the population's by about {:.3g} m^{:.3f} (+- {:.2g})",
      std::pow(10, slices.fit.intercept), slices.fit.slope, slices.fit.slope_margin);
}

}  // namespace ravine
