#include "ravine/study/landscape_escape.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "ravine/base/line_fit.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "ravine/probe/random_direction.hpp"

namespace ravine {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Factor = Eigen::Map<const RowMajor>;

constexpr double kStart = 1e-8;       // |U_0| over sqrt(sigma_1)
constexpr double kLinear = 1e-4;      // |U|^2 over sigma_1 below which growth is fitted
constexpr double kFitMargin = 1e-4;   // relative, of a fit up to there
constexpr double kAfterwards = 1.5;   // iterations over those it takes to leave
constexpr double kDivergence = 1e12;  // of the loss

struct LeadingPair {
  Eigen::VectorXd vector;  // q
  double value = 0;
};

LeadingPair leading_pair(const LandscapeProblem& problem, LossKind kind, ThreadTeam& team) {
  const std::size_t d = problem.dimension();
  const std::vector<double> matrix = kind == LossKind::population
                                         ? problem.instance.truth
                                         : back_projection(problem.instance, team);
  const std::vector<double> factor =
      spectral_factor(MatrixView<const double>(matrix.data(), d, d), 1);
  const Eigen::Map<const Eigen::VectorXd> root(factor.data(), static_cast<Eigen::Index>(d));
  return {root.normalized(), root.squaredNorm()};
}

// Splits every U_t.
class Splitter : public Observer<double> {
 public:
  Splitter(const LeadingPair& pair, std::size_t rank, const StudyContext& context, Escape& escape)
      : pair_(pair), rank_(static_cast<Eigen::Index>(rank)), context_(context), escape_(escape) {}

  void on_step(const StepEvent<double>& event, StopRequests& requests) override {
    const Factor u(event.parameters.data(), pair_.vector.size(), rank_);
    const Eigen::RowVectorXd along = pair_.vector.transpose() * u;
    escape_.leading.push_back(along.norm());
    escape_.rest.push_back((u - pair_.vector * along).norm());
    if (context_.interrupted()) requests.stop_all(Termination::interrupted, "interrupted");
  }

 private:
  const LeadingPair& pair_;
  Eigen::Index rank_;
  const StudyContext& context_;
  Escape& escape_;
};

void fit_growth(Escape& escape, double sigma_1) {
  std::vector<double> iteration, logarithm;
  for (std::size_t t = 0; t < escape.leading.size(); ++t) {
    const double square = std::pow(escape.leading[t], 2) + std::pow(escape.rest[t], 2);
    if (!(square <= kLinear * sigma_1)) break;
    iteration.push_back(static_cast<double>(t));
    logarithm.push_back(std::log(escape.leading[t]));
  }
  escape.fitted = iteration.size();
  escape.measured_growth = std::exp(fit_line(iteration, logarithm).slope);
}

// The growth that the ends of the Hessian's spectrum at 0 allow, with room for the fit.
Range allowed_growth(const LandscapeProblem& problem, LossKind kind, const Escape& escape) {
  const double margin = kFitMargin * (escape.population_growth - 1);
  if (kind == LossKind::population) {
    return {escape.population_growth - margin, escape.population_growth + margin};
  }
  const Range smallest = sampled_curvature_at_zero(problem.sigma, problem.dimension(),
                                                   problem.instance.ensemble.count())
                             .smallest;
  return {1 - escape.learning_rate * smallest.high - margin,
          1 - escape.learning_rate * smallest.low + margin};
}

std::int64_t iterations_for(const Escape& escape, const EscapeOptions& options) {
  const double needed = std::log(1 / kStart) / std::log(escape.population_growth);
  return std::min(options.iterations, static_cast<std::int64_t>(std::ceil(kAfterwards * needed)));
}

}  // namespace

Escape escape_from_zero(const LandscapeProblem& problem, LossKind kind,
                        const EscapeOptions& options, const StudyContext& context) {
  const LeadingPair pair = leading_pair(problem, kind, *context.team);
  const double sigma_1 = problem.sigma.front();
  Escape escape;
  escape.kind = kind;
  escape.learning_rate = options.step / sigma_1;
  escape.population_growth = 1 + 2 * options.step;
  escape.own_growth = 1 + 2 * escape.learning_rate * pair.value;
  DescentOptions descent;
  descent.max_steps = iterations_for(escape, options);
  descent.learning_rate = escape.learning_rate;
  descent.divergence_factor = kDivergence;
  MatrixSensing objective = loss_of(problem, kind, descent.max_steps, *context.team);
  std::vector<double> u = random_direction(objective.layout(), options.seed, "escape start");
  for (double& entry : u) entry *= kStart * std::sqrt(sigma_1);
  Splitter splitter(pair, problem.rank, context, escape);
  Observer<double>* const observers[] = {&splitter};
  descend(objective, GradientDescent{}, std::span(u), descent, observers, *context.team);
  fit_growth(escape, sigma_1);
  const double half = std::sqrt(sigma_1) / 2;
  for (std::size_t t = 0; t < escape.leading.size() && !escape.left; ++t) {
    if (escape.leading[t] >= half) escape.left = static_cast<std::int64_t>(t);
  }
  escape.predicted_left = std::log(half / escape.leading.front()) / std::log(escape.own_growth);
  escape.allowed_growth = allowed_growth(problem, kind, escape);
  return escape;
}

}  // namespace ravine
