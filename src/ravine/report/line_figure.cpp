#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "ravine/report/canvas.hpp"
#include "ravine/report/figure.hpp"
#include "ravine/report/figure_layout.hpp"
#include "ravine/report/legend.hpp"
#include "ravine/report/thinning.hpp"

namespace ravine::report {

namespace {

constexpr double kPixelsPerXTick = 60.0;
constexpr double kPixelsPerYTick = 38.0;

void append_values(std::vector<double>& values, const std::vector<double>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

AxisRange y_range_of(const std::vector<Panel>& panels) {
  std::vector<double> values;
  for (const Panel& panel : panels) {
    for (const Series& series : panel.series) append_values(values, series.y);
    for (const ReferenceLine& line : panel.references) {
      if (!line.vertical) values.push_back(line.value);
    }
  }
  return range_of(values, panels.front().y.scale);
}

AxisRange x_range_of(const Panel& panel) {
  if (!panel.x.categories.empty()) {
    return {-0.5, static_cast<double>(panel.x.categories.size()) - 0.5};
  }
  std::vector<double> values;
  for (const Series& series : panel.series) append_values(values, series.x);
  return range_of(values, panel.x.scale);
}

std::vector<Tick> ticks_of(const Axis& axis, const AxisRange& range, double pixels_per_tick,
                           double length) {
  if (axis.categories.empty()) {
    return ticks_for(range, axis.scale, std::max(2, static_cast<int>(length / pixels_per_tick)),
                     axis.whole);
  }
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < axis.categories.size(); ++i) {
    ticks.push_back({static_cast<double>(i), marked_up(axis.categories[i])});
  }
  return ticks;
}

std::string escaped_name(const std::string& name) {
  return name.empty() ? "notitle" : "title " + quoted(name);
}

std::vector<std::size_t> worth_drawing(const std::vector<PixelPoint>& curve, Marks marks) {
  if (marks == Marks::kDots || marks == Marks::kRings) return dots_worth_drawing(curve);
  return points_worth_drawing(curve, marks == Marks::kLinesAndDots ? -1.0 : 0.3);
}

// Writes panels into one script, a data block a series.
class PanelWriter {
 public:
  explicit PanelWriter(const Canvas& canvas) : canvas_(canvas) {}

  void write(const Panel& panel, const Rectangle& area, const AxisRange& y_range, bool first_column,
             bool last_row) {
    y_range_ = y_range;
    const AxisRange x_range = x_range_of(panel);
    write_data(panel, area, x_range);
    write_frame(panel, area, x_range);
    script_ += fmt::format("set xlabel {} offset 0,0.3 textcolor rgb '{}'\n",
                           quoted(last_row ? panel.x.label : ""), kTextColour);
    script_ += canvas_.label(panel.title, area.left, area.top - 11.0,
                             fmt::format("left textcolor rgb '{}'", kTextColour));
    if (first_column) write_y_label(panel.y.label, area);
    write_references(panel);
    write_plot(panel);
  }

  const std::string& script() const { return script_; }

 private:
  void write_data(const Panel& panel, const Rectangle& area, const AxisRange& x_range) {
    first_block_ = block_count_;
    for (const Series& series : panel.series) {
      script_ += fmt::format("$d{} << EOD\n", block_count_++);
      std::vector<PixelPoint> curve(series.x.size());
      for (std::size_t i = 0; i < curve.size(); ++i) {
        curve[i] = {area.width() * position_in(x_range, panel.x.scale, series.x[i]),
                    area.height() * position_in(y_range_, panel.y.scale, series.y[i])};
      }
      for (const std::size_t i : worth_drawing(curve, series.marks)) {
        const bool gap = !std::isfinite(curve[i].x) || !std::isfinite(curve[i].y);
        script_ += gap ? "\n" : fmt::format("{} {}\n", series.x[i], series.y[i]);
      }
      script_ += "EOD\n";
    }
  }

  void write_frame(const Panel& panel, const Rectangle& area, const AxisRange& x_range) {
    script_ += canvas_.margins(area);
    script_ += panel.x.scale == Scale::kLog10 ? "set logscale x\n" : "unset logscale x\n";
    script_ += panel.y.scale == Scale::kLog10 ? "set logscale y\n" : "unset logscale y\n";
    script_ += fmt::format("set xrange [{}:{}]\nset yrange [{}:{}]\n", x_range.low, x_range.high,
                           y_range_.low, y_range_.high);
    script_ += ticks_command("x", ticks_of(panel.x, x_range, kPixelsPerXTick, area.width()));
    script_ += ticks_command("y", ticks_of(panel.y, y_range_, kPixelsPerYTick, area.height()));
  }

  void write_y_label(const std::string& label, const Rectangle& area) {
    script_ += canvas_.label(label, 16.0, 0.5 * (area.top + area.bottom),
                             fmt::format("center rotate by 90 textcolor rgb '{}'", kTextColour));
  }

  void write_references(const Panel& panel) {
    for (const ReferenceLine& line : panel.references) {
      const std::string ends =
          line.vertical ? fmt::format("from first {0}, graph 0 to first {0}, graph 1", line.value)
                        : fmt::format("from graph 0, first {0} to graph 1, first {0}", line.value);
      script_ +=
          fmt::format("set arrow {} nohead back {}\n", ends, stroke_words(reference_stroke()));
    }
  }

  void write_plot(const Panel& panel) {
    script_ += "plot NaN notitle";
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
      const Series& series = panel.series[i];
      script_ += fmt::format(", \\\n  $d{} using 1:2 {} {}", first_block_ + i,
                             drawing_words(series.stroke, series.marks), escaped_name(series.name));
    }
    script_ += "\nunset label\nunset arrow\n";
  }

  const Canvas& canvas_;
  AxisRange y_range_;
  std::string script_;
  std::size_t block_count_ = 0;
  std::size_t first_block_ = 0;
};

}  // namespace

FigureScript script_of(const LineFigure& figure) {
  const FigureLayout layout = layout_of(figure);
  const Canvas canvas(kFigureWidth, layout.height);
  PanelWriter panels(canvas);
  const AxisRange shared = y_range_of(figure.panels);
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    panels.write(figure.panels[i], layout.panels[i],
                 figure.same_y ? shared : y_range_of({figure.panels[i]}), i % figure.columns == 0,
                 i + figure.columns >= figure.panels.size());
  }
  const std::string title =
      canvas.label(figure.title, layout.panels.front().left, layout.title_y,
                   fmt::format("left font ',15' textcolor rgb '{}'", kTextColour));
  return {figure.name, figure.title, figure.caption,
          canvas.head(figure.name) + title + legend_commands(layout.legend, canvas) +
              "set multiplot\n" + panels.script() + "unset multiplot\n"};
}

}  // namespace ravine::report
