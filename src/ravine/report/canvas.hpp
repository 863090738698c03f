#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ravine/report/axis_scale.hpp"

namespace ravine::report {

/// A rectangle on a figure in pixels; y counts from the top.
struct Rectangle {
  double left = 0.0;
  double top = 0.0;
  double right = 0.0;
  double bottom = 0.0;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

inline constexpr std::string_view kTextColour = "#222222";
inline constexpr std::string_view kFaintColour = "#666666";

/// A plain text in gnuplot's markup: shown as it is, whatever it holds.
std::string marked_up(std::string_view text);

/// The same as a gnuplot string, quotes included.
std::string quoted(std::string_view text);

/// `set xtics`, `set ytics` or `set cbtics` with exactly these ticks.
std::string ticks_command(std::string_view axis, const std::vector<Tick>& ticks);

/// Writes the commands that depend on a figure's size; all positions are in pixels.
class Canvas {
 public:
  Canvas(double width, double height) : width_(width), height_(height) {}

  double width() const { return width_; }
  double height() const { return height_; }

  /// Terminal, fonts and what all figures share. `name` becomes the prefix of ids in the SVG.
  std::string head(std::string_view name) const;

  /// A point as gnuplot's "x, y" in screen units.
  std::string at(double x, double y) const;

  /// Puts the plot area into a rectangle.
  std::string margins(const Rectangle& area) const;

  /// A text at a point; style is gnuplot's words for its alignment, font and colour.
  std::string label(std::string_view text, double x, double y, std::string_view style) const;

 private:
  double width_;
  double height_;
};

}  // namespace ravine::report
