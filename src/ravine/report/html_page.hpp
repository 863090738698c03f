#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/report/figure.hpp"
#include "ravine/report/section.hpp"

namespace ravine::report {

/// One run on the page, or several compared: then without a command line and a host.
struct PageRun {
  std::string name;                   // plain text
  std::filesystem::path folder = {};  // of the run; of a comparison none
  Section section;
  bool shares_title = false;  // with its neighbours: the runs of one experiment
  bool command_only = false;  // its section is left out, a comparison stands for it
  std::vector<DrawnFigure> figures = {};
  std::string command_line = {};  // plain text
  std::string host = {};          // plain text: version, machine, time taken
};

/// Everything a page shows. `checks` and `notebook_errors` are HTML and left out when empty.
struct Page {
  std::string title;  // plain text
  std::vector<PageRun> runs;
  std::string checks_summary;
  std::string checks;
  std::string notebook_errors;
};

/// How every page begins, and nothing else does.
inline constexpr std::string_view kPageStart = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="Ravine">
)html";

/// One self-contained HTML document: style and figures inside, no scripts, no request to anywhere.
std::string html_of(const Page& page);

}  // namespace ravine::report
