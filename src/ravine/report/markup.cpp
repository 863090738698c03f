#include "ravine/report/markup.hpp"

#include <cctype>

#include <fmt/format.h>

namespace ravine::report {

namespace {

bool is_numeric(std::string_view cell) {
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

std::string html_of(const HtmlTable& table) {
  std::string html = "<div class=\"scroll\"><table>\n";
  if (!table.caption.empty()) html += fmt::format("<caption>{}</caption>\n", table.caption);
  html += "<thead><tr>";
  for (const std::string& name : table.header)
    html += fmt::format("<th scope=\"col\">{}</th>", name);
  html += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) html += row_html(row);
  return html + "</tbody></table></div>\n";
}

std::string html_list(const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string html = "<ul>\n";
  for (const std::string& item : items) html += fmt::format("<li>{}</li>\n", item);
  return html + "</ul>\n";
}

}  // namespace ravine::report
