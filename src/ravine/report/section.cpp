#include "ravine/report/section.hpp"

#include "ravine/base/error.hpp"

namespace ravine::report {

namespace {

// Texts of the experiment, where a run belongs to one, come before what is said of its kind.
void take_experiment(const RunRecord& run, Section& section) {
  if (run.has("/experiment/title")) section.title = run.text("/experiment/title");
  if (run.has("/experiment/question")) section.question = run.text("/experiment/question");
  if (run.has("/experiment/notebook")) section.notebook = run.text("/experiment/notebook");
}

Section section_of_kind(const RunRecord& run) {
  const std::string kind = run.kind();
  if (kind == "train") return train_section(run);
  if (kind == "sense") return sense_section(run);
  if (kind == "landscape") return landscape_section(run);
  if (kind == "slice") return slice_section(run);
  if (kind == "sweep") return sweep_section(run);
  throw DataError(error_text("report", run.folder().string(),
                             "a run of kind train, sense, landscape, slice or sweep", kind));
}

}  // namespace

Section section_of(const RunRecord& run) {
  Section section = section_of_kind(run);
  take_experiment(run, section);
  const std::string reason = run.text("/termination/reason");
  if (reason == "interrupted") {
    section.setup += " <strong>The run was interrupted</strong>; what follows is what it finished.";
  }
  return section;
}

}  // namespace ravine::report
