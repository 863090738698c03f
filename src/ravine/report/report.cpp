#include "ravine/report/report.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "ravine/report/checks.hpp"
#include "ravine/report/comparison.hpp"
#include "ravine/report/configuration.hpp"
#include "ravine/report/html_page.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/page_texts.hpp"
#include "ravine/report/run_figures.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace report {

namespace {

std::vector<RunRecord> runs_of(const RunRecord& reproduction) {
  std::vector<RunRecord> runs;
  for (std::size_t i = 0; i < reproduction.array("/results/runs").size(); ++i) {
    runs.push_back(
        read_run(reproduction.folder() / reproduction.text(fmt::format("/results/runs/{}", i))));
  }
  return runs;
}

struct Sources {
  std::vector<RunRecord> runs;
  std::vector<RunRecord> reproductions;
};

Sources sources_of(const std::vector<fs::path>& folders) {
  Sources sources;
  for (const fs::path& folder : folders) {
    RunRecord run = read_run(folder);
    if (run.kind() != "reproduce") {
      sources.runs.push_back(std::move(run));
      continue;
    }
    std::ranges::move(runs_of(run), std::back_inserter(sources.runs));
    sources.reproductions.push_back(std::move(run));
  }
  return sources;
}

std::string text_or_dash(const RunRecord& run, const std::string& pointer) {
  return run.has(pointer) ? run.text(pointer) : "–";
}

double total_seconds(const RunRecord& run) {
  double sum = 0.0;
  if (!run.has("/timing")) return sum;
  for (const auto& [phase, seconds] : run.manifest().at("timing").items()) {
    if (seconds.is_number()) sum += seconds.get<double>();
  }
  return sum;
}

std::string host_text(const RunRecord& run) {
  std::string text =
      fmt::format("Made by Ravine {} ({}, {}) on {}, {}", text_or_dash(run, "/host/ravine_version"),
                  text_or_dash(run, "/host/compiler"), text_or_dash(run, "/host/build_type"),
                  text_or_dash(run, "/host/cpu"), text_or_dash(run, "/host/instruction_set"));
  if (run.has("/host/threads")) {
    text += fmt::format(", {} threads", count_text(run.number("/host/threads")));
  }
  if (const double seconds = total_seconds(run); seconds > 0.0) {
    text += fmt::format(", in {} s", number_text(seconds));
  }
  return fmt::format("{}. Ended: {}.", text, text_or_dash(run, "/termination/message"));
}

// Which runs have a section of their own: those of an experiment whose comparison stands for them
// have none.
std::vector<bool> shown_alone(const std::vector<RunRecord>& runs,
                              const std::map<std::size_t, Comparison>& comparisons) {
  std::set<std::string> replaced;  // ids of experiments
  for (const auto& [run, comparison] : comparisons) {
    if (comparison.replaces_runs) replaced.insert(runs[run].text("/experiment/id"));
  }
  std::vector<bool> alone;
  for (const RunRecord& run : runs) {
    alone.push_back(!run.has("/experiment/id") || !replaced.contains(run.text("/experiment/id")));
  }
  return alone;
}

enum class Figures { shown, all };

std::vector<PageRun> page_runs(const std::vector<RunRecord>& runs, Figures figures) {
  std::map<std::size_t, Comparison> comparisons = comparisons_of(runs);
  const std::vector<bool> alone = shown_alone(runs, comparisons);
  const std::vector<bool> all(runs.size(), true);
  std::vector<std::vector<FigureScript>> own =
      figures_of(runs, figures == Figures::all ? all : alone);
  std::vector<std::vector<FigureScript>> scripts;  // of each of the result
  std::vector<PageRun> result;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (const auto found = comparisons.find(i); found != comparisons.end()) {
      Comparison& comparison = found->second;
      scripts.push_back(std::move(comparison.figures));
      result.push_back({.name = comparison.name, .section = std::move(comparison.section)});
    }
    scripts.push_back(std::move(own[i]));
    result.push_back({.name = runs[i].name(),
                      .folder = runs[i].folder(),
                      .section = section_of(runs[i]),
                      .command_only = !alone[i],
                      .command_line = command_line_of(runs[i]),
                      .host = host_text(runs[i])});
  }
  std::vector<std::vector<DrawnFigure>> drawn = draw_together(scripts);
  for (std::size_t i = 0; i < result.size(); ++i) result[i].figures = std::move(drawn[i]);
  return result;
}

// Runs of one experiment share its texts: each is told apart by its name, and what the notebook had
// is said once. A comparison that stands for its runs needs no name.
void tell_apart(std::vector<PageRun>& runs) {
  std::map<std::string, std::size_t> count;
  for (const PageRun& run : runs) count[run.section.title] += !run.command_only;
  std::set<std::string> said;
  for (PageRun& run : runs) {
    if (!said.insert(run.section.notebook).second) run.section.notebook.clear();
    run.shares_title = count[run.section.title] > 1;
  }
}

// Whether any run redoes a part of the course notebook.
bool redoes_the_notebook(const Sources& sources) {
  return !sources.reproductions.empty() &&
         std::ranges::any_of(sources.runs, [](const RunRecord& run) {
           return run.has("/experiment/notebook") && !run.text("/experiment/notebook").empty();
         });
}

std::string title_of(const Sources& sources, const std::vector<PageRun>& runs) {
  if (redoes_the_notebook(sources)) {
    return "Gradient norms and implicit regularisation: a problem set reproduced and corrected";
  }
  return runs.size() == 1 ? runs.front().section.title
                          : fmt::format("Ravine: {} runs of gradient descent", sources.runs.size());
}

Page page_of(const Sources& sources, Figures figures) {
  Page page;
  page.runs = page_runs(sources.runs, figures);
  tell_apart(page.runs);
  page.title = title_of(sources, page.runs);
  page.checks_summary = checks_summary(sources.reproductions);
  page.checks = checks_html(sources.reproductions);
  if (redoes_the_notebook(sources)) page.notebook_errors = notebook_errors_html();
  return page;
}

void write_into(const fs::path& folder, const std::vector<DrawnFigure>& figures) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    throw IoError(
        error_text("figures", folder.string(), "a folder that can be made", failed.message()));
  }
  for (const DrawnFigure& figure : figures) {
    write_file_atomically(folder / (figure.name + ".svg"), figure.svg);
  }
}

}  // namespace

}  // namespace report

void write_report(const std::vector<fs::path>& runs, const fs::path& out) {
  if (runs.empty()) throw ConfigError(error_text("report", "runs", "at least one folder", "none"));
  const report::Page page = report::page_of(report::sources_of(runs), report::Figures::shown);
  write_file_atomically(out, report::html_of(page));
}

bool is_report(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string start(report::kPageStart.size(), '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  return start == report::kPageStart;
}

void write_report_into(const fs::path& run_folder) {
  const report::Page page = report::page_of(report::sources_of({run_folder}), report::Figures::all);
  for (const report::PageRun& run : page.runs) {
    if (run.figures.empty()) continue;
    report::write_into((run.folder.empty() ? run_folder : run.folder) / "figures", run.figures);
  }
  write_file_atomically(run_folder / "report.html", report::html_of(page));
}

}  // namespace ravine
