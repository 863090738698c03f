#include "ravine/study/run_checkpoint.hpp"

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/kernels/instruction_set.hpp"
#include "ravine/record/run_neighbours.hpp"

namespace ravine {

namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "ravine-checkpoint/1";

Json program_json() {
  const HostInfo host = describe_host(instruction_set(), 1);
  return {{"schema", kSchema},
          {"ravine_version", host.ravine_version},
          {"instruction_set", host.instruction_set}};
}

std::string text_of(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string text_of(const Json& object, const std::string& key) {
  return object.contains(key) ? text_of(object[key]) : "nothing";
}

/// Throws ConfigError naming the first key whose value is another one now; `prefix` stands before
/// its name.
void require_same(const Json& begun, const Json& now, std::string_view prefix,
                  std::string_view hint) {
  Json keys = begun;
  keys.update(now);
  for (const auto& [key, value] : keys.items()) {
    if (text_of(begun, key) == text_of(now, key)) continue;
    throw ConfigError(error_text("checkpoint", fmt::format("{}{}", prefix, key),
                                 fmt::format("{}, as the run was begun", text_of(begun, key)),
                                 text_of(now, key), hint));
  }
}

}  // namespace

Json read_checkpoint_plan(const fs::path& folder) {
  const fs::path path = folder / kCheckpointPlan;
  Json plan = read_json(path, "checkpoint");
  const auto is_object = [&](const char* key) {
    return plan.contains(key) && plan[key].is_object();
  };
  if (!plan.is_object() || !plan.contains("schema")) {
    throw DataError(error_text("checkpoint", path.string(), fmt::format("schema {}", kSchema),
                               "something else"));
  }
  const Json program = program_json();
  Json begun_by = Json::object();
  for (const auto& [key, value] : program.items()) begun_by[key] = plan.value(key, Json());
  require_same(begun_by, program, "", "begin anew with --force");
  const bool is_whole = is_object("configuration") && is_object("data") &&
                        plan.contains("checkpoint-every") && plan.contains("kind") &&
                        plan["kind"].is_string();
  if (!is_whole) {
    throw DataError(
        error_text("checkpoint", path.string(), "kind, configuration and data", "a file without"));
  }
  return plan;
}

RunCheckpoint::RunCheckpoint(const StudyContext& context, std::string_view kind,
                             const Json& configuration, const Json& data)
    : every_(context.checkpoints.every), file_(context.folder / kCheckpointFile) {
  if (!context.checkpoints.are_on()) return;
  const fs::path& source = context.checkpoints.resume_from;
  if (!source.empty()) {
    const Json begun = read_checkpoint_plan(source);
    require_same(begun["configuration"], configuration, "--", "leave it out");
    require_same(begun["data"], data, "data, ", "the same files");
    state_ = StateArchive::read(source / kCheckpointFile);
  }
  Json plan = program_json();
  plan["checkpoint-every"] = every_;
  plan["kind"] = kind;
  plan["configuration"] = configuration;
  plan["data"] = data;
  const fs::path file = context.folder / kCheckpointPlan;
  write_file_atomically(file, text_of(plan, 2) + "\n");
  sync_to_disk(file);
}

Checkpoints RunCheckpoint::descent_checkpoints(std::int64_t steps_per_unit) {
  return {every_ * steps_per_unit, [file = file_](const StateArchive& state) { state.write(file); },
          state_ ? &*state_ : nullptr};
}

}  // namespace ravine
