#pragma once

#include <filesystem>

#include "ravine/diagnosis/diagnosis.hpp"
#include "ravine/record/manifest.hpp"

namespace ravine {

/// Diagnoses a recording: the folder of a `train` run, or a CSV table of norms as
/// read_norm_table() takes it, plain or gzipped. Throws DataError, IoError.
Diagnosis diagnose_recording(const std::filesystem::path& path);

/// Every number and text of a diagnosis, as manifests hold it; docs/diagnosis.md lists the keys.
Json to_json(const Diagnosis& diagnosis);

}  // namespace ravine
