#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/cli/study_options.hpp"
#include "ravine/cli/study_verb.hpp"
#include "ravine/data/dataset_cache.hpp"
#include "ravine/diagnosis/diagnosis.hpp"

namespace ravine::cli {

namespace {

std::string number_or_dash(const Json& results, const char* key) {
  return results.contains(key) && results[key].is_number()
             ? fmt::format("{:.4f}", results[key].get<double>())
             : "-";
}

std::string summarise(const Json& manifest) {
  const Json& results = manifest["results"];
  const Json& diagnosis = results["diagnosis"];
  const bool nll = manifest["configuration"]["loss"] == "nll";
  const char* loss = nll ? "NLL" : "MSE";
  std::string text = fmt::format("{}: train {} {}, test {} {}, test accuracy {}\n",
                                 counted(results["epochs"].get<int>(), "epoch"), loss,
                                 number_or_dash(results, nll ? "train_nll" : "train_mse"), loss,
                                 number_or_dash(results, nll ? "test_nll" : "test_mse"),
                                 number_or_dash(results, "test_accuracy"));
  if (results.contains("clipped_share")) {
    text += fmt::format("clipped: {:.1f} % of the steps\n",
                        100 * results["clipped_share"].get<double>());
  }
  text += "median gradient norm by layer:";
  for (const Json& norm : diagnosis["median_norm"]) {
    text += norm.is_number() ? fmt::format(" {:.4g}", norm.get<double>()) : " -";
  }
  text += fmt::format("\nverdict: {}", diagnosis["verdict"].get<std::string>());
  for (const Json& reason : diagnosis["reasons"]) text += "; " + reason.get<std::string>();
  if (!diagnosis["advice"].empty()) {
    text += fmt::format("\nlikely cause: {}\ntry first: {}; `ravine diagnose` on the run says more",
                        diagnosis["cause"].get<std::string>(),
                        diagnosis["advice"][0]["action"].get<std::string>());
  }
  return text + fmt::format("\nended: {}\n", manifest["termination"]["message"].get<std::string>());
}

}  // namespace

StudyVerb make_train_verb(CLI::App& parent) {
  StudyVerb verb;
  verb.app = parent.add_subcommand(
      "train",
      "Train a multi-layer perceptron, recording every layer's gradient norm at every step");
  const auto config_for = add_train_options(*verb.app);
  add_common_options(*verb.app, *verb.common, "runs/train");
  add_checkpoint_options(*verb.app, *verb.common, "epochs");
  add_stream_option(*verb.app, *verb.common);
  verb.check = [config_for, common = verb.common] {
    const TrainConfig config = config_for(common->seed);
    check(config);
    if (config.tensorboard) {
      demand_outside("tensorboard", config.tensorboard->string(), common->out);
    }
    dataset_folder(config.data);
  };
  verb.run = [config_for, common = verb.common](const StudyContext& context) {
    return run_train(config_for(common->seed), context);
  };
  verb.summarise = summarise;
  return verb;
}

}  // namespace ravine::cli
