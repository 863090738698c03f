#pragma once

namespace ravine::cli {

/// What the program's exit status means; docs in `ravine --help`.
enum ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kData = 3,
  kDiverged = 4,
  kUnhealthy = 5,
  kInputOutput = 6,
  kSignalBase = 128,  // plus the signal's number
};

}  // namespace ravine::cli
