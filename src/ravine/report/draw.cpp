#include "ravine/report/figure.hpp"
#include "ravine/report/gnuplot.hpp"
#include "ravine/report/svg.hpp"

namespace ravine::report {

std::vector<DrawnFigure> draw(const std::vector<FigureScript>& figures) {
  std::vector<std::string> scripts;
  for (const FigureScript& figure : figures) scripts.push_back(figure.script);
  std::vector<std::string> svgs = draw_svgs(scripts);
  std::vector<DrawnFigure> drawn;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    drawn.push_back({figures[i].name, figures[i].title, figures[i].caption,
                     polished_svg(std::move(svgs[i]), figures[i].title, figures[i].caption)});
  }
  return drawn;
}

}  // namespace ravine::report
