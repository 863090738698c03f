#include "ravine/report/number_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <regex>
#include <string_view>

#include <fmt/format.h>

namespace ravine::report {

namespace {

constexpr std::string_view kNone = "–";
// Between these, digits are easier to read than powers of ten.
constexpr double kSmallestPlain = 1e-3;
constexpr double kLargestPlain = 1e7;

std::string superscript(int number) {
  constexpr std::array<std::string_view, 10> kDigits{"⁰", "¹", "²", "³", "⁴",
                                                     "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = number < 0 ? "⁻" : "";
  for (const char digit : fmt::format("{}", std::abs(number))) {
    text += kDigits[static_cast<std::size_t>(digit - '0')];
  }
  return text;
}

std::string scientific(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, std::max(0, digits - 1));
  const std::size_t e = text.find('e');
  const std::string power = fmt::format("10{}", superscript(std::stoi(text.substr(e + 1))));
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') != std::string::npos &&
      std::stod(mantissa) == std::round(std::stod(mantissa))) {
    mantissa.resize(mantissa.find('.'));
  }
  if (mantissa == "1") return power;
  return fmt::format("{}·{}", with_minus_sign(mantissa), power);
}

std::string non_finite(double value) {
  if (std::isnan(value)) return std::string(kNone);
  return value > 0.0 ? "∞" : "−∞";
}

}  // namespace

std::string count_text(double value) { return fixed_text(value, 0); }

std::string fixed_text(double value, int decimals) {
  if (!std::isfinite(value)) return non_finite(value);
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  const std::size_t whole_digits = std::min(text.find('.'), text.size());
  for (std::size_t place = whole_digits; place > 3; place -= 3) text.insert(place - 3, 1, ',');
  const bool negative = value < 0.0 && text.find_first_not_of("0.,") != std::string::npos;
  return negative ? fmt::format("−{}", text) : text;
}

std::string number_text(double value, int digits) {
  if (!std::isfinite(value)) return non_finite(value);
  if (value == 0.0) return "0";
  const double size = std::abs(value);
  if (size < kSmallestPlain || size >= kLargestPlain) return scientific(value, digits);
  const int before_point = static_cast<int>(std::floor(std::log10(size))) + 1;
  return fixed_text(value, std::max(0, digits - before_point));
}

std::string power_text(double value) {
  if (!std::isfinite(value)) return non_finite(value);
  const double size = std::abs(value);
  if (size == 0.0 || (size >= 0.01 && size < kLargestPlain)) {
    return with_minus_sign(fmt::format("{:.6g}", value));
  }
  return scientific(value, 1) == scientific(value, 3) ? scientific(value, 1) : scientific(value, 3);
}

std::string percent_text(double share) {
  if (!std::isfinite(share)) return non_finite(share);
  return fmt::format("{} %", fixed_text(100.0 * share, 1));
}

std::string deviation_text(double deviation) {
  if (!(deviation >= 1.0)) return percent_text(deviation);
  return fmt::format("a factor of {}", number_text(1.0 + deviation, 2));
}

std::string with_powers(const std::string& text) {
  static const std::regex kNumber(R"(\b(\d+(\.\d+)?)e([+-]?\d{1,3})\b)");
  std::string result;
  auto rest = text.begin();
  for (std::sregex_iterator at(text.begin(), text.end(), kNumber); at != std::sregex_iterator();
       ++at) {
    const std::smatch& number = *at;
    result.append(rest, number[0].first);
    if (number[1] != "1") result += number.str(1) + "·";
    result += "10" + superscript(std::stoi(number.str(3)));
    rest = number[0].second;
  }
  return result.append(rest, text.end());
}

std::string with_minus_sign(const std::string& text) {
  return text.starts_with('-') ? fmt::format("−{}", text.substr(1)) : text;
}

}  // namespace ravine::report
