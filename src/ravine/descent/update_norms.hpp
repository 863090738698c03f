#pragma once

#include <span>
#include <vector>

#include "ravine/data/state_archive.hpp"
#include "ravine/descent/chunks.hpp"

namespace ravine {

/// What to find on the way of an update.
struct UpdateWishes {
  bool gradient = false;    ///< norm of the gradient it is made by,
  bool products = false;    ///< and inner product of that with the gradient of the step before
  bool parameters = false;  ///< norm of the parameters that it leads to
  bool update = false;      ///< norm of the update itself
};

/// Where a mover puts what it finds while it moves, one a chunk; empty where it is not wanted.
struct UpdateSums {
  std::span<double> gradient_squares = {};
  std::span<double> gradient_products = {};
  std::span<double> squares = {};  ///< squared norm of the parameters that the update leads to
  std::span<double> changes = {};  ///< squared norm of the update
};

/// Frobenius norms, block by block, that are found while an update is made, when its numbers are at
/// hand. `chunks` must outlive this.
class UpdateNorms {
 public:
  UpdateNorms(std::span<const Chunk> chunks, std::size_t blocks);

  /// Before an update: where its mover puts what is wanted.
  UpdateSums expect(const UpdateWishes& wishes);

  /// After one that was to find norms of the gradient. norms: one a block; products: the same, or
  /// none where they were not wanted.
  void take_gradient(std::span<double> norms, std::vector<double>& products) const;
  /// After it: from here on the following are those of this update.
  void take();

  /// One a block; empty where they were not wanted of the last update. Who knows them otherwise may
  /// fill them in.
  std::vector<double>& of_parameters() { return of_parameters_; }
  std::vector<double>& of_update() { return of_update_; }

  void exchange_state(StateArchive& state);

 private:
  void take_norms(const ChunkSums& sums, std::vector<double>& norms) const;

  std::size_t blocks_;
  ChunkSums gradient_squares_, gradient_products_, squares_, changes_;
  std::vector<double> of_parameters_, of_update_;
};

}  // namespace ravine
