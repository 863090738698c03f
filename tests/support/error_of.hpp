#pragma once

#include <string>

#include <gtest/gtest.h>

namespace ravine::testing {

/// The text of the error that `work` throws as an E; fails the test when it throws none.
template <class E, class Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "expected an error";
  return {};
}

}  // namespace ravine::testing
