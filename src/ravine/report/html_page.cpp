#include "ravine/report/html_page.hpp"

#include <map>
#include <string_view>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/page_texts.hpp"
#include "ravine/report/svg.hpp"

namespace ravine::report {

namespace {

// What follows kPageStart. The policy has the browser enforce what the page promises: it loads
// nothing.
constexpr std::string_view kHead =
    R"html(<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{}</title>
<style>{}</style>
</head>
<body>
)html";

std::string section_id(std::size_t index) { return fmt::format("run-{}", index + 1); }

std::string link_to(std::size_t run, const std::string& text) {
  return fmt::format("<a href=\"#{}\">{}</a>", section_id(run), escaped(text));
}

std::string heading_of(const PageRun& run) {
  return run.shares_title ? run.section.title + ": " + run.name : run.section.title;
}

// Whether a run is the first of those that share its title, or shares it with none.
bool opens_title(const Page& page, std::size_t run) {
  return run == 0 || page.runs[run - 1].section.title != page.runs[run].section.title;
}

std::string headline_box(const Page& page) {
  HtmlTable table;
  table.header = {"run", "what it found"};
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    const PageRun& run = page.runs[i];
    if (run.command_only) continue;
    const bool alone = !run.shares_title;
    if (alone || opens_title(page, i)) {
      table.rows.push_back({link_to(i, run.section.title), alone ? run.section.headline : ""});
    }
    if (!alone) {
      table.rows.push_back({fmt::format("<span class=\"part\">{}</span>", link_to(i, run.name)),
                            run.section.headline});
    }
  }
  std::string html = "<section class=\"box\">\n<h2>At a glance</h2>\n" + html_of(table);
  if (!page.checks_summary.empty()) html += fmt::format("<p>{}</p>\n", page.checks_summary);
  return html + "</section>\n";
}

std::string contents_list(const Page& page) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    if (opens_title(page, i)) items.push_back(link_to(i, page.runs[i].section.title));
  }
  if (!page.checks.empty()) items.push_back("<a href=\"#checks\">Checks</a>");
  if (!page.notebook_errors.empty()) {
    items.push_back("<a href=\"#notebook\">What the notebook got wrong</a>");
  }
  items.push_back("<a href=\"#again\">How to make this again</a>");
  items.push_back("<a href=\"#glossary\">Glossary</a>");
  return "<nav aria-label=\"Contents\">\n<h3>Contents</h3>\n" + html_list(items) + "</nav>\n";
}

/// The figures of a page. A caption that an earlier figure has is not said again.
class FigureWriter {
 public:
  std::string html_of(const DrawnFigure& figure, const std::string& id) {
    const auto [first, is_new] = first_with_.emplace(figure.caption, id);
    const std::string caption =
        is_new ? escaped(figure.caption)
               : fmt::format("<a href=\"#{}\">Explained above.</a>", first->second);
    return fmt::format(
        "<figure id=\"{}\">\n<div class=\"paper\">{}</div>\n<figcaption><strong>{}.</strong> "
        "{}</figcaption>\n</figure>\n",
        id, inline_svg(figure.svg, id), escaped(figure.title), caption);
  }

 private:
  std::map<std::string, std::string> first_with_;  // by caption, the figure's id
};

std::string run_html(const PageRun& run, const std::string& id, FigureWriter& figures) {
  const Section& section = run.section;
  std::string html =
      fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n<p class=\"question\">{}</p>\n<p>{}</p>\n", id,
                  escaped(heading_of(run)), escaped(section.question), section.setup);
  html += "<h3>What we found</h3>\n" + html_list(section.findings);
  for (std::size_t i = 0; i < run.figures.size(); ++i) {
    html += figures.html_of(run.figures[i], fmt::format("{}-{}", id, i + 1));
  }
  for (const std::string& table : section.tables) html += table;
  if (!section.notebook.empty()) {
    html +=
        fmt::format("<div class=\"notebook\">\n<h3>What the notebook had</h3>\n<p>{}</p>\n</div>\n",
                    prose(section.notebook));
  }
  return html + "</section>\n";
}

// The commands from `run` on for which one comparison stands, in a fold; `run` becomes the last.
std::string folded_commands(const Page& page, std::size_t& run) {
  const std::string& title = page.runs[run].section.title;
  std::string commands;
  const auto belongs = [&](std::size_t i) {
    return i < page.runs.size() && page.runs[i].command_only && page.runs[i].section.title == title;
  };
  const std::size_t first = run;
  for (std::size_t i = first; belongs(i); run = i++) {
    commands += escaped(page.runs[i].command_line) + '\n';
  }
  return fmt::format(
      "<details>\n<summary>{}: {} runs</summary>\n<pre>{}</pre>\n</details>\n<p class=\"faint\">"
      "{}</p>\n",
      escaped(title), run - first + 1, commands, prose(page.runs[run].host));
}

std::string reproduction_html(const Page& page) {
  std::string html =
      "<section id=\"again\">\n<h2>How to make this again</h2>\n<p>Random numbers depend on "
      "nothing "
      "but the seed, so these commands give the same tables to the byte, for any number of threads "
      "on one instruction set.</p>\n";
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    const PageRun& run = page.runs[i];
    if (run.command_line.empty()) continue;
    if (run.command_only) {
      html += folded_commands(page, i);
      continue;
    }
    html += fmt::format("<h3>{}</h3>\n<pre>{}</pre>\n<p class=\"faint\">{}</p>\n",
                        escaped(run.name), escaped(run.command_line), prose(run.host));
  }
  return html + "</section>\n";
}

std::string optional_part(const char* id, const char* title, const std::string& html) {
  if (html.empty()) return {};
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, title, html);
}

}  // namespace

std::string html_of(const Page& page) {
  std::string html(kPageStart);
  html += fmt::format(kHead, escaped(page.title), page_style());
  html += fmt::format("<header>\n<h1>{}</h1>\n</header>\n<main>\n", escaped(page.title));
  html += headline_box(page) + contents_list(page);
  FigureWriter figures;
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    if (!page.runs[i].command_only) html += run_html(page.runs[i], section_id(i), figures);
  }
  html += optional_part("checks", "Checks", page.checks);
  html += optional_part("notebook", "What the notebook got wrong", page.notebook_errors);
  html += reproduction_html(page);
  html += optional_part("glossary", "Glossary", glossary_html());
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace ravine::report
