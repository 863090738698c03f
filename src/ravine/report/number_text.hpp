#pragma once

#include <string>

namespace ravine::report {

// Numbers as people read them: "−" for minus, "," between thousands, 10⁻⁵ for 1e-05. "–" stands for
// a number there is none of (NaN); "∞" for an infinite one.

/// A whole number: 18,760.
std::string count_text(double value);

/// A number with a fixed count of decimals: 0.976.
std::string fixed_text(double value, int decimals);

/// A number with this many significant digits, in powers of ten when it is very large or small:
/// 0.792, 2.6·10⁻⁶.
std::string number_text(double value, int digits = 3);

/// A number that is mostly a power of ten: 1, 0.1, 0.01, 10⁻³, 3·10⁻⁵.
std::string power_text(double value);

/// A share as a percentage with one decimal: 97.6 %.
std::string percent_text(double share);

/// How far off a relative deviation is: 5.1 %, and from 100 % on the factor 1 + deviation: "a
/// factor of 5.5".
std::string deviation_text(double deviation);

/// A text in which numbers like 2e-06 are written as 2·10⁻⁶.
std::string with_powers(const std::string& text);

/// A text with its leading hyphen, if any, as a minus sign.
std::string with_minus_sign(const std::string& text);

}  // namespace ravine::report
