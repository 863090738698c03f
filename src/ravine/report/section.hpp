#pragma once

#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// What the page says of one run. All members are HTML unless they say otherwise.
struct Section {
  std::string title;     // plain text
  std::string question;  // plain text
  std::string headline;  // the answer in one line
  std::string setup;     // how the run was made, in one sentence
  std::vector<std::string> findings;
  std::vector<std::string> tables;
  std::string notebook;  // plain text: what the notebook had; may be empty
};

/// The section of a run of any kind but `reproduce`. Throws DataError when the record lacks what
/// the format promises.
Section section_of(const RunRecord& run);

Section train_section(const RunRecord& run);
Section sense_section(const RunRecord& run);
Section landscape_section(const RunRecord& run);
/// What a `train --slice-through` run found of its segment.
std::string connection_sentence(const RunRecord& run);
Section slice_section(const RunRecord& run);
Section sweep_section(const RunRecord& run);

}  // namespace ravine::report
