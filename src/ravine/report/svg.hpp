#pragma once

#include <string>
#include <string_view>

namespace ravine::report {

/// Gnuplot's SVG made fit to show: title and description in place of gnuplot's own, a role and
/// names for screen readers, common sans-serif fonts, sharp heat-map cells.
std::string polished_svg(std::string svg, std::string_view title, std::string_view description);

/// A polished SVG for use inside an HTML page: without XML declaration, and with `prefix` before
/// every id, since ids must differ over the whole page.
std::string inline_svg(const std::string& svg, std::string_view prefix);

}  // namespace ravine::report
