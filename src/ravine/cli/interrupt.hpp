#pragma once

namespace ravine::cli {

/// Makes SIGINT, SIGTERM and SIGHUP, unless that is ignored, set a flag and say on stderr what
/// follows instead of ending the program; a second SIGINT or SIGTERM ends it. For verbs that ask
/// pending_signal().
void catch_signals();

/// The signal that came, or 0.
int pending_signal();

}  // namespace ravine::cli
