#pragma once

#include <type_traits>

#include "ravine/descent/entrywise_mover.hpp"
#include "ravine/descent/member_mover.hpp"
#include "ravine/optimizer/member_rule.hpp"
#include "ravine/optimizer/step_rule.hpp"

namespace ravine {

template <class R, class T>
using MoverOf = std::conditional_t<StepRule<R, T>, EntrywiseMover<R, T>, MemberMover<R, T>>;

/// A rule that descend() can follow.
template <class R, class T>
concept DescentRule = StepRule<R, T> || MemberRule<R, T>;

}  // namespace ravine
