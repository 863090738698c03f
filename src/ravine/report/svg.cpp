#include "ravine/report/svg.hpp"

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/report/markup.hpp"

namespace ravine::report {

namespace {

constexpr std::string_view kFonts = "Helvetica Neue, Helvetica, Arial, DejaVu Sans, sans-serif";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

// Replaces everything from the first `open` to the first `close` behind it, both included.
void replace_between(std::string& text, std::string_view open, std::string_view close,
                     std::string_view to) {
  const std::size_t begin = text.find(open);
  const std::size_t end = begin == std::string::npos ? begin : text.find(close, begin);
  if (end == std::string::npos) {
    throw IoError(error_text("svg", "gnuplot's figure", fmt::format("{}...{}", open, close),
                             "a figure without it"));
  }
  text.replace(begin, end + close.size() - begin, to);
}

}  // namespace

std::string polished_svg(std::string svg, std::string_view title, std::string_view description) {
  replace_between(svg, "<title>", "</title>",
                  fmt::format("<title id=\"title\">{}</title>", escaped(title)));
  replace_between(svg, "<desc>", "</desc>",
                  fmt::format("<desc id=\"description\">{}</desc>", escaped(description)));
  replace_all(svg, " font-family=\"sans-serif\"", "");
  replace_all(svg, "<image ", "<image style=\"image-rendering:pixelated\" ");
  replace_between(svg, "<svg", "viewBox",
                  fmt::format("<svg role=\"img\" aria-labelledby=\"title description\" "
                              "font-family=\"{}\" viewBox",
                              kFonts));
  return svg;
}

std::string inline_svg(const std::string& svg, std::string_view prefix) {
  std::string result = svg.substr(svg.find("<svg"));
  for (const std::string_view before : {"id=\"", "id='", "href='#", "href=\"#", "url(#"}) {
    replace_all(result, before, fmt::format("{}{}-", before, prefix));
  }
  replace_all(result, "aria-labelledby=\"title description\"",
              fmt::format("aria-labelledby=\"{0}-title {0}-description\"", prefix));
  return result;
}

}  // namespace ravine::report
