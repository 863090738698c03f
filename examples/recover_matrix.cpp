// Recovers a positive semidefinite matrix of low rank from your own linear
// measurements of it.
//
//   recover_matrix A.npy y.npy RANK X.npy
//
// A: (m, d, d), or svec rows (m, d (d + 1) / 2), y: (m), float32 or float64.
// Writes the matrix found as X.npy and prints, for 120 measurements of a 12 x
// 12 matrix of rank 2,
//
//   d = 12, m = 120, rank 2
//   converged after 30 evaluations: loss 5.8e-20

#include <charconv>
#include <cstring>
#include <exception>
#include <filesystem>

#include <fmt/format.h>

#include "ravine/data/npy.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/optimizer/lbfgs.hpp"
#include "ravine/study/sensing_instance.hpp"

namespace {

void run(const char* measurements, const char* values, std::size_t rank, const char* out) {
  ravine::ThreadTeam team(ravine::available_threads());
  const ravine::SensingInstance instance =
      ravine::read_instance({measurements, values, std::nullopt}, team);
  const std::size_t d = instance.dimension();
  fmt::print("d = {}, m = {}, rank {}\n", d, instance.ensemble.count(), rank);

  // From the spectral start: the factor of the best approximation of 1/m sum
  // y_i S_i.
  const std::vector<double> estimate = ravine::back_projection(instance, team);
  std::vector<double> u = ravine::spectral_factor(ravine::MatrixView(estimate.data(), d, d), rank);
  const std::string names[] = {"mine"};
  ravine::MatrixSensing objective(instance.ensemble, instance.values, rank, names, team);
  ravine::DescentOptions options;
  options.learning_rate = 0.1 / instance.sigma_1;  // of the first direction
  options.gradient_tolerance = 1e-10 * instance.sigma_1;
  const ravine::RunResult result =
      ravine::descend(objective, ravine::Lbfgs(), std::span(u), options, {}, team);
  fmt::print("{} after {} evaluations: loss {:.1e}\n", ravine::name_of(result.termination),
             result.steps, result.members[0].loss);

  const ravine::MatrixView<const double> x = objective.gram(0);
  ravine::write_npy(out, {{d, d}, std::span(x.data, x.size())});
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rank = 0;
  if (argc == 5) std::from_chars(argv[3], argv[3] + std::strlen(argv[3]), rank);
  if (rank == 0) {
    fmt::print(stderr, "usage: recover_matrix A.npy y.npy RANK X.npy\n");
    return 2;
  }
  try {
    run(argv[1], argv[2], rank, argv[4]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
