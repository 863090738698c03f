#include <algorithm>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/section.hpp"

namespace ravine::report {

namespace {

constexpr double kNoBarrier = 0.02;  // of two networks, over the larger loss of the ends
constexpr double kNone = 1e-6;       // a barrier this low, over the loss at 0, is none

std::string setup_text(const RunRecord& run) {
  const std::string dimension = count_text(run.number("/configuration/dimension"));
  const std::string rank = count_text(run.number("/results/rank"));
  const std::string loss =
      run.has("/configuration/measurements")
          ? fmt::format("The loss of <i>m</i> = {} measurements",
                        count_text(run.number("/configuration/measurements")))
          : "The population loss ½‖<i>UU</i><sup>T</sup> − <i>X</i>*‖<sub>F</sub>²";
  return fmt::format(
      "{}, <i>d</i> = {}, on straight segments between two factors <i>U</i> of {} columns, and "
      "over "
      "a plane through them. <i>U</i> and <i>UQ</i> with <i>Q</i> orthogonal are one point of the "
      "loss, so the end is also taken turned as near to the beginning as can be (Schönemann 1966).",
      loss, dimension, rank);
}

std::string barrier_text(const RunRecord& run, const std::string& at) {
  const double relative = run.number(at + "/relative_barrier");
  if (relative <= kNone) return "<strong>no barrier</strong>";
  return fmt::format("a barrier of <strong>{}</strong>, {} of the loss at 0, at <i>t</i> = {}",
                     number_text(run.number(at + "/barrier")), percent_text(relative),
                     fixed_text(run.number(at + "/barrier_at"), 2));
}

std::string conclusion(const RunRecord& run) {
  const bool given = run.number("/results/segments/0/relative_barrier") > kNone;
  const bool aligned = run.number("/results/segments/1/relative_barrier") > kNone;
  if (run.manifest()["results"]["same_point"].get<bool>()) {
    return fmt::format(
        "A and B are <strong>the same point of the loss</strong>, turned: <i>UU</i><sup>T</sup> is "
        "the same at both{}.",
        given ? ", and the barrier between them as given is of the coordinates only" : "");
  }
  if (given && !aligned) {
    return "The barrier is of the coordinates only: turned towards A, B is linearly connected to "
           "it.";
  }
  if (aligned) {
    return "The barrier is there when B is turned towards A, too: it is not one of the "
           "coordinates alone. A curved way may still go around it.";
  }
  return "A and B are linearly connected: the loss rises nowhere above the line between its ends.";
}

std::string points_table(const RunRecord& run) {
  HtmlTable table;
  table.caption = "The points: loss, gradient, extreme eigenvalues of the Hessian";
  table.header = {"point",
                  "from",
                  "loss",
                  "relative gradient norm",
                  "smallest eigenvalue",
                  "largest eigenvalue",
                  "verdict",
                  "relative error"};
  for (std::size_t i = 0; i < run.array("/results/points").size(); ++i) {
    const std::string at = fmt::format("/results/points/{}", i);
    const auto number = [&](const char* key) { return number_text(run.number(at + key)); };
    table.rows.push_back({escaped(run.text(at + "/point")),
                          run.has(at + "/source") ? escaped(run.text(at + "/source")) : "B",
                          number("/loss"), number("/relative_gradient_norm"),
                          number("/smallest_eigenvalue"), number("/largest_eigenvalue"),
                          escaped(run.text(at + "/verdict")), number("/relative_error")});
  }
  return html_of(table);
}

}  // namespace

std::string connection_sentence(const RunRecord& run) {
  const double height = run.number("/results/connection/barrier");
  const double end =
      std::max(run.number("/results/connection/loss_a"), run.number("/results/connection/loss_b"));
  return fmt::format(
      "On the straight segment from where training ended, with loss {}, to the weights of {}, with "
      "loss {}, the loss of {} training samples has {} at <i>t</i> = {}: {}",
      number_text(run.number("/results/connection/loss_a")),
      escaped(run.text("/configuration/slice-through")),
      number_text(run.number("/results/connection/loss_b")),
      count_text(run.number("/results/connection/samples")),
      fmt::format("a barrier of <strong>{}</strong>", number_text(height)),
      fixed_text(run.number("/results/connection/barrier_at"), 2),
      height <= kNoBarrier * end
          ? "the two are linearly connected."
          : "they are not linearly connected, unless by a permutation of hidden units, which is "
            "not looked for.");
}

Section slice_section(const RunRecord& run) {
  Section section;
  section.title = fmt::format("Slice of the loss: {}", run.name());
  section.question = "Is there a barrier between two points of the loss?";
  section.headline = fmt::format("As given: {}; turned towards each other: {}",
                                 barrier_text(run, "/results/segments/0"),
                                 barrier_text(run, "/results/segments/1"));
  section.setup = setup_text(run);
  section.findings = {fmt::format("From A straight to B as given there is {}.",
                                  barrier_text(run, "/results/segments/0")),
                      fmt::format("From A straight to B turned towards A there is {}.",
                                  barrier_text(run, "/results/segments/1")),
                      conclusion(run)};
  section.tables.push_back(points_table(run));
  return section;
}

}  // namespace ravine::report
