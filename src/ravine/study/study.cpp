#include "ravine/study/study.hpp"

#include <utility>

#include "ravine/kernels/instruction_set.hpp"

namespace ravine {

StudyOutcome finish_study(const StudyContext& context, Manifest manifest, Termination termination,
                          const std::string& message) {
  manifest.name = context.name;
  manifest.experiment = context.experiment;
  manifest.host = describe_host(instruction_set(), context.team->size());
  manifest.termination_reason = name_of(termination);
  manifest.termination_message = message;
  write_manifest(context.folder, manifest);
  return {termination, read_manifest(context.folder)};
}

}  // namespace ravine
