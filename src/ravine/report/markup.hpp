#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ravine::report {

/// Text made safe for XML and HTML, in content and in attributes.
std::string escaped(std::string_view text);

/// A sentence of plain text as HTML: numbers like 2e-06 as 2·10⁻⁶, exponents as in 4^-L raised.
std::string prose(const std::string& text);

/// A table of cells that are HTML already. The first column names the row; cells that start with a
/// digit or a sign, and those of outside_cell(), are aligned as numbers. Rows may be shorter than
/// the header.
struct HtmlTable {
  std::string caption;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

std::string html_of(const HtmlTable& table);

/// A cell of a number that is outside the range it is compared with: bold and in a colour.
std::string outside_cell(const std::string& html);

/// `<ul>` of sentences that are HTML already; nothing for none.
std::string html_list(const std::vector<std::string>& items);

}  // namespace ravine::report
