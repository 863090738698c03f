#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ravine/data/npy.hpp"

namespace ravine {

/// What a run needs to go on where it was: arrays of numbers by name, kept in a `.npz` file. One
/// function of an object serves both ways, so that what is saved is what is restored:
///
///     void exchange_state(StateArchive& state) {
///       const StateArchive::Scope scope = state.enter("walk");
///       state.number("steps", steps_);
///       state.values("position", std::span(position_));
///     }
///
/// A new archive takes the numbers; one that was read gives them, and throws DataError naming the
/// array that is missing or of another size or kind.
class StateArchive {
 public:
  StateArchive() = default;

  /// Throws IoError and DataError as read_npz().
  static StateArchive read(const std::filesystem::path& path);

  /// Writes a `.npz` file, whole or not at all, and waits until it is on the disk. Throws IoError.
  void write(const std::filesystem::path& path) const;

  /// Whether it gives numbers, rather than takes them.
  bool restores() const { return restores_; }
  /// Of the file it was read from, where other files that it speaks of are.
  const std::filesystem::path& folder() const { return folder_; }

  /// While it lives, names stand behind `name/`.
  class Scope {
   public:
    Scope(StateArchive& archive, std::string_view name);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { archive_.prefix_.resize(length_); }

   private:
    StateArchive& archive_;
    std::size_t length_;
  };
  [[nodiscard]] Scope enter(std::string_view name) { return {*this, name}; }

  /// One number; a count, 0 to 2^53, where T is not floating.
  template <class T>
  void number(std::string_view name, T& value) {
    auto wide = static_cast<double>(value);
    values(name, std::span(&wide, 1));
    if (!restores_) return;
    if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<T>(wide);
    } else {
      value = static_cast<T>(count(name, wide));
    }
  }

  /// A number of an array `name` as a count, 0 to 2^53. Throws DataError when it is none.
  std::int64_t count(std::string_view name, double number) const;

  /// A count that may be missing.
  void count_if_any(std::string_view name, std::optional<std::int64_t>& value);

  /// Any bytes.
  void text(std::string_view name, std::string& value);

  /// Numbers of a known count.
  void values(std::string_view name, std::span<double> numbers) { exchange(name, numbers); }
  void values(std::string_view name, std::span<float> numbers) { exchange(name, numbers); }

  /// Any number of rows of `width` numbers each, one row after the other.
  void rows(std::string_view name, std::vector<double>& numbers, std::size_t width);

  /// Any number of numbers but none.
  void one_or_more(std::string_view name, std::vector<double>& numbers);

  /// No number or `count` of them.
  void none_or_all(std::string_view name, std::vector<double>& numbers, std::size_t count);

 private:
  template <class T>
  void exchange(std::string_view name, std::span<T> numbers);
  std::string full(std::string_view name) const { return prefix_ + std::string(name); }
  const NpyArray& at(std::string_view name) const;
  [[noreturn]] void refuse(std::string_view name, const std::string& expected,
                           const std::string& got) const;

  std::map<std::string, NpyArray> arrays_;
  std::string prefix_;
  std::filesystem::path folder_;
  bool restores_ = false;
};

}  // namespace ravine
