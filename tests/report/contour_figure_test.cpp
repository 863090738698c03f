#include "ravine/report/contour_figure.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/xml_check.hpp"

namespace ravine::report {
namespace {

using ravine::testing::XmlCheck;
using ::testing::HasSubstr;
using ::testing::Not;

ContourPanel bowl_panel(const std::string& title) {
  ContourPanel panel;
  panel.title = title;
  panel.x = {-1, 0, 1};
  panel.y = {-1, -0.5, 0, 1};
  for (const double y : panel.y) {
    std::vector<double> row;
    for (const double x : panel.x) row.push_back(x * x + y * y);
    panel.values.push_back(row);
  }
  panel.paths = {{"descent", {1, -0.5, 0.2}, {1, 0.5, 0}, Stroke{"#D55E00", "1"}}};
  panel.points = {{"minimum", {0}, {0}, Stroke{"#000000", "1"}, Marks::kDots},
                  {"saddle", {1, -1}, {0, 0}, Stroke{"#000000", "1"}, Marks::kRings}};
  return panel;
}

ContourFigure bowls(std::size_t panels) {
  ContourFigure figure;
  figure.name = "bowls";
  figure.title = "Bowls";
  figure.caption = "Bowls.";
  figure.x_label = "x";
  figure.y_label = "y";
  figure.value_label = "loss";
  for (std::size_t i = 0; i < panels; ++i) figure.panels.push_back(bowl_panel("bowl"));
  return figure;
}

TEST(ContourFigure, IsDrawnWithItsTextsForAnyNumberOfPanels) {
  for (const std::size_t panels : {1, 2, 3}) {
    const std::vector<DrawnFigure> drawn = draw_together({{script_of(bowls(panels))}})[0];
    EXPECT_EQ(XmlCheck(drawn[0].svg, {}).problem(), "");
    for (const char* text : {"Bowls", "descent", "minimum", "saddle", "loss"}) {
      EXPECT_THAT(drawn[0].svg, HasSubstr(text));
    }
  }
}

TEST(ContourFigure, ShowsThreeDecadesInBandsWithRoundEdges) {
  // The largest value is 2 and the smallest 0: bands end at 10^0.5 and begin over three decades
  // below.
  ContourFigure figure = bowls(1);
  figure.panels[0].values[0][0] = 1e-9;
  const std::string script = script_of(figure).script;
  EXPECT_THAT(script, HasSubstr("levels discrete -2.5000,-2.2500,-2.0000"));
  EXPECT_THAT(script, HasSubstr("set cbrange [-2.75:0.5]"));
  EXPECT_THAT(script, HasSubstr("set palette defined (0 '#00224E', 1 '#00224E', 1 '#"));
  EXPECT_THAT(script, HasSubstr("12 '#FEE838', 13 '#FEE838')"));
}

TEST(ContourFigure, CutsASmallRangeIntoFinerBands) {
  // Positive values from 0.25 to 2: in bands of 10^(1/10).
  const std::string script = script_of(bowls(1)).script;
  EXPECT_THAT(script, HasSubstr("set cbrange [-0.7:0.4]"));
  EXPECT_THAT(script, HasSubstr("10 '#FEE838', 11 '#FEE838')"));
}

TEST(ContourFigure, TakesValuesThatAreZeroInfiniteOrAllEqual) {
  ContourFigure figure = bowls(1);
  figure.panels[0].values[0][0] = INFINITY;
  figure.panels[0].values[1][1] = NAN;
  EXPECT_THAT(draw_together({{script_of(figure)}})[0][0].svg, HasSubstr("</svg>"));
  for (auto& row : figure.panels[0].values) std::ranges::fill(row, 0.0);
  EXPECT_THAT(draw_together({{script_of(figure)}})[0][0].svg, HasSubstr("</svg>"));
  for (auto& row : figure.panels[0].values) std::ranges::fill(row, 1.0);
  EXPECT_THAT(draw_together({{script_of(figure)}})[0][0].svg, HasSubstr("</svg>"));
}

TEST(ContourFigure, ShowsHostileTextsAsTexts) {
  ContourFigure figure = bowls(1);
  figure.title = "'; set output \"/tmp/x\"; #";
  figure.panels[0].title = "<script>";
  const std::string svg = draw_together({{script_of(figure)}})[0][0].svg;
  EXPECT_EQ(XmlCheck(svg, {}).problem(), "");
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace ravine::report
