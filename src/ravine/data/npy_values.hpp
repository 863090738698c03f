#pragma once

#include <cstddef>
#include <span>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/data/byte_source.hpp"
#include "ravine/data/npy_type.hpp"

namespace ravine {

/// Reads `count` numbers of a type as T (float or double), in the order of the file. The buffer is
/// only allocated when the source can fill it. Throws DataError, `[npy] ...`, when the source ends
/// before, and for whole numbers beyond 2^53, which a double need not hold.
template <class T>
AlignedBuffer<T> read_npy_values(ByteSource& source, const NpyType& type, std::size_t count);
extern template AlignedBuffer<float> read_npy_values(ByteSource&, const NpyType&, std::size_t);
extern template AlignedBuffer<double> read_npy_values(ByteSource&, const NpyType&, std::size_t);

/// The values of an array of this shape, whose first index changes fastest, in the order in which
/// the last one does. values: as many as the product of the shape.
template <class T>
AlignedBuffer<T> from_fortran_order(const AlignedBuffer<T>& values,
                                    std::span<const std::size_t> shape);
extern template AlignedBuffer<float> from_fortran_order(const AlignedBuffer<float>&,
                                                        std::span<const std::size_t>);
extern template AlignedBuffer<double> from_fortran_order(const AlignedBuffer<double>&,
                                                         std::span<const std::size_t>);

}  // namespace ravine
