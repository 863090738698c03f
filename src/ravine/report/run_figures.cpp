#include "ravine/report/run_figures.hpp"

#include <system_error>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace report {

std::vector<FigureScript> figures_of(const RunRecord& run) {
  const std::string kind = run.kind();
  if (kind == "train") return train_figures(run);
  if (kind == "sense") return sense_figures(run);
  if (kind == "landscape") return landscape_figures(run);
  if (kind == "sweep") return sweep_figures(run);
  return {};
}

}  // namespace report

void write_figures(const fs::path& run_folder) {
  const std::vector<report::DrawnFigure> figures =
      report::draw(report::figures_of(read_run(run_folder)));
  const fs::path folder = run_folder / "figures";
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    throw IoError(
        error_text("figures", folder.string(), "a folder that can be made", failed.message()));
  }
  for (const report::DrawnFigure& figure : figures) {
    write_file_atomically(folder / (figure.name + ".svg"), figure.svg);
  }
}

}  // namespace ravine
