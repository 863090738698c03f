#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "ravine/descent/observer.hpp"

namespace ravine::testing {

/// One StepEvent with copies of what its views show.
template <class T>
struct RecordedStep {
  std::int64_t step = 0;
  std::int64_t epoch = 0;
  double learning_rate = 0;
  double elapsed_seconds = 0;
  std::vector<double> losses;
  std::vector<double> gradient_norms;
  std::vector<std::uint8_t> active;
  std::vector<T> parameters;
  std::vector<T> gradient;
  std::vector<double> gradient_products;
  std::vector<double> parameter_norms;
  std::vector<double> update_norms;
};

/// Keeps every event. `when_step` and `when_epoch`, where set, may ask the loop to stop.
template <class T>
class Recorder : public Observer<T> {
 public:
  bool looks_before_update(std::int64_t step) const override {
    return looks && step != looks_not_at;
  }
  bool compares_gradients(std::int64_t step) const override {
    return compares && step != compares_not_at;
  }
  bool weighs_parameters(std::int64_t step) const override {
    return weighs && step != weighs_not_at;
  }
  bool measures_update(std::int64_t step) const override { return weighs && step != weighs_not_at; }
  void on_step(const StepEvent<T>& event, StopRequests& requests) override {
    const auto copy = [](auto view) { return std::vector(view.begin(), view.end()); };
    steps.push_back({event.step, event.epoch, event.learning_rate, event.elapsed_seconds,
                     copy(event.losses), copy(event.gradient_norms), copy(event.active),
                     copy(event.parameters), copy(event.gradient), copy(event.gradient_products),
                     copy(event.parameter_norms), copy(event.update_norms)});
    if (when_step) when_step(event, requests);
  }
  void on_epoch_end(const EpochEvent<T>& event, StopRequests& requests) override {
    epochs.push_back(event.epoch);
    epoch_parameters.emplace_back(event.parameters.begin(), event.parameters.end());
    if (when_epoch) when_epoch(event, requests);
  }

  bool looks = true;
  std::int64_t looks_not_at = -1;
  bool compares = false;
  std::int64_t compares_not_at = -1;
  bool weighs = false;
  std::int64_t weighs_not_at = -1;
  std::vector<RecordedStep<T>> steps;
  std::vector<std::int64_t> epochs;
  std::vector<std::vector<T>> epoch_parameters;
  std::function<void(const StepEvent<T>&, StopRequests&)> when_step;
  std::function<void(const EpochEvent<T>&, StopRequests&)> when_epoch;
};

}  // namespace ravine::testing
