#pragma once

#include <string>

namespace ravine {

/// The instruction set the kernels use on this machine, e.g. "AVX3" for AVX-512.
std::string instruction_set();

}  // namespace ravine
