#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/data/mapped_npy.hpp"
#include "ravine/objective/dense_rows.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/study/sensing_instance.hpp"

namespace ravine {

namespace {

namespace fs = std::filesystem;

constexpr double kMostNegative = 1e-6;  // share of sigma_1 that an eigenvalue of X* may be below 0

[[noreturn]] void fail(const fs::path& path, const std::string& expected, const std::string& got,
                       const std::string& hint = {}) {
  throw DataError(error_text("sense", path.string(), expected, got, hint));
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

template <class T>
void demand_finite(const fs::path& path, const T& values) {
  const auto bad = std::ranges::find_if(values, [](auto x) { return !std::isfinite(x); });
  if (bad != values.end()) {
    fail(path, "finite numbers", fmt::format("{} at flat index {}", *bad, bad - values.begin()));
  }
}

/// An array and what keeps it alive.
struct OwnedArray {
  NpyView view;
  std::shared_ptr<const void> owner;
};

/// Read into memory, whose large pages are quicker to pass over, or mapped where it would fill too
/// much of that and can be.
OwnedArray read_large(const fs::path& path, std::uintmax_t mapped_from) {
  std::error_code failed;
  if (const auto size = fs::file_size(path, failed); !failed && size >= mapped_from) {
    if (std::optional<MappedNpy> mapped = map_npy(path)) {
      return {std::move(mapped->view), std::move(mapped->file)};
    }
  }
  const auto array = std::make_shared<const NpyArray>(read_npy(path));
  NpyView view{array->shape, {}};
  std::visit(
      [&]<class T>(const AlignedBuffer<T>& values) { view.values = std::span<const T>(values); },
      array->values);
  return {std::move(view), array};
}

/// svec rows of the symmetric parts of full (m, d, d) matrices.
template <class T>
AlignedBuffer<double> svec_rows(std::span<const T> values, std::size_t m, std::size_t d,
                                ThreadTeam& team) {
  const std::size_t p = svec_size(d);
  AlignedBuffer<double> rows(m * p);
  team.run([&](int member) {
    const IndexRange mine = split_range(m, team.size(), member);
    for (std::size_t i = mine.begin; i < mine.end; ++i) {
      svec_symmetric_part(MatrixView(values.data() + i * d * d, d, d),
                          std::span(rows).subspan(i * p, p));
    }
  });
  return rows;
}

/// Full matrices or svec rows.
template <class T>
MeasurementEnsemble dense_ensemble(const fs::path& path, const std::vector<std::size_t>& shape,
                                   std::span<const T> values, std::shared_ptr<const void> owner,
                                   ThreadTeam& team) {
  if (shape.size() == 3 && shape[1] == shape[2] && shape[1] > 0) {
    return {shape[1], shape[0], svec_rows(values, shape[0], shape[1], team)};
  }
  const std::size_t d = shape.size() == 2 ? svec_dimension(shape[1]) : 0;
  if (d == 0) {
    fail(path, "shape (m, d, d), or svec rows (m, d(d+1)/2)", shape_text(shape),
         "vectors (m, d) are read with --ensemble rank-one");
  }
  return {d, std::make_shared<DenseRows<T>>(values, shape[1], std::move(owner))};
}

MeasurementEnsemble read_ensemble(const fs::path& path, EnsembleKind kind,
                                  std::uintmax_t mapped_from, ThreadTeam& team) {
  OwnedArray array = read_large(path, mapped_from);
  const std::vector<std::size_t>& shape = array.view.shape;
  return std::visit(
      [&]<class T>(std::span<const T> values) -> MeasurementEnsemble {
        demand_finite(path, values);
        if (!shape.empty() && shape[0] == 0)
          fail(path, "at least one measurement", shape_text(shape));
        if (kind != EnsembleKind::rank_one) {
          return dense_ensemble(path, shape, values, std::move(array.owner), team);
        }
        if (shape.size() != 2 || shape[1] == 0) {
          fail(path, "vectors of shape (m, d)", shape_text(shape));
        }
        if constexpr (std::is_same_v<T, double>) {
          return rank_one_ensemble(values, shape[1], std::move(array.owner));
        } else {
          return rank_one_ensemble(AlignedBuffer<double>(values.begin(), values.end()), shape[1]);
        }
      },
      array.view.values);
}

std::vector<double> read_doubles(const fs::path& path, const std::vector<std::size_t>& shape,
                                 const std::string& because) {
  NpyArray array = read_npy(path);
  std::visit([&](const auto& values) { demand_finite(path, values); }, array.values);
  if (array.shape != shape) {
    fail(path, fmt::format("shape {}, {}", shape_text(shape), because), shape_text(array.shape));
  }
  const AlignedBuffer<double> values = take_values_as<double>(std::move(array));
  return {values.begin(), values.end()};
}

void demand_symmetric(const fs::path& path, MatrixView<const double> m) {
  double largest = 0;
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < m.cols; ++j) largest = std::max(largest, std::abs(m(i, j)));
  }
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (std::abs(m(i, j) - m(j, i)) > 1e-6 * largest) {
        fail(path, "a symmetric matrix",
             fmt::format("{} at ({}, {}) and {} at ({}, {})", m(i, j), i, j, m(j, i), j, i));
      }
    }
  }
}

/// X* = U* U*^T has no negative eigenvalues but by rounding.
void demand_semidefinite(const fs::path& path, const SensingInstance& instance) {
  const double least = instance.truth_eigenvalues.back();
  if (least < -kMostNegative * instance.sigma_1) {
    fail(path, "a positive semidefinite matrix, U* U*^T",
         fmt::format("the eigenvalue {:.6g}", least));
  }
}

/// Everything is in units of it. `files.truth` gave it, or else measurements and values together.
void demand_scale(const InstanceFiles& files, const SensingInstance& instance) {
  if (!std::isfinite(instance.sigma_1)) {
    fail(files.truth.value_or(files.values), "squares and products that fit into a double",
         "a spectral norm that is not a finite number",
         files.truth ? "" : fmt::format("scale the values, or {}", files.measurements.string()));
  }
  if (instance.sigma_1 > 0) return;
  if (files.truth) fail(*files.truth, "a matrix that is not zero", "zeros only");
  fail(files.values, "measurements of a matrix that is not zero", "a spectral norm of 0");
}

}  // namespace

SensingInstance read_instance(const InstanceFiles& files, ThreadTeam& team) {
  SensingInstance instance{
      read_ensemble(files.measurements, files.kind, files.mapped_from, team), {}, {}, {}};
  const std::size_t d = instance.dimension();
  instance.values = read_doubles(
      files.values, {instance.ensemble.count()},
      fmt::format("one value for each measurement in {}", files.measurements.string()));
  if (files.truth) {
    std::vector<double> truth = read_doubles(*files.truth, {d, d}, "the measurements' dimension");
    demand_symmetric(*files.truth, MatrixView<const double>(truth.data(), d, d));
    set_truth(instance, std::move(truth));
    demand_semidefinite(*files.truth, instance);
  } else {
    estimate_scale(instance, team);
  }
  demand_scale(files, instance);
  return instance;
}

}  // namespace ravine
