#include "ravine/report/figure.hpp"
#include "ravine/report/gnuplot.hpp"
#include "ravine/report/svg.hpp"

namespace ravine::report {

std::vector<std::vector<DrawnFigure>> draw_together(
    const std::vector<std::vector<FigureScript>>& groups) {
  std::vector<std::string> scripts;
  for (const std::vector<FigureScript>& figures : groups) {
    for (const FigureScript& figure : figures) scripts.push_back(figure.script);
  }
  std::vector<std::string> svgs = draw_svgs(scripts);
  auto svg = svgs.begin();
  std::vector<std::vector<DrawnFigure>> drawn(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const FigureScript& figure : groups[i]) {
      drawn[i].push_back({figure.name, figure.title, figure.caption,
                          polished_svg(std::move(*svg++), figure.title, figure.caption)});
    }
  }
  return drawn;
}

}  // namespace ravine::report
