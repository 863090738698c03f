#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/diagnosis/measures.hpp"
#include "ravine/diagnosis/norm_history.hpp"

namespace ravine {

enum class Verdict { healthy, vanishing, exploding, unstable, dead, stuck };
enum class Confidence { low, medium, high };

std::string_view name_of(Verdict verdict);
std::string_view name_of(Confidence confidence);

/// Something to try, and why it should help.
struct Advice {
  std::string action;
  std::string reason;
  std::string reference;  ///< authors and year; docs/diagnosis.md lists them
};

/// What recorded gradient norms say about a network.
struct Diagnosis {
  Verdict verdict = Verdict::healthy;
  Confidence confidence = Confidence::low;
  std::vector<std::string> reasons;  ///< at least one sentence, with numbers; the first decided
  std::vector<std::string> layers;   ///< names of those concerned; none when healthy
  std::string cause;                 ///< the likely one; empty when healthy
  std::vector<Advice> advice;        ///< what to try first comes first; empty when healthy
  Measures measures;                 ///< the numbers behind it
  std::vector<std::string> columns_left_out;  ///< see NormHistory
};

/// "1 step", "2 steps".
std::string counted(std::int64_t count, std::string_view noun);

/// At most `most` of at least one name: "a, b and 3 more".
std::string first_names(std::span<const std::string> names, std::size_t most);

/// Judges a history of at least one layer and one step of every layer; docs/diagnosis.md has the
/// definitions, the thresholds and where they come from. Throws ShapeError.
Diagnosis diagnose(const NormHistory& history);

}  // namespace ravine
