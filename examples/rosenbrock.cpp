// Your own objective: Rosenbrock's function f(x, y) = (1 - x)^2 + 100 (y -
// x^2)^2, checked by finite differences, descended by L-BFGS, recorded.
//
//   rosenbrock TRACE.csv
//
// writes a row "step,loss,x,y" for every point tried and prints
//
//   gradient: off by at most 1.0e-10 relative
//   converged after 45 evaluations at (1.000000, 1.000000), loss 3.7e-24

#include <exception>

#include <fmt/format.h>

#include "ravine/base/thread_team.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/optimizer/lbfgs.hpp"
#include "ravine/probe/gradient_check.hpp"
#include "ravine/record/csv_writer.hpp"

namespace {

class Rosenbrock {
 public:
  using Scalar = double;

  Rosenbrock() { layout_.add("w", 1, 2); }
  const ravine::ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> w, const ravine::Evaluation&,
                         std::span<double> gradient, std::span<double> losses) const {
    const double miss = 1 - w[0], height = w[1] - w[0] * w[0];
    losses[0] = miss * miss + 100 * height * height;
    gradient[0] = -2 * miss - 400 * height * w[0];
    gradient[1] = 200 * height;
  }

 private:
  ravine::ParameterLayout layout_;
};

class Trace : public ravine::Observer<double> {
 public:
  explicit Trace(const char* path) : table_(path, {"step", "loss", "x", "y"}) {}
  void on_step(const ravine::StepEvent<double>& event, ravine::StopRequests&) override {
    table_.row(event.step, event.losses[0], event.parameters[0], event.parameters[1]);
  }
  void close() { table_.close(); }

 private:
  ravine::CsvWriter table_;
};

void run(const char* path) {
  ravine::ThreadTeam team(1);
  Rosenbrock objective;
  std::vector<double> w = {-1.2, 1};
  fmt::print("gradient: off by at most {:.1e} relative\n",
             ravine::check_gradient(objective, w)[0].worst_relative.relative);

  Trace trace(path);
  ravine::Observer<double>* const observers[] = {&trace};
  ravine::DescentOptions options;
  options.learning_rate = 1e-3;  // of the first direction
  options.gradient_tolerance = 1e-10;
  const ravine::RunResult result =
      ravine::descend(objective, ravine::Lbfgs(), std::span(w), options, observers, team);
  trace.close();
  fmt::print("{} after {} evaluations at ({:.6f}, {:.6f}), loss {:.1e}\n",
             ravine::name_of(result.termination), result.steps, w[0], w[1], result.members[0].loss);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: rosenbrock TRACE.csv\n");
    return 2;
  }
  try {
    run(argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
