#include "ravine/study/train_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "ravine/diagnosis/diagnosis.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/filter_direction.hpp"
#include "ravine/probe/loss_slice.hpp"
#include "ravine/probe/singular_values.hpp"

namespace ravine {

namespace {

constexpr std::size_t kJacobianSamples = 128;  // at most
constexpr std::size_t kSlicePoints = 25;       // a side
constexpr std::size_t kCurvatureNumbers = 6;   // that are kept of one
// An end of the spectrum to four digits is more than mini-batches tell of it.
constexpr EigenOptions kLanczos{.max_restarts = 12, .tolerance = 1e-4};

std::vector<double> widened(std::span<const float> x) { return {x.begin(), x.end()}; }

bool all_finite(std::span<const float> x) { return std::isfinite(squared_norm(x)); }

/// Of a matrix of any shape.
std::vector<double> all_singular_values(MatrixView<const double> a) {
  return singular_values(a, std::min(a.rows, a.cols));
}

}  // namespace

SpectrumRecorder::SpectrumRecorder(const TrainingProblem& problem, std::size_t samples,
                                   std::uint64_t seed, const StudyContext& context)
    : context_(context),
      seed_(seed),
      curvature_(problem, samples, *context.team),
      weights_(context.folder / "weight_spectrum.csv", {"epoch", "layer", "index", "value"}),
      jacobian_(context.folder / "jacobian_spectrum.csv",
                {"epoch", "index", "low", "median", "high"}),
      hessian_(context.folder / "hessian.csv", {"epoch", "end", "value", "residual"}),
      slice_(context.folder / "loss_slice.csv", {"x", "y", "loss"}) {}

void SpectrumRecorder::on_epoch_end(const EpochEvent<float>& event, StopRequests&) {
  epoch_ = event.epoch + 1;
  if (all_finite(event.parameters)) record_spectra(epoch_, event.parameters);
}

void SpectrumRecorder::start(std::span<const float> parameters) {
  record_spectra(0, parameters);
  record_curvature(parameters);
}

void SpectrumRecorder::finish(std::span<const float> parameters, bool diverged) {
  if (!diverged) {
    record_curvature(parameters);
    record_slice(parameters);
  }
  weights_.close();
  jacobian_.close();
  hessian_.close();
  slice_.close();
}

void SpectrumRecorder::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("spectrum");
  state.number("epoch", epoch_);
  state.rows("curvatures", curvatures_, kCurvatureNumbers);
  for (CsvWriter* table : {&weights_, &jacobian_, &hessian_, &slice_}) table->exchange_state(state);
}

Json SpectrumRecorder::results() const {
  Json hessian = Json::array();
  for (auto row = curvatures_.begin(); row != curvatures_.end(); row += kCurvatureNumbers) {
    hessian.push_back({{"epoch", static_cast<std::int64_t>(row[0])},
                       {"largest", row[1]},
                       {"smallest", row[2]},
                       {"largest_residual", row[3]},
                       {"smallest_residual", row[4]},
                       {"converged", row[5] != 0}});
  }
  return {{"samples", curvature_.samples().count()}, {"hessian", hessian}};
}

void SpectrumRecorder::record_spectra(std::int64_t epoch, std::span<const float> parameters) {
  const std::vector<double> wide = widened(parameters);
  const ParameterLayout& layout = curvature_.network().layout();
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    const std::string& name = layout.blocks()[b].name;
    if (!name.starts_with("layer") || !name.ends_with(".weight")) continue;
    const std::string layer = name.substr(0, name.find('.'));
    int index = 0;
    for (const double value : all_singular_values(layout.view(std::span<const double>(wide), b))) {
      weights_.row(epoch, layer, ++index, value);
    }
  }
  record_jacobian(epoch, wide);
}

void SpectrumRecorder::record_jacobian(std::int64_t epoch, std::span<const double> parameters) {
  const MlpConfig& config = curvature_.network().config();
  std::vector<double> storage(config.outputs * config.inputs);
  const MatrixView<double> jacobian(storage.data(), config.outputs, config.inputs);
  std::vector<std::vector<double>> by_index(std::min(config.outputs, config.inputs));
  const std::size_t count = std::min(kJacobianSamples, curvature_.samples().count());
  for (std::uint32_t sample = 0; sample < count; ++sample) {
    curvature_.network().input_jacobian(parameters, curvature_.samples(), sample, jacobian);
    const std::vector<double> values = all_singular_values(jacobian);
    for (std::size_t i = 0; i < values.size(); ++i) by_index[i].push_back(values[i]);
  }
  for (std::size_t i = 0; i < by_index.size(); ++i) {
    std::vector<double>& values = by_index[i];
    std::ranges::sort(values);
    jacobian_.row(epoch, i + 1, values.front(), values[values.size() / 2], values.back());
  }
}

void SpectrumRecorder::record_curvature(std::span<const float> parameters) {
  const std::vector<double> point = widened(parameters);
  const SpectrumEnds ends =
      extreme_eigenpairs(curvature_.hessian_at(point), point.size(), kLanczos);
  hessian_.row(epoch_, "largest", ends.largest.value, ends.largest.residual);
  hessian_.row(epoch_, "smallest", ends.smallest.value, ends.smallest.residual);
  curvatures_.insert(
      curvatures_.end(),
      {static_cast<double>(epoch_), ends.largest.value, ends.smallest.value, ends.largest.residual,
       ends.smallest.residual, static_cast<double>(ends.converged)});
  context_.line(fmt::format("Hessian after {}: eigenvalues {:.4g} to {:.4g} ({})",
                            counted(epoch_, "epoch"), ends.smallest.value, ends.largest.value,
                            ends.message));
}

void SpectrumRecorder::record_slice(std::span<const float> parameters) {
  SlicePlane plane{widened(parameters), {}, {}};
  const auto direction = [&](const char* name) {
    return filter_direction(curvature_.network().layout(), plane.origin, seed_, name);
  };
  plane.first = direction("loss slice x");
  plane.second = direction("loss slice y");
  const std::vector<double> grid = equidistant(-1, 1, kSlicePoints);
  const auto loss_at = [&](std::span<const double> point, std::span<double> loss) {
    loss[0] = context_.interrupted()
                  ? std::numeric_limits<double>::quiet_NaN()
                  : curvature_.network().evaluate(point, curvature_.samples()).loss;
  };
  const LossSlice slice = loss_slice(plane, grid, grid, 1, loss_at);
  for (std::size_t i = 0; i < slice.loss.size(); ++i) {
    slice_.row(grid[i % kSlicePoints], grid[i / kSlicePoints], slice.loss[i]);
  }
}

}  // namespace ravine
