#pragma once

namespace ravine::cli {

/// Makes SIGINT and SIGTERM set a flag instead of ending the program; a second one ends it.
void catch_signals();

/// The signal that came, or 0.
int pending_signal();

}  // namespace ravine::cli
