#pragma once

#include <string>
#include <vector>

namespace ravine {

/// Checks that gnuplot can be run, in a few milliseconds: for a preflight, so that no run of an
/// hour ends without its figures. Throws IoError that says how to install it.
void require_gnuplot();

namespace report {

/// Runs gnuplot on a script whose terminal is svg and returns the SVG it draws, less groups that
/// hold nothing. No shell and no temporary file is involved, and no settings of the user's are
/// read. Throws IoError when gnuplot is missing or refuses the script, with gnuplot's own words.
std::string draw_svg(const std::string& script);

/// Draws many, two gnuplots at a time and several by each; result i is that of script i. All
/// settings are at their defaults when a script begins, except for options of the terminal, which
/// it must give: size, font, background. Throws like draw_svg().
std::vector<std::string> draw_svgs(const std::vector<std::string>& scripts);

}  // namespace report
}  // namespace ravine
