#include "ravine/study/landscape_search.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <utility>

#include <Eigen/Eigenvalues>
#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/sensing_hessian.hpp"
#include "ravine/probe/critical_point_search.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Factor = Eigen::Map<const RowMajor>;

constexpr std::int64_t kProductsPerSearch = 1500;  // about
constexpr double kLargestStart = 1.5;              // over the size of U*
constexpr double kOutsideShare = 0.1;              // of starts within the leading eigenspace
constexpr std::size_t kWrittenOut = 600;           // a Hessian of at most this size
constexpr std::size_t kSideBySide = 40;            // problems of at most this dimension
// In units of sigma_1. Searches end at a gradient of 1e-9, which moves points and curvatures by as
// little, and different critical points are farther apart.
constexpr double kSamePoint = 1e-5;
constexpr double kSampledTruth = 1e-3;  // points of the sampled loss this near X* are X*

// Whether a product with the Hessian is shorter than a meeting of threads, so that searches run
// side by side, each in one thread.
bool is_small(const LandscapeProblem& problem) { return problem.dimension() <= kSideBySide; }

Factor factor_of(const LandscapeProblem& problem, std::span<const double> u) {
  return {u.data(), static_cast<Eigen::Index>(problem.dimension()),
          static_cast<Eigen::Index>(problem.rank)};
}

double distance(const Factor& a, const Factor& b) {
  return (a * a.transpose() - b * b.transpose()).norm();
}

ListedPoint listed_point(const LandscapeProblem& problem, std::vector<bool> kept) {
  ListedPoint point;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    if (!kept[k]) point.loss += problem.sigma[k] * problem.sigma[k] / 2;
  }
  const std::vector<double> all =
      population_curvatures(problem.sigma, kept, problem.dimension(), problem.rank);
  point.smallest_eigenvalue = all.front();
  point.negative_directions =
      static_cast<std::size_t>(std::ranges::count_if(all, [](double x) { return x < 0; }));
  point.kind =
      std::ranges::find(kept, false) == kept.end() ? PointKind::minimum : PointKind::strict_saddle;
  point.kept = std::move(kept);
  return point;
}

// The factor of X_S.
std::vector<double> kept_factor(const LandscapeProblem& problem, const std::vector<bool>& kept) {
  std::vector<double> factor = problem.eigenfactor;
  for (std::size_t i = 0; i < factor.size(); ++i) {
    if (!kept[i % problem.rank]) factor[i] = 0;
  }
  return factor;
}

// Of all X_S the nearest to X = U U^T: |X - X_S|^2 = |X|^2 + sum over kept k of
// (sigma_k^2 - 2 sigma_k q_k^T X q_k), so a term is kept when it is negative.
ListedPoint nearest_listed(const LandscapeProblem& problem, std::span<const double> u) {
  const RowMajor overlaps =
      factor_of(problem, u).transpose() * factor_of(problem, problem.eigenfactor);
  std::vector<bool> kept(problem.rank);
  for (std::size_t k = 0; k < problem.rank; ++k) {
    const double square = overlaps.col(static_cast<Eigen::Index>(k)).squaredNorm();
    kept[k] = 2 * square > problem.sigma[k] * problem.sigma[k];
  }
  return listed_point(problem, std::move(kept));
}

std::vector<double> search_start(const LandscapeProblem& problem,
                                 std::span<const double> leading_factor, std::uint64_t seed,
                                 std::size_t number) {
  const std::string name = fmt::format("critical point search {}", number);
  std::vector<double> start = random_factor(problem, seed, name);
  double size = 0;
  RandomStream(seed, name + " size").fill_uniform(std::span(&size, 1), 0, kLargestStart);
  const auto r = static_cast<Eigen::Index>(problem.rank);
  Eigen::Map<RowMajor> u(start.data(), static_cast<Eigen::Index>(problem.dimension()), r);
  u *= size;
  if (number % 2 == 0) {
    RowMajor mixture(r, r);
    RandomStream(seed, name + " mixture")
        .fill_normal(std::span(mixture.data(), problem.rank * problem.rank));
    const double scale = size * std::sqrt(problem.sigma.front() / static_cast<double>(r));
    u = kOutsideShare * u +
        scale * factor_of(problem, leading_factor).colwise().normalized() * mixture;
  }
  return start;
}

// Whether the point is one of those found already, which is then counted.
bool merged(const LandscapeProblem& problem, std::span<const double> u,
            std::vector<FoundPoint>& points) {
  for (FoundPoint& point : points) {
    const double apart = distance(factor_of(problem, u), factor_of(problem, point.u));
    if (apart > kSamePoint * problem.sigma.front()) continue;
    ++point.found;
    return true;
  }
  return false;
}

