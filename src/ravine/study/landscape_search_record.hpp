#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ravine/record/manifest.hpp"
#include "ravine/study/landscape_escape.hpp"
#include "ravine/study/landscape_search.hpp"

namespace ravine {

/// Writes critical_points.csv, and critical_list.csv up to kMostListedRank, unless there was no
/// search. Throws IoError.
void write_searches(const std::filesystem::path& folder, const LandscapeProblem& problem,
                    const std::vector<CriticalPointSearch>& searches);

/// Writes escape.csv. Throws IoError.
void write_escapes(const std::filesystem::path& folder, const std::vector<Escape>& escapes);

/// `results.searches` and `results.escapes` of the manifest.
Json searches_json(const LandscapeProblem& problem,
                   const std::vector<CriticalPointSearch>& searches);
Json escapes_json(const std::vector<Escape>& escapes);

/// One line for people.
std::string line_about(const CriticalPointSearch& search);
std::string line_about(const Escape& escape);

}  // namespace ravine
