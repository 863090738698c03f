#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/base/median.hpp"
#include "ravine/report/findings_sweep.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/run_figures.hpp"

namespace ravine::report {

namespace {

// Beyond this an error is that of a run that blew up; it would squeeze the others flat.
constexpr double kBlownUp = 100.0;
constexpr double kEven = 1e-6;  // relative, of distances between values

bool is_evenly_spaced(const std::vector<double>& values) {
  const double step = values[1] - values[0];
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (std::abs(values[i] - values[i - 1] - step) > kEven * std::abs(step)) return false;
  }
  return true;
}

Scale scale_of(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax_element(values);
  const bool spans_decades = low != values.end() && *low > 0.0 && *high >= 10.0 * *low;
  return spans_decades ? Scale::kLog10 : Scale::kLinear;
}

Scale iterations_scale(const SweepCurves& curves) {
  std::vector<double> all;
  for (const SweepCurve& curve : curves.curves) {
    for (const SweepPoint* point : curve.points) {
      all.insert(all.end(), point->iterations.begin(), point->iterations.end());
    }
  }
  return scale_of(all);
}

// Where a value lies between the values of an axis, counted in cells from 0; NaN outside.
double cell_place(const SweepAxis& axis, double value) {
  for (std::size_t i = 1; i < axis.size(); ++i) {
    const double low = axis.values[i - 1], high = axis.values[i];
    if (value >= low && value <= high) {
      return static_cast<double>(i - 1) + (value - low) / (high - low);
    }
  }
  return NAN;
}

/// Builds a map with columns at their values where those are evenly spaced, else by name.
class MapBuilder {
 public:
  explicit MapBuilder(const SweepMap& map) : map_(map) {
    const std::vector<double>& x = map.columns->values;
    by_value_ = is_evenly_spaced(x);
    const double half = by_value_ ? 0.5 * (x[1] - x[0]) : 0.5;
    figure_.x_range = by_value_ ? AxisRange{x.front() - half, x.back() + half}
                                : AxisRange{-0.5, static_cast<double>(x.size()) - 0.5};
    figure_.whole_x = false;
    if (!by_value_) {
      for (const double value : x) figure_.column_names.push_back(power_text(value));
    }
    figure_.x_label = map.columns->label;
    figure_.y_label = map.rows->label;
    for (std::size_t row = map.rows->size(); row-- > 0;) {
      figure_.row_names.push_back(power_text(map.rows->values[row]));
    }
  }

  /// One column value for each value of the rows' axis; from the first row that has one to the
  /// last, half a row beyond both.
  void add_curve(const std::string& name, const std::vector<double>& values, const Stroke& stroke) {
    Series curve{name, {}, {}, stroke, Marks::kNone};
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x = by_value_ ? within(values[i]) : cell_place(*map_.columns, values[i]);
      curve.x.push_back(x);
      curve.y.push_back(static_cast<double>(values.size() - 1 - i));
    }
    figure_.curves.push_back(std::move(curve));
  }

  template <class Value>
  HeatMap build(const Value& value_of) {
    for (std::size_t row = map_.rows->size(); row-- > 0;) {
      figure_.values.emplace_back();
      for (const SweepPoint* point : map_.points[row]) {
        figure_.values.back().push_back(value_of(*point));
      }
    }
    return std::move(figure_);
  }

 private:
  double within(double x) const {
    return x >= figure_.x_range.low && x <= figure_.x_range.high ? x : NAN;
  }

  const SweepMap& map_;
  bool by_value_ = true;
  HeatMap figure_;
};

