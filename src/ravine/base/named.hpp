#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ravine {

/// A choice and the name the user gives it. Tables of them may list several names of one choice.
template <class Choice>
struct Named {
  std::string_view name;
  Choice choice;
};

/// The first name of `choice` in the table; empty if it has none.
template <class Choice, std::size_t N>
constexpr std::string_view name_in(const Named<Choice> (&table)[N], Choice choice) {
  for (const Named<Choice>& entry : table) {
    if (entry.choice == choice) return entry.name;
  }
  return {};
}

/// The choice that the table calls `name`, if any.
template <class Choice, std::size_t N>
constexpr std::optional<Choice> choice_in(const Named<Choice> (&table)[N], std::string_view name) {
  for (const Named<Choice>& entry : table) {
    if (entry.name == name) return entry.choice;
  }
  return std::nullopt;
}

}  // namespace ravine
