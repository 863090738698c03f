#include "ravine/report/figure.hpp"

#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/report/figure_layout.hpp"
#include "report/xml_check.hpp"

namespace ravine::report {
namespace {

using ::ravine::testing::XmlCheck;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr double kTolerance = 1e-6;

LineFigure example() {
  LineFigure figure;
  figure.name = "example";
  figure.title = "Example";
  figure.caption = "What to look at";
  figure.panels = {{"",
                    {"step", Scale::kLinear, true, {}},
                    {"loss", Scale::kLog10, false, {}},
                    {{"one", {0, 1, 2}, {1.0, 0.1, 0.01}, series_stroke(0, 2)},
                     {"two", {0, 1, 2}, {2.0, 0.5, 0.2}, series_stroke(1, 2)}},
                    {{"limit", 0.3}}}};
  return figure;
}

HeatMap example_map(std::size_t columns) {
  HeatMap map;
  map.name = "map";
  map.title = "Map";
  map.caption = "c";
  map.x_label = "step";
  map.value_label = "norm";
  map.row_names = {"Layer 1", "Layer 2"};
  map.values.assign(2, std::vector<double>(columns, -1.0));
  map.x_range = {0.5, 10.5};
  return map;
}

std::string without_tags(const std::string& svg) {
  std::string text;
  bool inside = false;
  for (const char c : svg) {
    if (c == '<') inside = true;
    if (!inside) text += c;
    if (c == '>') inside = false;
  }
  return text;
}

std::string svg_of(const FigureScript& script) { return draw_together({{script}})[0][0].svg; }

TEST(Figure, IsWellFormedResponsiveAndWhite) {
  const std::string svg = svg_of(script_of(example()));
  EXPECT_EQ(XmlCheck(svg).problem(), "");
  EXPECT_THAT(svg, ContainsRegex("<svg[^>]* viewBox=\"0 0 760 [0-9]+\""));
  EXPECT_THAT(svg, Not(ContainsRegex("<svg[^>]* width=")));
  EXPECT_THAT(svg, HasSubstr("fill=\"#ffffff\""));
  for (const char* text : {"Example", "one", "two", "limit", "step", "loss"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
}

TEST(Figure, ShowsForeignTextsAsTheyAre) {
  LineFigure figure = example();
  figure.title = R"(it's {a_b}^2 & <c> "d" @~ \ 100%)";
  const std::string svg = svg_of(script_of(figure));
  EXPECT_EQ(XmlCheck(svg).problem(), "");
  const std::string text = without_tags(svg);
  EXPECT_THAT(text, HasSubstr("it’s {a_b}^2 &amp; &lt;c"));
  EXPECT_THAT(text, HasSubstr(R"(@~ \ 100%)"));
}

TEST(Figure, RunsNoCommandHiddenInAText) {
  LineFigure figure = example();
  figure.title = "x'\nset terminal dumb\nsystem('exit 3')\n#`exit 3`";
  figure.panels[0].series[0].name = "'; system 'exit 3'; '";
  EXPECT_THAT(svg_of(script_of(figure)), HasSubstr("</svg>"));
}

TEST(Figure, DrawsNothingAsAnEmptyFrame) {
  LineFigure figure = example();
  for (Series& series : figure.panels[0].series) series.x = series.y = {};
  EXPECT_EQ(XmlCheck(svg_of(script_of(figure))).problem(), "");
  for (Series& series : figure.panels[0].series) series = {"n", {1}, {NAN}, series_stroke(0, 1)};
  EXPECT_EQ(XmlCheck(svg_of(script_of(figure))).problem(), "");
}

TEST(Figure, DrawsValuesOfAllSizes) {
  LineFigure figure = example();
  figure.panels[0].series[0].y = {1e-300, 1e300, 0.0};
  EXPECT_EQ(XmlCheck(svg_of(script_of(figure))).problem(), "");
  figure.panels[0].y.scale = Scale::kLinear;
  EXPECT_EQ(XmlCheck(svg_of(script_of(figure))).problem(), "");
}

TEST(FigureLayout, KeepsTheLegendOffThePanelsAndOnThePaper) {
  LineFigure figure = example();
  for (int i = 0; i < 20; ++i) {
    figure.panels[0].series.push_back({"a rather long name " + std::to_string(i), {0}, {1}, {}});
  }
  const FigureLayout layout = layout_of(figure);
  EXPECT_EQ(layout.legend.size(), 23U);
  for (const LegendEntry& entry : layout.legend) {
    EXPECT_LT(entry.y + 8.0, layout.panels[0].top);
    EXPECT_GT(entry.y, layout.title_y);
    EXPECT_LT(entry.x + kSampleWidth, kFigureWidth);
  }
}

TEST(FigureLayout, NamesEverySeriesOnceOverAllPanels) {
  LineFigure figure = example();
  figure.panels.push_back(figure.panels[0]);
  figure.columns = 2;
  const FigureLayout layout = layout_of(figure);
  EXPECT_EQ(layout.legend.size(), 3U);
  ASSERT_EQ(layout.panels.size(), 2U);
  EXPECT_GT(layout.panels[1].left, layout.panels[0].right);
  EXPECT_LT(layout.panels[1].right, kFigureWidth);
  EXPECT_NEAR(layout.panels[0].width(), layout.panels[1].width(), kTolerance);
}

TEST(HeatMap, IsWellFormedAndHoldsItsPicture) {
  const std::string svg = svg_of(script_of(example_map(10)));
  const XmlCheck check(svg);
  EXPECT_EQ(check.problem(), "");
  EXPECT_THAT(check.references(), Contains(StartsWith("data:image/png;base64,")));
  EXPECT_THAT(svg, HasSubstr("Layer 2"));
}

TEST(HeatMap, TakesCellsWithoutAValueAndSingleCells) {
  HeatMap map = example_map(1);
  EXPECT_EQ(XmlCheck(svg_of(script_of(map))).problem(), "");
  map = example_map(3);
  map.values[0] = {NAN, NAN, NAN};
  EXPECT_EQ(XmlCheck(svg_of(script_of(map))).problem(), "");
  map.values[1] = {NAN, NAN, NAN};
  EXPECT_EQ(XmlCheck(svg_of(script_of(map))).problem(), "");
  map = example_map(0);
  EXPECT_EQ(XmlCheck(svg_of(script_of(map))).problem(), "");
}

std::size_t lines_with(const std::string& script, const std::string& cell) {
  std::size_t count = 0;
  for (std::size_t at = script.find('\n' + cell); at != std::string::npos;
       at = script.find('\n' + cell, at + 1)) {
    ++count;
  }
  return count;
}

TEST(HeatMap, FramesWhatIsExpectedOfARowInTheColoursOfItsValues) {
  HeatMap map = example_map(3);
  map.expected = {{-4.0, -4.0, -4.0}, {}};
  const FigureScript script = script_of(map);
  EXPECT_THAT(script.script, HasSubstr("set cbrange [-4:-1]")) << "one scale for both";
  EXPECT_GT(lines_with(script.script, "-4.0000"), 3U);
  EXPECT_EQ(lines_with(script.script, "-1.0000"), 24U) << "of the second row there is none";
  EXPECT_EQ(XmlCheck(svg_of(script)).problem(), "");
}

TEST(Palette, GivesEverySeriesAStrokeOfItsOwn) {
  for (const std::size_t count : {1U, 6U, 7U, 12U}) {
    std::set<std::string> strokes;
    for (std::size_t i = 0; i < count; ++i) {
      const Stroke stroke = series_stroke(i, count);
      EXPECT_THAT(stroke.colour, MatchesRegex("#[0-9A-F]{6}"));
      strokes.insert(stroke.colour + stroke.dash);
    }
    EXPECT_EQ(strokes.size(), count);
  }
}

TEST(Palette, RunsFromDarkBlueToYellow) {
  EXPECT_EQ(cividis(0.0), "#00224E");
  EXPECT_EQ(cividis(1.0), "#FEE838");
  EXPECT_EQ(cividis(-3.0), cividis(0.0));
  EXPECT_EQ(cividis(7.0), cividis(1.0));
}

}  // namespace
}  // namespace ravine::report
