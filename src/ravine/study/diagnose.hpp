#pragma once

#include <cstddef>
#include <filesystem>

#include "ravine/diagnosis/diagnosis.hpp"
#include "ravine/record/manifest.hpp"

namespace ravine {

/// Diagnoses a recording: the folder of a `train` run, or a CSV table of norms as
/// read_norm_table() takes it, plain or gzipped; `-` is a plain one on standard input. `classes` of
/// a table: their number, which says what loss (negative log-likelihood) a blind guess has; 0: not
/// known. Throws DataError, IoError, and ConfigError for classes of a run.
Diagnosis diagnose_recording(const std::filesystem::path& path, std::size_t classes = 0);

/// Every number and text of a diagnosis, as manifests hold it; docs/diagnosis.md lists the keys.
Json to_json(const Diagnosis& diagnosis);

}  // namespace ravine
