#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ravine::report {

/// How a line is drawn. Dashes tell lines apart where colours cannot: in print, and for the one
/// reader in twenty who sees colours differently.
struct Stroke {
  std::string colour;  // "#rrggbb"
  std::string dash;    // gnuplot dash type, "1" is solid
  double width = 2.0;  // pixels
};

// Okabe and Ito's colours, which stay distinct for colour-blind readers.
inline constexpr std::string_view kBlue = "#0072B2";
inline constexpr std::string_view kVermillion = "#D55E00";
inline constexpr std::string_view kGreen = "#009E73";
inline constexpr std::string_view kPurple = "#CC79A7";
inline constexpr std::string_view kOrange = "#E69F00";
inline constexpr std::string_view kSkyBlue = "#56B4E9";
inline constexpr std::string_view kBlack = "#000000";
inline constexpr std::string_view kGrey = "#777777";

inline constexpr std::string_view kSolid = "1";
inline constexpr std::string_view kDashed = "(9,5)";
inline constexpr std::string_view kDotted = "(2,4)";

/// The cividis colour map as "#rrggbb"; position 0 is dark blue, 1 is yellow.
std::string cividis(double position);

/// A `set palette` command for the cividis colour map.
std::string cividis_palette_command();

/// The same in `count` even steps, 2 or more; gnuplot's own steps take no fewer than the map's
/// nodes.
std::string cividis_steps_command(int count);

/// The stroke of series `index` out of `count`: Okabe-Ito while they last, then cividis from
/// first to last, which suits series that have an order (the layers of a deep network).
Stroke series_stroke(std::size_t index, std::size_t count);

}  // namespace ravine::report
