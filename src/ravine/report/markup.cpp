#include "ravine/report/markup.hpp"

#include <cctype>
#include <regex>

#include <fmt/format.h>

#include "ravine/report/number_text.hpp"

namespace ravine::report {

namespace {

constexpr std::size_t kManyColumns = 9;  // with more, a table is set smaller to fit the page
constexpr std::string_view kOutside = "<strong class=\"outside\">";

bool is_numeric(std::string_view cell) {
  if (cell.starts_with(kOutside)) cell.remove_prefix(kOutside.size());
  for (const std::string_view sign : {"−", "–", "&lt;"}) {
    if (cell.starts_with(sign)) cell.remove_prefix(sign.size());
  }
  return cell.empty() || std::isdigit(static_cast<unsigned char>(cell.front())) != 0;
}

std::string row_html(const std::vector<std::string>& row) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i == 0) {
      html += fmt::format("<th scope=\"row\">{}</th>", row[i]);
    } else {
      html += fmt::format("<td{}>{}</td>", is_numeric(row[i]) ? " class=\"number\"" : "", row[i]);
    }
  }
  return html + "</tr>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

std::string prose(const std::string& text) {
  static const std::regex kExponent(R"(\^(-?)(\w+))");
  std::string result;
  const std::string html = escaped(with_powers(text));
  auto rest = html.begin();
  for (std::sregex_iterator at(html.begin(), html.end(), kExponent); at != std::sregex_iterator();
       ++at) {
    result.append(rest, (*at)[0].first);
    result += fmt::format("<sup>{}{}</sup>", (*at)[1].length() > 0 ? "−" : "", at->str(2));
    rest = (*at)[0].second;
  }
  return result.append(rest, html.end());
}

std::string html_of(const HtmlTable& table) {
  // The caption stands outside of what scrolls, or a narrow screen would cut it off.
  std::string html = "<figure class=\"table\">\n";
  if (!table.caption.empty()) html += fmt::format("<figcaption>{}</figcaption>\n", table.caption);
  const bool wide = table.header.size() > kManyColumns;
  html +=
      fmt::format("<div class=\"scroll\"><table{}>\n<thead><tr>", wide ? " class=\"wide\"" : "");
  for (const std::string& name : table.header)
    html += fmt::format("<th scope=\"col\">{}</th>", name);
  html += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) html += row_html(row);
  return html + "</tbody></table></div>\n</figure>\n";
}

std::string outside_cell(const std::string& html) {
  return fmt::format("{}{}</strong>", kOutside, html);
}

std::string html_list(const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string html = "<ul>\n";
  for (const std::string& item : items) html += fmt::format("<li>{}</li>\n", item);
  return html + "</ul>\n";
}

}  // namespace ravine::report
