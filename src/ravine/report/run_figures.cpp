#include "ravine/report/run_figures.hpp"

#include <atomic>

#include "ravine/base/thread_team.hpp"

namespace ravine::report {

std::vector<FigureScript> figures_of(const RunRecord& run) {
  const std::string kind = run.kind();
  if (kind == "train") return train_figures(run);
  if (kind == "sense") return sense_figures(run);
  if (kind == "landscape") return landscape_figures(run);
  if (kind == "slice") return slice_figures(run);
  if (kind == "sweep") return sweep_figures(run);
  return {};
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

}  // namespace ravine::report
