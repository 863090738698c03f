#pragma once

#include <string>

#include "ravine/diagnosis/diagnosis.hpp"

namespace ravine {

/// A diagnosis as text for people: the verdict with its reasons, a table of at most nine layers,
/// the likely cause and what to try, in some fifteen lines.
std::string explain(const Diagnosis& diagnosis);

}  // namespace ravine
