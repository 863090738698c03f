#pragma once

#include <span>
#include <vector>

#include "ravine/data/state_archive.hpp"
#include "ravine/descent/block_norms.hpp"

namespace ravine {

/// What a mover finds while it moves, one a chunk; empty where it is not wanted.
struct UpdateSums {
  std::span<double> squares;  ///< squared norm of the parameters that the update leads to
  std::span<double> changes;  ///< squared norm of the update
  GradientSums gradient = {};
};

/// Frobenius norms of the parameters that an update led to, and of the update, block by block. They
/// are found while it is made, when its numbers are at hand. `chunks` must outlive this.
class UpdateNorms {
 public:
  UpdateNorms(std::span<const Chunk> chunks, std::size_t blocks);

  /// Before an update: where its mover puts what is wanted.
  UpdateSums expect(bool parameters, bool update);
  /// After it.
  void take();

  /// One a block; empty where they were not wanted of the last update. Who knows them otherwise may
  /// fill them in.
  std::vector<double>& of_parameters() { return of_parameters_; }
  std::vector<double>& of_update() { return of_update_; }

  void exchange_state(StateArchive& state);

 private:
  void take_norms(std::span<const double> sums, std::vector<double>& norms) const;

  std::span<const Chunk> chunks_;
  std::size_t blocks_;
  std::vector<double> squares_, changes_;  // one a chunk, or none
  std::vector<double> of_parameters_, of_update_;
};

}  // namespace ravine
