#include "ravine/report/run_figures.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/report/comparison.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace report {

std::vector<FigureScript> figures_of(const RunRecord& run) {
  const std::string kind = run.kind();
  if (kind == "train") return train_figures(run);
  if (kind == "sense") return sense_figures(run);
  if (kind == "landscape") return landscape_figures(run);
  if (kind == "slice") return slice_figures(run);
  if (kind == "sweep") return sweep_figures(run);
  std::vector<FigureScript> figures;
  if (kind != "reproduce") return figures;
  for (auto& [place, comparison] : comparisons_of(runs_of(run))) {
    std::ranges::move(comparison.figures, std::back_inserter(figures));
  }
  return figures;
}

std::vector<std::vector<FigureScript>> figures_of(std::span<const RunRecord> runs,
                                                  const std::vector<bool>& wanted) {
  std::vector<std::vector<FigureScript>> scripts(runs.size());
  std::atomic<std::size_t> next = 0;
  ThreadTeam team(2);
  team.run([&](int) {
    for (std::size_t i; (i = next++) < runs.size();) {
      if (wanted[i]) scripts[i] = figures_of(runs[i]);
    }
  });
  return scripts;
}

std::vector<RunRecord> runs_of(const RunRecord& reproduction) {
  std::vector<RunRecord> runs;
  for (std::size_t i = 0; i < reproduction.array("/results/runs").size(); ++i) {
    runs.push_back(
        read_run(reproduction.folder() / reproduction.text(fmt::format("/results/runs/{}", i))));
  }
  return runs;
}

}  // namespace report

namespace {

void write_into(const fs::path& folder, std::span<const report::DrawnFigure> figures) {
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

}  // namespace

void write_figures(const fs::path& run_folder) {
  std::vector<RunRecord> runs{read_run(run_folder)};
  if (runs[0].kind() == "reproduce") {
    std::ranges::move(report::runs_of(runs[0]), std::back_inserter(runs));
  }
  const auto scripts = report::figures_of(runs, std::vector<bool>(runs.size(), true));
  const auto drawn = report::draw_together(scripts);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!drawn[i].empty()) write_into(runs[i].folder() / "figures", drawn[i]);
  }
}

}  // namespace ravine
