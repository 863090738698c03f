#include "ravine/report/canvas.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace ravine::report {

std::string marked_up(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += ' ';
    } else if (c == '\'') {
      result += "’";  // gnuplot misreads a doubled quote at the start of a string
    } else {
      if (std::string_view(R"(\{}^_@&~)").find(c) != std::string_view::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

std::string quoted(std::string_view text) { return fmt::format("'{}'", marked_up(text)); }

std::string ticks_command(std::string_view axis, const std::vector<Tick>& ticks) {
  std::string command = fmt::format("set {}tics nomirror out scale 0.5,0.25 offset {} (", axis,
                                    axis == "x" ? "0,0.3" : "0.3,0");
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    // Labels are ours and hold gnuplot's markup on purpose: no escapes here.
    command += fmt::format("{}'{}' {} {}", i == 0 ? "" : ", ", ticks[i].label, ticks[i].value,
                           ticks[i].minor ? 1 : 0);
  }
  return command + ")\n";
}

std::string Canvas::head(std::string_view name) const {
  std::string id(name);  // gnuplot takes only letters, digits and _
  std::replace_if(
      id.begin(), id.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return fmt::format(
      "set terminal svg size {},{} dynamic rounded enhanced font 'sans-serif,12' "
      "background '#ffffff' name '{}'\n"
      "set encoding utf8\n"
      "unset key\n"
      "set border 3 linewidth 0.8 linecolor rgb '{}'\n"
      "set tics textcolor rgb '{}'\n"
      "set grid xtics ytics linetype 1 linewidth 0.7 linecolor rgb '#E3E3E3'\n",
      width_, height_, id, kFaintColour, kTextColour);
}

std::string Canvas::at(double x, double y) const {
  return fmt::format("{:.5f}, {:.5f}", x / width_, 1.0 - y / height_);
}

std::string Canvas::margins(const Rectangle& area) const {
  return fmt::format(
      "set lmargin at screen {:.5f}\nset rmargin at screen {:.5f}\n"
      "set tmargin at screen {:.5f}\nset bmargin at screen {:.5f}\n",
      area.left / width_, area.right / width_, 1.0 - area.top / height_,
      1.0 - area.bottom / height_);
}

std::string Canvas::label(std::string_view text, double x, double y, std::string_view style) const {
  return fmt::format("set label {} at screen {} {}\n", quoted(text), at(x, y), style);
}

}  // namespace ravine::report
