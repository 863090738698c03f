#pragma once

#include <filesystem>
#include <optional>

#include "ravine/data/state_archive.hpp"
#include "ravine/descent/checkpoint.hpp"
#include "ravine/record/manifest.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// Of what the checkpoint in a folder is, `{schema, ravine_version, instruction_set,
/// checkpoint-every, kind, configuration, data}`. Throws IoError, DataError for something else, and
/// ConfigError for that of another program: its bits would be others.
Json read_checkpoint_plan(const std::filesystem::path& folder);

/// The checkpoints of a study's descent, in its folder.
class RunCheckpoint {
 public:
  /// Writes the plan when the context wants checkpoints. Reads the one to go on from, if any;
  /// throws IoError, DataError, and ConfigError when the configuration or the data are others.
  RunCheckpoint(const StudyContext& context, std::string_view kind, const Json& configuration,
                const Json& data);

  /// What the descent does about them; the unit is what the plan counts. This must outlive it.
  Checkpoints descent_checkpoints(std::int64_t steps_per_unit);

  bool resumes() const { return state_.has_value(); }

 private:
  std::int64_t every_;  // epochs or iterations
  std::filesystem::path file_;
  std::optional<StateArchive> state_;
};

}  // namespace ravine
