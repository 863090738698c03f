#include "peers/mnist_data.hpp"

#include <utility>

#include "ravine/data/dataset_cache.hpp"
#include "ravine/objective/mlp_config.hpp"
#include "ravine/study/weights_file.hpp"

namespace ravine::bench {

MnistData load_mnist(const std::string& data, const std::filesystem::path& weights) {
  ImageDataset images = load_dataset(data);
  const auto& pixels = images.train_images.pixels;
  MnistData result{{pixels.begin(), pixels.end()},
                   std::move(images.train_labels),
                   images.mean,
                   images.standard_deviation,
                   {}};
  const ParameterLayout layout = mlp_layout(MlpConfig{});
  const std::vector<float> parameters = read_weights(weights, layout);
  for (const ParameterBlock& block : layout.blocks()) {
    const float* first = parameters.data() + block.offset;
    result.weights.push_back({block.rows, block.cols, {first, first + block.size()}});
  }
  return result;
}

}  // namespace ravine::bench
