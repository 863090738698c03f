#include "ravine/report/markup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/report/svg.hpp"
#include "report/xml_check.hpp"

namespace ravine::report {
namespace {

using ::ravine::testing::XmlCheck;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kGnuplotSvg =
    "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 9 9\"\n><title>fig</title>\n"
    "<desc>Produced by GNUPLOT</desc><defs><circle id='gpDot'/></defs>"
    "<g id=\"fig_plot_1\"><use xlink:href='#gpDot'/></g>"
    "<text font-family=\"sans-serif\">x</text><image x='0'/></svg>";

TEST(Markup, EscapesWhatHtmlWouldRead) {
  EXPECT_EQ(escaped("<a href=\"x\">'&\n"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp; ");
}

TEST(Markup, AlignsNumbersInTables) {
  const std::string html = html_of(HtmlTable{"c", {"a", "b", "c"}, {{"x", "1.5", "word"}}});
  EXPECT_THAT(html,
              HasSubstr("<th scope=\"row\">x</th><td class=\"number\">1.5</td><td>word</td>"));
  EXPECT_EQ(XmlCheck(html).problem(), "");
}

TEST(Markup, AlignsANumberThatIsMarked) {
  const std::string html =
      html_of(HtmlTable{"", {"a", "b"}, {{"x", outside_cell("3.2"), "<b>16 of 16</b> points"}}});
  EXPECT_THAT(html, HasSubstr("<td class=\"number\"><strong class=\"outside\">3.2</strong></td>"
                              "<td><b>16 of 16</b> points</td>"));
}

TEST(Markup, KeepsCaptionsOutOfWhatScrolls) {
  const std::string html = html_of(HtmlTable{"norms", {"a"}, {{"x"}}});
  EXPECT_LT(html.find("<figcaption>norms</figcaption>"), html.find("<div class=\"scroll\">"));
}

TEST(Markup, SetsATableOfManyColumnsSmaller) {
  HtmlTable table{"", std::vector<std::string>(9, "a"), {}};
  EXPECT_THAT(html_of(table), HasSubstr("<table>"));
  table.header.emplace_back("b");
  EXPECT_THAT(html_of(table), HasSubstr("<table class=\"wide\">"));
}

TEST(Markup, WritesPowersInProse) {
  EXPECT_EQ(prose("2e-06 of <it>: at most 4^-L, 2^3"),
            "2·10⁻⁶ of &lt;it&gt;: at most 4<sup>−L</sup>, 2<sup>3</sup>");
}

TEST(Markup, MakesNoListOfNothing) {
  EXPECT_EQ(html_list({}), "");
  EXPECT_THAT(html_list({"a"}), HasSubstr("<li>a</li>"));
}

TEST(Svg, TellsScreenReadersWhatItShows) {
  const std::string svg = polished_svg(kGnuplotSvg, "Loss <1>", "It falls & falls");
  EXPECT_THAT(svg, HasSubstr("role=\"img\""));
  EXPECT_THAT(svg, HasSubstr("<title id=\"title\">Loss &lt;1&gt;</title>"));
  EXPECT_THAT(svg, HasSubstr("<desc id=\"description\">It falls &amp; falls</desc>"));
  EXPECT_THAT(svg, Not(HasSubstr("GNUPLOT")));
  EXPECT_THAT(svg, HasSubstr("pixelated"));
  EXPECT_EQ(XmlCheck(svg).problem(), "");
}

TEST(Svg, RefusesWhatIsNoGnuplotFigure) {
  EXPECT_THROW(polished_svg("<svg></svg>", "t", "d"), IoError);
}

TEST(Svg, MakesIdsUniqueForThePage) {
  const std::string svg = inline_svg(polished_svg(kGnuplotSvg, "t", "d"), "run-1-2");
  EXPECT_TRUE(svg.starts_with("<svg"));
  EXPECT_THAT(svg, HasSubstr("aria-labelledby=\"run-1-2-title run-1-2-description\""));
  const XmlCheck check(svg);
  EXPECT_EQ(check.problem(), "");
  for (const std::string& id : check.ids()) EXPECT_TRUE(id.starts_with("run-1-2-")) << id;
  EXPECT_THAT(check.references(), ::testing::ElementsAre("#run-1-2-gpDot"));
}

TEST(XmlCheck, NoticesWhatIsNotWellFormed) {
  for (const char* broken : {"<a>", "<a></b>", "<a b></a>", "<a b=c></a>", "<a>&</a>", "a < b",
                             "<a b=\"c></a>", "</a>"}) {
    EXPECT_NE(XmlCheck(broken).problem(), "") << broken;
  }
}

}  // namespace
}  // namespace ravine::report
