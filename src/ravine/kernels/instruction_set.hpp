#pragma once

#include <string>

namespace ravine {

/// The instruction set the kernels use on this machine by its maker's name, e.g. "AVX2" or
/// "AVX-512"; after a "/" what Highway adds to it, as in "AVX-512/ZEN4", and "AVX-512 and AMX"
/// where products of bytes have instructions of their own. Equal names, equal bits.
std::string instruction_set();

/// The same for a target by Highway's name, where AVX-512 is "AVX3".
std::string maker_name_of(std::string target);

}  // namespace ravine