// A loss with its Hessian, which of the sampled loss is made once for all products at a point where
// that pays off.
class SearchedLoss {
 public:
  SearchedLoss(const LandscapeProblem& problem, LossKind kind, std::int64_t products,
               ThreadTeam& team)
      : objective_(loss_of(problem, kind, products, team)) {
    const SensingInstance& instance = problem.instance;
    if (kind == LossKind::population ||
        !SensingHessian::pays_off(problem.dimension(), problem.rank) ||
        choose_operator(instance, 1, products, {}).kind != OperatorKind::measurements) {
      return;
    }
    local_.emplace(instance.ensemble, instance.values, problem.rank, team);
  }

  MatrixSensing& objective() { return objective_; }

  void gradient(std::span<const double> u, std::span<double> gradient) {
    double loss = 0;
    objective_.loss_and_gradient(u, Evaluation{}, gradient, {&loss, 1});
  }

  void multiply(std::span<const double> u, std::span<const double> v, std::span<double> product) {
    if (!local_) return objective_.hessian_vector(u, Evaluation{}, v, product);
    local_->move_to(u);
    local_->multiply(v, product);
  }

 private:
  MatrixSensing objective_;
  std::optional<SensingHessian> local_;
};

CriticalSearch seek_from(SearchedLoss& loss, std::span<const double> start,
                         const CriticalSearchOptions& options) {
  return seek_critical_point(
      [&](std::span<const double> u, std::span<double> gradient) { loss.gradient(u, gradient); },
      [&](std::span<const double> u, std::span<const double> v, std::span<double> product) {
        loss.multiply(u, v, product);
      },
      start, options);
}

// All eigenvalues of the Hessian, increasing.
Eigen::VectorXd whole_spectrum(SearchedLoss& loss, const std::vector<double>& u) {
  const auto hessian = [&](std::span<const double> v, std::span<double> product) {
    loss.multiply(u, v, product);
  };
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(dense_matrix(hessian, u.size()),
                                                        Eigen::EigenvaluesOnly)
      .eigenvalues();
}

void compare_spectrum(SearchedLoss& loss, const LandscapeProblem& problem, FoundPoint& point) {
  if (point.u.size() > kWrittenOut) return;
  const Eigen::VectorXd measured = whole_spectrum(loss, point.u);
  const PointTolerances tolerances = tolerances_of(problem);
  const double below_zero = -tolerances.curvature * tolerances.curvature_scale;
  const std::vector<double> listed =
      population_curvatures(problem.sigma, point.nearest.kept, problem.dimension(), problem.rank);
  point.negative_directions = static_cast<std::size_t>((measured.array() < below_zero).count());
  point.spectrum_deviation =
      (measured - Eigen::Map<const Eigen::VectorXd>(listed.data(), measured.size()))
          .cwiseAbs()
          .maxCoeff();
}

bool agrees_with_theory(const LandscapeProblem& problem, LossKind kind, const FoundPoint& point) {
  if (point.measured.kind != point.expected) return false;
  if (kind == LossKind::sampled) return true;
  const double zero = kSamePoint * problem.sigma.front();
  const double smallest = point.measured.curvature.smallest.value;
  return point.distance_to_listed <= zero &&
         std::abs(smallest - point.nearest.smallest_eigenvalue) <= zero &&
         point.spectrum_deviation.value_or(0) <= zero &&
         point.negative_directions.value_or(point.nearest.negative_directions) ==
             point.nearest.negative_directions;
}

void certify(SearchedLoss& loss, const LandscapeProblem& problem, LossKind kind,
             FoundPoint& point) {
  const Factor u = factor_of(problem, point.u);
  point.measured = examine_point(loss.objective(), point.u, tolerances_of(problem));
  point.nearest = nearest_listed(problem, point.u);
  point.distance_to_listed =
      distance(u, factor_of(problem, kept_factor(problem, point.nearest.kept)));
  point.distance_to_truth = distance(u, factor_of(problem, problem.eigenfactor));
  point.expected = point.nearest.kind;
  if (kind == LossKind::sampled) {
    const bool at_truth = point.distance_to_truth <= kSampledTruth * problem.sigma.front();
    point.expected = at_truth ? PointKind::minimum : PointKind::strict_saddle;
  }
  compare_spectrum(loss, problem, point);
  point.agrees = agrees_with_theory(problem, kind, point);
}

// The directions that starts are drawn from, (d, rank): the leading eigenvectors of X*, which is
// the population's back-projection, or of the sample's.
std::vector<double> leading_factor(const LandscapeProblem& problem, LossKind kind,
                                   ThreadTeam& team) {
  if (kind == LossKind::population) return problem.eigenfactor;
  const std::vector<double> estimate = back_projection(problem.instance, team);
  const std::size_t d = problem.dimension();
  return spectral_factor(MatrixView<const double>(estimate.data(), d, d), problem.rank);
}

