#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "ravine/base/file.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/record/manifest.hpp"

namespace ravine::testing {

/// Adds to a `sense` run what --theory writes: two modes of eigenvalues 4 and 1.
inline void add_theory(const std::filesystem::path& folder, const std::vector<double>& alphas) {
  CsvWriter modes(folder / "modes.csv",
                  {"iteration", "alpha", "mode", "size", "power", "recursion"});
  CsvWriter times(folder / "half_times.csv",
                  {"alpha", "mode", "sigma", "eigenvalue", "start_size", "end_size", "half_time",
                   "half_time_by_scale", "half_time_by_size"});
  for (const double alpha : alphas) {
    for (int mode = 1; mode <= 2; ++mode) {
      const double root = 3.0 - mode, time = 10.0 * mode * mode;
      for (int t = 0; t <= 100; ++t) {
        const double power = alpha * std::exp(0.2 * t / mode);
        modes.row(t, alpha, mode, std::min(power, root), power < 2 ? power : std::nan(""),
                  std::min(1.01 * power, root));
      }
      times.row(alpha, mode, root * root, root * root, alpha, root, time, 1.3 * time, time + 0.4);
    }
  }
  modes.close();
  times.close();
  Json json = read_manifest(folder);
  for (Json& member : json["results"]["members"]) {
    member["theory"] = {{"early_iterations", 25},
                        {"power_deviation", 0.004},
                        {"recursion_deviation", 3e-15},
                        {"half_time_deviation", 0.04}};
  }
  write_file_atomically(folder / kManifestFile, json.dump(2) + "\n");
}

}  // namespace ravine::testing
