#include "ravine/report/gnuplot.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"
#include "support/scoped_variable.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

using ::ravine::testing::error_of;
using ::ravine::testing::ScopedVariable;
using ::ravine::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string script_with_label(const std::string& text) {
  return "set terminal svg background '#ffffff'\nset label '" + text +
         "' at 0,0\nplot [-1:1] [-1:1] 2 notitle\n";
}

TEST(Gnuplot, DrawsAnSvg) {
  EXPECT_THAT(draw_svg(script_with_label("hello")), AllOf(HasSubstr("<svg"), HasSubstr("hello")));
}

TEST(Gnuplot, TakesScriptsLargerThanAPipe) {
  std::string script = "$d << EOD\n";
  for (int i = 0; i < 40'000; ++i) script += "1.2345 6.7890\n";
  script += "EOD\nset terminal svg\nplot $d with dots notitle\n";
  EXPECT_THAT(draw_svg(script), HasSubstr("</svg>"));
}

TEST(Gnuplot, PassesOnWhatGnuplotComplainsOf) {
  EXPECT_THAT(error_of<IoError>([] { draw_svg("set terminal svg\nplot nonsense\n"); }),
              AllOf(HasSubstr("[gnuplot]"), HasSubstr("line 2: undefined variable: nonsense"),
                    Not(HasSubstr("\n"))));
}

TEST(Gnuplot, RefusesAScriptThatDrawsNothing) {
  EXPECT_THAT(error_of<IoError>([] { draw_svg("x = 1\n"); }),
              HasSubstr("expected an SVG of every script, got 0 of 1"));
}

TEST(Gnuplot, ReadsNoSettingsOfTheUser) {
  TemporaryFolder home;
  home.file(".gnuplot", "this is not gnuplot\n");
  ScopedVariable variable("HOME", home.path().string());
  EXPECT_THAT(draw_svg(script_with_label("at home")), HasSubstr("at home"));
}

TEST(Gnuplot, SaysHowToInstallItWhenItIsMissing) {
  TemporaryFolder empty;
  ScopedVariable variable("PATH", empty.path().string());
  EXPECT_THAT(
      error_of<IoError>([] { require_gnuplot(); }),
      AllOf(HasSubstr("the program gnuplot"), HasSubstr("hint: apt-get install gnuplot-nox")));
  EXPECT_THROW(draw_svg(script_with_label("never drawn")), IoError);
}

TEST(Gnuplot, SaysThatItWasKilled) {
  TemporaryFolder folder;
  const std::filesystem::path fake = folder.file("gnuplot", "#!/bin/sh\nkill -9 $$\n");
  std::filesystem::permissions(fake, std::filesystem::perms::owner_all);
  ScopedVariable variable("PATH", folder.path().string());
  EXPECT_THAT(error_of<IoError>([] { require_gnuplot(); }), HasSubstr("ended by signal 9"));
}

TEST(Gnuplot, IsThereForTheRestOfTheTests) { EXPECT_NO_THROW(require_gnuplot()); }

TEST(Gnuplot, KeepsTheOrderOfManyFigures) {
  std::vector<std::string> scripts;
  for (int i = 0; i < 7; ++i) scripts.push_back(script_with_label("figure" + std::to_string(i)));
  const std::vector<std::string> svgs = draw_svgs(scripts);
  ASSERT_EQ(svgs.size(), scripts.size());
  for (std::size_t i = 0; i < svgs.size(); ++i) {
    EXPECT_THAT(svgs[i], HasSubstr("figure" + std::to_string(i)));
  }
  EXPECT_TRUE(draw_svgs({}).empty());
}

TEST(Gnuplot, DrawsAFigureTheSameAfterAnyOther) {
  const std::string plain = script_with_label("plain");
  const std::string odd =
      "set terminal svg size 300,200 enhanced font 'serif,30' background '#ff0000' name 'odd'\n"
      "set encoding utf8\nset logscale xy\nset lmargin at screen 0.4\nset palette gray\n"
      "set border 3\nunset key\nset xtics ('a' 1)\nset style fill solid\nset samples 7\n"
      "set multiplot\nplot [1:2] x\nset size 0.5, 0.5\nplot [1:2] x with boxes\n"
      "unset multiplot\n";
  // Two processes of two each; comments keep a script from being known already.
  const std::vector<std::string> svgs = draw_svgs({plain, "# 1\n" + plain, odd, "# 2\n" + plain});
  EXPECT_EQ(svgs[1], svgs[0]);
  EXPECT_EQ(svgs[3], svgs[0]);
  EXPECT_NE(svgs[2], svgs[0]);
}

TEST(Gnuplot, ThrowsWhenOneOfManyFails) {
  EXPECT_THROW(draw_svgs({script_with_label("a"), "plot nonsense\n", script_with_label("b")}),
               IoError);
}

}  // namespace
}  // namespace ravine::report
