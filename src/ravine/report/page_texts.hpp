#pragma once

#include <string>

namespace ravine::report {

// The parts of the page that do not depend on a run.

/// The style sheet, for screens light and dark, narrow and wide, and for paper.
std::string page_style();

/// What the notebook got wrong, as a table: what it did, why that is wrong, what Ravine does.
std::string notebook_errors_html();

/// The terms the report uses, explained in plain words.
std::string glossary_html();

}  // namespace ravine::report
