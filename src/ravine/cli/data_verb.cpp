#include <cstdio>
#include <stdexcept>

#include <fmt/format.h>

#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/interrupt.hpp"
#include "ravine/cli/terminal.hpp"
#include "ravine/cli/verbs.hpp"
#include "ravine/data/dataset_cache.hpp"
#include "ravine/data/dataset_fetch.hpp"
#include "ravine/data/dataset_registry.hpp"

namespace ravine::cli {

namespace {

/// Ends a download when a signal came.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

int list_datasets() {
  for (const DatasetDescription& dataset : known_datasets()) {
    const auto folder = find_dataset(dataset);
    fmt::print("{:<15}{:<58}{}\n", dataset.name, dataset.title,
               folder ? folder->string() : "not here; ravine data fetch " + dataset.name);
  }
  return kOk;
}

int fetch(const std::string& name, bool quiet) {
  catch_signals();
  const DatasetDescription& dataset = known_dataset(name);
  ProgressBar bar(quiet);
  std::filesystem::path folder;
  try {
    folder = fetch_dataset(dataset, mirrors_of(dataset),
                           [&](std::string_view file, std::uint64_t received, std::uint64_t total) {
                             if (pending_signal() != 0) throw Interrupted();
                             bar.update(std::string(file), static_cast<std::int64_t>(received),
                                        static_cast<std::int64_t>(total));
                           });
  } catch (const Interrupted&) {
    return kSignalBase + pending_signal();
  }
  bar.clear();
  if (!quiet) fmt::print("{}\n", folder.string());
  return kOk;
}

int import(const std::string& name, const std::string& folder, bool quiet) {
  const std::filesystem::path place = import_dataset(known_dataset(name), folder);
  if (!quiet) fmt::print("{}\n", place.string());
  return kOk;
}

int print_path(const std::string& name) {
  fmt::print("{}\n", dataset_folder(name).string());
  return kOk;
}

struct DataOptions {
  std::string name;
  std::string folder;
  bool quiet = false;
};

}  // namespace

void add_data_verb(CLI::App& app, Action& action) {
  CLI::App* data = app.add_subcommand("data", "List, fetch, import and find data sets");
  data->require_subcommand(1);
  const auto options = std::make_shared<DataOptions>();
  const auto add = [&](const char* name, const char* text, bool takes_name, auto run) {
    CLI::App* verb = data->add_subcommand(name, text);
    if (takes_name) verb->add_option("NAME", options->name, "Data set")->required();
    verb->add_flag("--quiet", options->quiet, "No progress, no text");
    verb->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
    return verb;
  };
  add("list", "Known data sets and where they are", false,
      [](const DataOptions&) { return list_datasets(); });
  add("fetch", "Put a data set into the cache: from the system's copy or a public mirror", true,
      [](const DataOptions& o) { return fetch(o.name, o.quiet); });
  CLI::App* import_verb =
      add("import", "Put a data set into the cache from a folder with its four files", true,
          [](const DataOptions& o) { return import(o.name, o.folder, o.quiet); });
  import_verb->add_option("DIR", options->folder, "Folder with the IDX files")->required();
  add("path", "Print the folder that holds a data set", true,
      [](const DataOptions& o) { return print_path(o.name); });
}

}  // namespace ravine::cli
