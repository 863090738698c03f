#include "ravine/study/slice_paths.hpp"

#include <array>
#include <cmath>
#include <numbers>

#include "ravine/optimizer/gradient_descent.hpp"

namespace ravine {

namespace {

constexpr std::array<double, kSlicePaths> kStartDegrees{20.0, 88.0, 130.0, 200.0, 274.0, 310.0};

// Writes down where paths go, one a member.
class PathWatch : public Observer<double> {
 public:
  PathWatch(const SlicePlane& plane, std::span<SlicePath> paths) : plane_(plane), paths_(paths) {}

  void on_step(const StepEvent<double>& event, StopRequests&) override {
    const std::size_t size = event.parameters.size() / paths_.size();
    for (std::size_t k = 0; k < paths_.size(); ++k) {
      if (!event.active[k]) continue;
      paths_[k].positions.push_back(position_in(plane_, event.parameters.subspan(k * size, size)));
      paths_[k].loss.push_back(event.losses[k]);
    }
  }

 private:
  const SlicePlane& plane_;
  std::span<SlicePath> paths_;
};

}  // namespace

std::vector<PlanePosition> slice_starts(PlanePosition middle, double radius) {
  std::vector<PlanePosition> starts;
  for (const double degrees : kStartDegrees) {
    const double angle = degrees * std::numbers::pi / 180;
    starts.push_back({middle.x + radius * std::cos(angle), middle.y + radius * std::sin(angle), 0});
  }
  return starts;
}

std::vector<SlicePath> descend_in_plane(MatrixSensing& objective, const SlicePlane& plane,
                                        std::span<const PlanePosition> starts,
                                        const DescentOptions& options, ThreadTeam& team) {
  const std::size_t together = objective.layout().members();
  std::vector<SlicePath> paths(starts.size());
  for (std::size_t first = 0; first < paths.size(); first += together) {
    std::vector<double> u;
    for (const PlanePosition& at : starts.subspan(first, together)) {
      const std::vector<double> start = plane.at(at.x, at.y);
      u.insert(u.end(), start.begin(), start.end());
    }
    PathWatch watch(plane, std::span(paths).subspan(first, together));
    Observer<double>* const observers[] = {&watch};
    descend(objective, GradientDescent{}, std::span(u), options, observers, team);
  }
  return paths;
}

}  // namespace ravine
