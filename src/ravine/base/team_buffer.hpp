#pragma once

#include <cstddef>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"

namespace ravine {

/// A buffer of zeros whose memory all members of a team bring in. The system clears a page when it
/// is first touched, which for a large buffer takes longer than what it is then filled with.
template <class T>
AlignedBuffer<T> team_buffer(std::size_t size, ThreadTeam& team) {
  constexpr std::size_t kPage = 4096;
  AlignedBuffer<T> buffer;
  buffer.reserve(size);
  auto* const memory = reinterpret_cast<std::byte*>(buffer.data());
  team.run([&](int member) {
    const IndexRange part =
        split_range(size * sizeof(T), team.size(), member, AlignedAllocator<T>::kLargePage);
    for (std::size_t i = part.begin; i < part.end; i += kPage) memory[i] = std::byte{0};
  });
  buffer.resize(size);
  return buffer;
}

}  // namespace ravine
