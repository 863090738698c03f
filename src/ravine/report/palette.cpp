#include "ravine/report/palette.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace ravine::report {

namespace {

struct Rgb {
  int red, green, blue;
};

// Cividis (Nunez, Anderton, Renslow 2018) at ten equal steps.
constexpr std::array<Rgb, 10> kCividis{{{0x00, 0x22, 0x4E},
                                        {0x12, 0x35, 0x70},
                                        {0x3B, 0x49, 0x6C},
                                        {0x57, 0x5D, 0x6D},
                                        {0x70, 0x71, 0x73},
                                        {0x8A, 0x86, 0x78},
                                        {0xA5, 0x9C, 0x74},
                                        {0xC3, 0xB3, 0x69},
                                        {0xE1, 0xCC, 0x55},
                                        {0xFE, 0xE8, 0x38}}};

constexpr std::array kColours{kBlue, kVermillion, kGreen, kPurple, kOrange, kSkyBlue, kBlack};
constexpr std::array<std::string_view, 6> kDashes{kSolid,      kDashed,  kDotted,
                                                  "(9,4,2,4)", "(15,4)", "(9,3,2,3,2,3)"};

// The lightest yellows vanish on white paper.
constexpr double kDarkEnough = 0.88;

int between(int low, int high, double part) {
  return static_cast<int>(std::lround(low + (high - low) * part));
}

}  // namespace

std::string cividis(double position) {
  const double place = std::clamp(position, 0.0, 1.0) * (kCividis.size() - 1);
  const std::size_t low = std::min(static_cast<std::size_t>(place), kCividis.size() - 2);
  const Rgb& a = kCividis[low];
  const Rgb& b = kCividis[low + 1];
  const double part = place - static_cast<double>(low);
  return fmt::format("#{:02X}{:02X}{:02X}", between(a.red, b.red, part),
                     between(a.green, b.green, part), between(a.blue, b.blue, part));
}

std::string cividis_palette_command() {
  std::string command = "set palette defined (";
  for (std::size_t i = 0; i < kCividis.size(); ++i) {
    command += fmt::format("{}{} '{}'", i == 0 ? "" : ", ", i,
                           cividis(static_cast<double>(i) / (kCividis.size() - 1)));
  }
  return command + ")\n";
}

std::string cividis_steps_command(int count) {
  std::string command = "set palette defined (";
  for (int k = 0; k < count; ++k) {
    const std::string colour = cividis(static_cast<double>(k) / (count - 1));
    command += fmt::format("{0}{1} '{3}', {2} '{3}'", k == 0 ? "" : ", ", k, k + 1, colour);
  }
  return command + ")\n";
}

Stroke series_stroke(std::size_t index, std::size_t count) {
  const std::string dash(kDashes[index % kDashes.size()]);
  if (count <= kColours.size()) return {std::string(kColours[index % kColours.size()]), dash};
  const double depth = static_cast<double>(index) / static_cast<double>(count - 1);
  return {cividis(kDarkEnough * depth), dash};
}

}  // namespace ravine::report
