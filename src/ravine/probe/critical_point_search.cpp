#include "ravine/probe/critical_point_search.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/lanczos_fit.hpp"

namespace ravine {

namespace {

// mu over the gradient norm, in units of the problem.
constexpr double kFirstDamping = 0.1;
constexpr double kLeastDamping = 1e-3;
constexpr double kMostDamping = 1e12;
constexpr double kRounding = 1e-10;  // of a decrease, over what decreases
// A step is taken when the decrease is at least this share of the predicted one; damping falls
// above the second share and grows below the third.
constexpr double kAccepted = 1e-4;
constexpr double kGood = 0.75;
constexpr double kPoor = 0.25;

// The state of one search: a point with its gradient g, the fit of steps to it, and the damping.
class Search {
 public:
  Search(const GradientField& gradient, const HessianField& hessian, std::span<const double> start,
         const CriticalSearchOptions& options)
      : gradient_(gradient),
        hessian_(hessian),
        options_(options),
        point_(start.begin(), start.end()),
        g_(start.size()) {
    gradient_(point_, g_);
    g_norm_ = norm(g_);
  }

  CriticalSearch run() {
    int iteration = 0;
    SearchEnd end = judged();
    while (end == SearchEnd::iteration_limit && iteration < options_.max_iterations &&
           damping_ < kMostDamping && std::isfinite(g_norm_)) {
      ++iteration;
      try_step();
      end = judged();
    }
    return {std::move(point_), g_norm_, end, iteration, products_};
  }

 private:
  SearchEnd judged() {
    if (g_norm_ <= options_.gradient_tolerance * options_.gradient_scale) {
      return SearchEnd::critical;
    }
    if (fit_ || !std::isfinite(g_norm_)) return SearchEnd::iteration_limit;
    fit_.emplace(
        [this](std::span<const double> v, std::span<double> product) {
          ++products_;
          hessian_(point_, v, product);
        },
        g_);
    const bool flat = fit_->slope() <= options_.flat_tolerance * options_.curvature_scale &&
                      g_norm_ > options_.flat_tolerance * options_.gradient_scale;
    return flat ? SearchEnd::gradient_flat : SearchEnd::iteration_limit;
  }

  // p with (H^2 + mu I) p = -H g.
  LanczosFit::Solution step() {
    const double relative_norm = g_norm_ / options_.gradient_scale;
    const double mu =
        damping_ * relative_norm * options_.curvature_scale * options_.curvature_scale;
    const double tolerance = std::min(0.1, std::sqrt(relative_norm));
    return fit_->solve(mu, tolerance, options_.max_krylov_size);
  }

  void try_step() {
    const LanczosFit::Solution fitted = step();
    std::vector<double> next = point_;
    add_scaled(1, fitted.p, next);
    std::vector<double> next_g(g_.size());
    gradient_(next, next_g);
    const double next_norm = norm(next_g);
    const double before = g_norm_ * g_norm_;
    const double expected = before - fitted.residual_norm * fitted.residual_norm;
    const double ratio = (before - next_norm * next_norm) / expected;
    if (ratio > kAccepted) {
      point_ = std::move(next);
      g_ = std::move(next_g);
      g_norm_ = next_norm;
      fit_.reset();
    }
    if (ratio > kGood) damping_ = std::max(kLeastDamping, damping_ / 5);
    if (!(ratio >= kPoor)) damping_ *= 4;
    if (!(expected > kRounding * before)) damping_ = kMostDamping;  // nothing left to gain
  }

  const GradientField& gradient_;
  const HessianField& hessian_;
  const CriticalSearchOptions& options_;
  std::vector<double> point_;
  std::vector<double> g_;
  std::optional<LanczosFit> fit_;  // of this point
  double g_norm_ = 0;
  double damping_ = kFirstDamping;
  std::size_t products_ = 0;
};

}  // namespace

std::string_view name_of(SearchEnd end) {
  switch (end) {
    case SearchEnd::critical:
      return "critical";
    case SearchEnd::gradient_flat:
      return "gradient-flat";
    case SearchEnd::iteration_limit:
      return "iteration limit";
  }
  return "";
}

CriticalSearch seek_critical_point(const GradientField& gradient, const HessianField& hessian,
                                   std::span<const double> start,
                                   const CriticalSearchOptions& options) {
  return Search(gradient, hessian, start, options).run();
}

}  // namespace ravine