HeatMap success_map(const SweepFindings& found, const SweepMap& map) {
  MapBuilder builder(map);
  if (!map.parameters.empty()) {
    builder.add_curve("degrees of freedom, d r − r (r − 1) / 2", map.parameters,
                      {std::string(kVermillion), std::string(kDashed), 2.5});
  }
  builder.add_curve("half of the runs succeed", map.half,
                    {std::string(kBlack), std::string(kSolid), 2.0});
  HeatMap figure = builder.build([](const SweepPoint& point) { return point.success_share(); });
  figure.name = "success";
  figure.title = "Share of runs that recover X*";
  figure.caption = fmt::format(
      "Colour: the share of {} at each point that end with a relative error of at most {}; "
      "yellow is all of them. The black line is where half of them do, by a fit that never falls "
      "along a row.",
      found.trials == 1.0 ? std::string("runs (one)") : count_text(found.trials) + " runs",
      power_text(found.success));
  if (!map.parameters.empty()) {
    figure.caption +=
        " Left of the dashed line there are fewer measurements than a symmetric matrix of rank r "
        "has degrees of freedom, and no method can recover it.";
  }
  figure.value_label = "share of successes";
  figure.value_scale = Scale::kLinear;
  figure.value_range = AxisRange{0.0, 1.0};
  return figure;
}

std::vector<double> values_of(const SweepCurve& curve, double (*value)(const SweepPoint&)) {
  std::vector<double> values;
  for (const SweepPoint* point : curve.points) values.push_back(value(*point));
  return values;
}

double shown_error(double error) { return error < kBlownUp ? error : NAN; }
double middle_error(const SweepPoint& point) { return shown_error(median(point.errors)); }
double middle_iterations(const SweepPoint& point) { return point.median_iterations(0.5); }

// Every trial as a small dot beneath the line of the medians.
void add_trials(const SweepCurves& curves, const SweepCurve& curve, const Stroke& stroke,
                std::vector<double> SweepPoint::*values, Panel& panel) {
  Series dots{"", {}, {}, stroke, Marks::kDots};
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    for (const double value : curve.points[i]->*values) {
      dots.x.push_back(curves.x->values[i]);
      dots.y.push_back(values == &SweepPoint::errors ? shown_error(value) : value);
    }
  }
  panel.series.push_back(std::move(dots));
}

Panel curves_panel(const SweepFindings& found, const SweepCurves& curves, const std::string& title,
                   Scale y_scale, double (*value)(const SweepPoint&),
                   std::vector<double> SweepPoint::*trials) {
  Panel panel{title,
              {curves.x->label, scale_of(curves.x->values), false, {}},
              {"", y_scale, false, {}},
              {},
              {}};
  for (std::size_t k = 0; k < curves.curves.size(); ++k) {
    const SweepCurve& curve = curves.curves[k];
    const Stroke stroke = series_stroke(k, curves.curves.size());
    if (found.trials > 1.0) add_trials(curves, curve, stroke, trials, panel);
    panel.series.push_back(
        {curve.name, curves.x->values, values_of(curve, value), stroke, Marks::kLinesAndDots});
  }
  return panel;
}

LineFigure curves_figure(const SweepFindings& found, const SweepCurves& curves) {
  LineFigure figure;
  figure.name = "curves";
  figure.title = fmt::format("Error and iterations against {}", curves.x->symbol);
  figure.caption = fmt::format(
      "Left: the relative error at the end. Right: the iterations until the relative error is at "
      "most {}, where at least half of the runs come so far.",
      power_text(found.success));
  if (found.trials > 1.0) {
    figure.caption += " A dot is one run; lines join the medians over the seeds.";
  }
  figure.panels = {
      curves_panel(found, curves, "relative error at the end", Scale::kLog10, middle_error,
                   &SweepPoint::errors),
      curves_panel(found, curves, fmt::format("iterations to {}", power_text(found.success)),
                   iterations_scale(curves), middle_iterations, &SweepPoint::iterations)};
  figure.panels.front().references.push_back({"success", found.success});
  figure.columns = 2;
  figure.same_y = false;
  return figure;
}

}  // namespace

std::vector<FigureScript> sweep_figures(const RunRecord& run) {
  const SweepFindings found = sweep_findings(run);
  if (found.cells_done == 0.0) return {};
  if (const auto map = sweep_map(run, found)) return {script_of(success_map(found, *map))};
  if (const auto curves = sweep_curves(run, found))
    return {script_of(curves_figure(found, *curves))};
  return {};
}

}  // namespace ravine::report