/// What the threads of a team that search side by side share.
struct SharedSearches {
  const LandscapeProblem& problem;
  const CriticalSearchPlan& plan;
  const StudyContext& context;
  LossKind kind;
  std::vector<double> leading;           ///< of leading_factor
  std::vector<CriticalSearch> searches;  ///< one a start
  std::atomic<std::size_t> begun{0}, done{0};
  std::atomic<bool> interrupted{false};
};

// Takes one start after the other until none is left or the user asks; only the caller's thread,
// member 0, speaks with the user.
void search_from_starts(SharedSearches& shared, int member, ThreadTeam& team) {
  const PointTolerances tolerances = tolerances_of(shared.problem);
  CriticalSearchOptions options;
  options.gradient_scale = tolerances.gradient_scale;
  options.curvature_scale = tolerances.curvature_scale;
  const std::string phase = fmt::format("critical points of the {} loss", name_of(shared.kind));
  const std::size_t starts = shared.plan.starts;
  const Timer timer;
  SearchedLoss loss(shared.problem, shared.kind,
                    kProductsPerSearch * static_cast<std::int64_t>(starts), team);
  while (!shared.interrupted) {
    const std::size_t i = shared.begun++;
    if (i >= starts) return;
    shared.searches[i] = seek_from(
        loss, search_start(shared.problem, shared.leading, shared.plan.seed, i + 1), options);
    const std::size_t done = ++shared.done;
    if (member > 0) continue;
    shared.context.progress({phase, static_cast<std::int64_t>(done),
                             static_cast<std::int64_t>(starts), timer.elapsed_seconds()});
    shared.interrupted = shared.context.interrupted();
  }
}

void run_searches(SharedSearches& shared) {
  ThreadTeam& team = *shared.context.team;
  if (!is_small(shared.problem)) return search_from_starts(shared, 0, team);
  team.run([&](int member) {
    ThreadTeam alone(1);
    search_from_starts(shared, member, alone);
  });
}

void collect(const LandscapeProblem& problem, CriticalSearch search, CriticalPointSearch& result) {
  if (search.end == SearchEnd::gradient_flat) ++result.gradient_flat;
  if (search.end == SearchEnd::iteration_limit) ++result.unfinished;
  if (search.end == SearchEnd::critical && !merged(problem, search.point, result.points)) {
    result.points.emplace_back();
    result.points.back().u = std::move(search.point);
    result.points.back().found = 1;
  }
}

void certify_all(const LandscapeProblem& problem, ThreadTeam& all, CriticalPointSearch& result) {
  ThreadTeam alone(1);
  ThreadTeam& team = is_small(problem) ? alone : all;
  const std::int64_t products =
      kProductsPerSearch * static_cast<std::int64_t>(result.points.size());
  SearchedLoss loss(problem, result.kind, products, team);
  for (FoundPoint& point : result.points) certify(loss, problem, result.kind, point);
  std::ranges::stable_sort(result.points, [](const FoundPoint& a, const FoundPoint& b) {
    return a.measured.loss > b.measured.loss;
  });
}

}  // namespace

std::string name_of_kept(const std::vector<bool>& kept) {
  std::string name;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    if (kept[k]) name += fmt::format("{}{}", name.empty() ? "" : "+", k + 1);
  }
  if (name.empty()) return "none";
  return std::ranges::find(kept, false) == kept.end() ? "all" : name;
}

std::vector<ListedPoint> listed_points(const LandscapeProblem& problem) {
  if (problem.rank > kMostListedRank) {
    throw ConfigError(error_text("landscape", "rank of a list of all critical points",
                                 fmt::format("at most {}", kMostListedRank),
                                 fmt::format("{}", problem.rank)));
  }
  std::vector<ListedPoint> points;
  for (std::size_t subset = 0; subset < std::size_t{1} << problem.rank; ++subset) {
    std::vector<bool> kept(problem.rank);
    for (std::size_t k = 0; k < problem.rank; ++k) kept[k] = (subset >> k & 1) != 0;
    points.push_back(listed_point(problem, std::move(kept)));
  }
  std::ranges::stable_sort(
      points, [](const ListedPoint& a, const ListedPoint& b) { return a.loss > b.loss; });
  return points;
}

CriticalPointSearch seek_critical_points(const LandscapeProblem& problem, LossKind kind,
                                         const CriticalSearchPlan& plan,
                                         const StudyContext& context) {
  CriticalPointSearch result;
  result.kind = kind;
  if (context.interrupted()) return result;
  SharedSearches shared{.problem = problem,
                        .plan = plan,
                        .context = context,
                        .kind = kind,
                        .leading = leading_factor(problem, kind, *context.team),
                        .searches = std::vector<CriticalSearch>(plan.starts)};
  run_searches(shared);
  result.starts = shared.done;
  for (std::size_t i = 0; i < result.starts; ++i) {
    collect(problem, std::move(shared.searches[i]), result);
  }
  certify_all(problem, *context.team, result);
  return result;
}

}  // namespace ravine
