#include "ravine/study/sensing_instance.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "ravine/data/npy.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/probe/hessian_spectrum.hpp"
#include "support/bits.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::normals;
using testing::same_bits;

TEST(ReadInstance, MapsALargeFileWithTheSameResult) {
  constexpr std::size_t d = 5, p = svec_size(d), m = 40;
  testing::TemporaryFolder folder;
  ThreadTeam team(2);
  const std::vector<double> rows = normals(m * p, "rows"), full = normals(m * d * d, "full"),
                            values = normals(m, "y");
  const std::vector<float> floats(rows.begin(), rows.end());
  write_npy(folder / "double.npy", NpyView{{m, p}, std::span<const double>(rows)});
  write_npy(folder / "float.npy", NpyView{{m, p}, std::span<const float>(floats)});
  write_npy(folder / "full.npy", NpyView{{m, d, d}, std::span<const double>(full)});
  write_npy(folder / "y.npy", NpyView{{m}, std::span<const double>(values)});
  for (const char* name : {"double.npy", "float.npy", "full.npy"}) {
    InstanceFiles files{folder / name, folder / "y.npy", {}};
    const SensingInstance read = read_instance(files, team);
    files.mapped_from = 1;
    const SensingInstance mapped = read_instance(files, team);
    std::filesystem::remove(folder / name);
    EXPECT_EQ(mapped.dimension(), d) << name;
    EXPECT_EQ(mapped.sigma_1, read.sigma_1) << name;
    EnsemblePass of_mapped(mapped.ensemble, team), of_read(read.ensemble, team);
    const std::vector<double> x = normals(p, "x");
    of_mapped.run(values, x);
    of_read.run(values, x);
    EXPECT_TRUE(same_bits(of_mapped.adjoint(0), of_read.adjoint(0))) << name;
  }
}

TEST(ReadInstance, LooksAtMappedVectorsWhereTheyLie) {
  constexpr std::size_t d = 5, m = 40;
  testing::TemporaryFolder folder;
  ThreadTeam team(2);
  const std::vector<double> vectors = normals(m * d, "vectors"), values = normals(m, "y");
  write_npy(folder / "a.npy", NpyView{{m, d}, std::span<const double>(vectors)});
  write_npy(folder / "y.npy", NpyView{{m}, std::span<const double>(values)});
  InstanceFiles files{folder / "a.npy", folder / "y.npy", {}, EnsembleKind::rank_one};
  const SensingInstance read = read_instance(files, team);
  files.mapped_from = 1;
  const SensingInstance mapped = read_instance(files, team);
  EXPECT_EQ(mapped.sigma_1, read.sigma_1);
  std::vector<double> row(svec_size(d));
  mapped.ensemble.form().copy_rows(0, MatrixView<double>(row.data(), 1, row.size()));
  const double before = row[0];
  {
    // The mapping is of the file itself, so what is written to the file shows.
    std::fstream file(folder / "a.npy", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-static_cast<std::streamoff>(m * d * sizeof(double)), std::ios::end);
    const double two = 2;
    file.write(reinterpret_cast<const char*>(&two), sizeof two);
  }
  mapped.ensemble.form().copy_rows(0, MatrixView<double>(row.data(), 1, row.size()));
  EXPECT_EQ(row[0], 4) << "was " << before;
}

TEST(ReadInstance, ReadsALargeFileThatCannotBeMapped) {
  constexpr std::size_t d = 2, m = 3;
  testing::TemporaryFolder folder;
  ThreadTeam team(1);
  const std::vector<double> values = {1, 2, 3};
  write_npy(folder / "y.npy", NpyView{{m}, std::span<const double>(values)});
  std::string header = "{'descr': '|i1', 'fortran_order': True, 'shape': (3, 3), }";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += {static_cast<char>(header.size()), '\x00'};
  const std::string columns("\x01\x00\x00\x00\x01\x00\x00\x00\x01", 9);
  InstanceFiles files{folder.file("a.npy", bytes + header + columns), folder / "y.npy", {}};
  files.mapped_from = 1;
  EXPECT_EQ(read_instance(files, team).dimension(), d);
}

TEST(BackProjection, EstimatesTheTruthWithoutBiasForEveryEnsemble) {
  // Relative error of order |X*| sqrt(d^2 / m) times a constant of the ensemble, which a factor of
  // 2 or a forgotten multiple of I would exceed.
  ThreadTeam team(2);
  for (const auto& [name, kind] : kEnsembles) {
    RandomSensingConfig config;
    config.ensemble = kind;
    config.dimension = 10;
    config.true_rank = 2;
    config.measurements = kind == EnsembleKind::entries ? 55 : 40'000;
    const SensingInstance instance = random_instance(config, team);
    const std::vector<double> estimate = back_projection(instance, team);
    double squares = 0, norm = 0;
    for (std::size_t i = 0; i < estimate.size(); ++i) {
      squares += (estimate[i] - instance.truth[i]) * (estimate[i] - instance.truth[i]);
      norm += instance.truth[i] * instance.truth[i];
    }
    EXPECT_LT(std::sqrt(squares / norm), 0.1) << name;
  }
}

TEST(CurvatureScale, IsAQuarterOfTheLargestCurvatureAtATruthOfRankOne) {
  ThreadTeam team(2);
  const std::vector<std::string> names = {"1"};
  for (const auto& [name, kind] : kEnsembles) {
    RandomSensingConfig config;
    config.ensemble = kind;
    config.dimension = 6;
    config.true_rank = 1;
    config.measurements = kind == EnsembleKind::entries ? 21 : 20'000;
    const SensingInstance instance = random_instance(config, team);
    MatrixSensing objective(instance.ensemble, instance.values, 1, names, team);
    const std::vector<double> truth = random_truth_factor(config);
    const double largest = hessian_spectrum(objective, truth).largest.value;
    EXPECT_NEAR(largest, 4 * instance.curvature_scale(), 0.1 * largest) << name;
  }
}

}  // namespace
}  // namespace ravine
