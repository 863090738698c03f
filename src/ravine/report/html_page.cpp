#include "ravine/report/html_page.hpp"

#include <string_view>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/page_texts.hpp"
#include "ravine/report/svg.hpp"

namespace ravine::report {

namespace {

// The policy has the browser enforce what the page promises: it loads nothing.
constexpr std::string_view kHead = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{}</title>
<style>{}</style>
</head>
<body>
)html";

std::string section_id(std::size_t index) { return fmt::format("run-{}", index + 1); }

std::string headline_box(const Page& page) {
  HtmlTable table;
  table.header = {"run", "what it found"};
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    const Section& section = page.runs[i].section;
    table.rows.push_back(
        {fmt::format("<a href=\"#{}\">{}</a>", section_id(i), escaped(section.title)),
         section.headline});
  }
  std::string html = "<section class=\"box\">\n<h2>At a glance</h2>\n" + html_of(table);
  if (!page.checks_summary.empty()) html += fmt::format("<p>{}</p>\n", page.checks_summary);
  return html + "</section>\n";
}

std::string contents_list(const Page& page) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    items.push_back(
        fmt::format("<a href=\"#{}\">{}</a>", section_id(i), escaped(page.runs[i].section.title)));
  }
  if (!page.checks.empty()) items.push_back("<a href=\"#checks\">Checks</a>");
  if (!page.notebook_errors.empty()) {
    items.push_back("<a href=\"#notebook\">What the notebook got wrong</a>");
  }
  items.push_back("<a href=\"#again\">How to make this again</a>");
  items.push_back("<a href=\"#glossary\">Glossary</a>");
  return "<nav aria-label=\"Contents\">\n<h3>Contents</h3>\n" + html_list(items) + "</nav>\n";
}

std::string figure_html(const DrawnFigure& figure, const std::string& prefix) {
  return fmt::format(
      "<figure>\n<div class=\"paper\">{}</div>\n<figcaption><strong>{}.</strong> "
      "{}</figcaption>\n</figure>\n",
      inline_svg(figure.svg, prefix), escaped(figure.title), escaped(figure.caption));
}

std::string run_html(const PageRun& run, const std::string& id) {
  const Section& section = run.section;
  std::string html =
      fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n<p class=\"question\">{}</p>\n<p>{}</p>\n", id,
                  escaped(section.title), escaped(section.question), section.setup);
  html += "<h3>What we found</h3>\n" + html_list(section.findings);
  for (std::size_t i = 0; i < run.figures.size(); ++i) {
    html += figure_html(run.figures[i], fmt::format("{}-{}", id, i + 1));
  }
  for (const std::string& table : section.tables) html += table;
  if (!section.notebook.empty()) {
    html +=
        fmt::format("<div class=\"notebook\">\n<h3>What the notebook had</h3>\n<p>{}</p>\n</div>\n",
                    escaped(section.notebook));
  }
  return html + "</section>\n";
}

std::string reproduction_html(const Page& page) {
  std::string html =
      "<section id=\"again\">\n<h2>How to make this again</h2>\n<p>Random numbers depend on "
      "nothing "
      "but the seed, so these commands give the same tables to the byte, for any number of threads "
      "on one instruction set.</p>\n";
  for (const PageRun& run : page.runs) {
    if (run.command_line.empty()) continue;
    html += fmt::format("<h3>{}</h3>\n<pre>{}</pre>\n<p class=\"faint\">{}</p>\n",
                        escaped(run.name), escaped(run.command_line), escaped(run.host));
  }
  return html + "</section>\n";
}

std::string optional_part(const char* id, const char* title, const std::string& html) {
  if (html.empty()) return {};
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, title, html);
}

}  // namespace

std::string html_of(const Page& page) {
  std::string html = fmt::format(kHead, escaped(page.title), page_style());
  html += fmt::format("<header>\n<h1>{}</h1>\n</header>\n<main>\n", escaped(page.title));
  html += headline_box(page) + contents_list(page);
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    html += run_html(page.runs[i], section_id(i));
  }
  html += optional_part("checks", "Checks", page.checks);
  html += optional_part("notebook", "What the notebook got wrong", page.notebook_errors);
  html += reproduction_html(page);
  html += optional_part("glossary", "Glossary", glossary_html());
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace ravine::report
