#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "support/program.hpp"
#include "support/python.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine::testing {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Formats : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder_ / "data");
    write_tiny_dataset(folder_ / "data");
  }

  ProgramResult train(const std::vector<std::string>& more, const std::string& hidden = "3,5") {
    std::vector<std::string> arguments = {
        "train",   "--data", (folder_ / "data").string(), "--hidden", hidden, "--epochs", "2",
        "--force", "--out",  (folder_ / "run").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }

  /// Runs a script that prints the loss of the run's final weights on the data, which must be what
  /// the run recorded.
  void expect_test_loss(const std::string& script, const std::string& initial_weights) {
    const RunRecord record = read_run(folder_ / "run");
    const std::string loss = run_python(
        script, {(folder_ / "data").string(), fmt::format("{}", record.number("/data/mean")),
                 fmt::format("{}", record.number("/data/standard_deviation")),
                 (folder_ / "run" / "arrays.safetensors").string(), initial_weights});
    EXPECT_NEAR(std::stod(loss), record.number("/results/test_nll"), 1e-5);
  }

  TemporaryFolder folder_;
};

/// A safetensors reader and writer in plain Python beside torch, and the data set's test half.
constexpr const char* kTorch = R"(
import json, struct, sys, numpy, torch
from torch import nn

def save(path, state):
    header, values = {}, b''
    for name, t in state.items():
        raw = t.detach().numpy().tobytes()
        dtype = {torch.float32: 'F32', torch.int64: 'I64'}[t.dtype]
        header[name] = {'dtype': dtype, 'shape': list(t.shape),
                        'data_offsets': [len(values), len(values) + len(raw)]}
        values += raw
    text = json.dumps(header).encode()
    open(path, 'wb').write(struct.pack('<Q', len(text)) + text + values)

def load(path):
    data = open(path, 'rb').read()
    n, = struct.unpack('<Q', data[:8])
    tensors = {}
    for name, t in json.loads(data[8:8 + n]).items():
        b, e = t['data_offsets']
        values = numpy.frombuffer(data[8 + n + b:8 + n + e], '<f4')
        tensors[name] = torch.tensor(values).reshape(t['shape'])
    return tensors

sequential = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 10))

class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1, self.layer2, self.layer3 = nn.Linear(4, 3), nn.Linear(3, 5), nn.Linear(5, 10)
    def forward(self, x):
        return self.layer3(torch.relu(self.layer2(torch.relu(self.layer1(x)))))
)";

/// Prints the loss of `model` on the test half of the data in sys.argv[1], and in sys.argv[2] and
/// [3] its mean and standard deviation; sys.argv[4] holds the model's weights.
constexpr const char* kTestLoss = R"(
model = Named()
model.load_state_dict(load(sys.argv[4]))
model.eval()
mean, deviation = float(sys.argv[2]), float(sys.argv[3])
pixels = numpy.fromfile(sys.argv[1] + '/t10k-images-idx3-ubyte', 'u1')[16:].reshape(-1, 4)
labels = numpy.fromfile(sys.argv[1] + '/t10k-labels-idx1-ubyte', 'u1')[8:]
x = torch.tensor((pixels / 255 - mean) / deviation, dtype=torch.float32)
print(nn.functional.cross_entropy(model(x), torch.tensor(labels.astype('i8'))).item())
)";

TEST_F(Formats, WeightsGoFromPyTorchAndBack) {
  const std::string there = (folder_ / "w.safetensors").string();
  run_python(
      std::string(kTorch) + "torch.manual_seed(3)\nsave(sys.argv[1], sequential.state_dict())",
      {there});
  // Steps too small to change a float leave the weights as they came.
  const ProgramResult result =
      train({"--bias", "--initial-weights", there, "--learning-rate", "1e-30", "--safetensors"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_test_loss(std::string(kTorch) + R"(
there, back = load(sys.argv[5]), load(sys.argv[4])
assert [k for k in back] == ['layer%d.%s' % (l, k) for l in (1, 2, 3) for k in ('weight', 'bias')]
for l in (1, 2, 3):
    for kind in ('weight', 'bias'):
        assert torch.equal(back['layer%d.%s' % (l, kind)], there['%d.%s' % (2 * l - 2, kind)])
)" + kTestLoss,
                   there);
}

TEST_F(Formats, NormalisedNetworksGoFromPyTorchAndBack) {
  // A Sequential in, with its integer counters; modules layer1, norm1, ... out.
  const std::string torch = std::string(kTorch) + R"(
def linear(i, o):
    return nn.Linear(i, o, bias=False)
sequential = nn.Sequential(linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(),
                           linear(5, 5), nn.BatchNorm1d(5), nn.Tanh(), linear(5, 10))
class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1, self.layer2, self.layer3 = linear(4, 5), linear(5, 5), linear(5, 10)
        self.norm1, self.norm2 = nn.BatchNorm1d(5), nn.BatchNorm1d(5)
    def forward(self, x):
        x = torch.tanh(self.norm1(self.layer1(x)))
        return self.layer3(x + torch.tanh(self.norm2(self.layer2(x))))
)";
  for (const std::string name : {"w.npz", "w.safetensors"}) {
    const std::string there = (folder_ / name).string();
    run_python(torch + R"(
torch.manual_seed(4)
for p in sequential.parameters():
    p.data += 0.3 * torch.randn_like(p)
sequential(torch.randn(64, 4))
state = sequential.state_dict()
if sys.argv[1].endswith('.npz'):
    numpy.savez(sys.argv[1], **{k: v.numpy() for k, v in state.items()})
else:
    save(sys.argv[1], state)
)",
               {there});
    const ProgramResult result =
        train({"--activation", "tanh", "--normalisation", "batch", "--residual", "--batch-size",
               "3", "--initial-weights", there, "--learning-rate", "0.1", "--safetensors"},
              "5,5");
    ASSERT_EQ(result.exit_code, 0) << result.err;
    expect_test_loss(torch + kTestLoss, there);
  }
}

TEST_F(Formats, SafetensorsAreWrittenOnRequestOnly) {
  ASSERT_EQ(train({}).exit_code, 0);
  EXPECT_FALSE(fs::exists(folder_ / "run/arrays.safetensors"));
}

TEST_F(Formats, DamagedSafetensorsAreOneLineAndCodeThree) {
  const auto weights = folder_.file("w.safetensors", "not at all");
  const ProgramResult result = train({"--initial-weights", weights.string()});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("w.safetensors"));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST_F(Formats, TensorboardGetsTheNumbersOfTheTables) {
  ASSERT_EQ(train({"--bias", "--tensorboard", (folder_ / "tb").string()}).exit_code, 0);
  const RunRecord record = read_run(folder_ / "run");
  fs::path file;
  for (const auto& entry : fs::directory_iterator(folder_ / "tb")) file = entry.path();
  std::istringstream events(
      run_python(read_file(RAVINE_SOURCE_DIR "/tests/support/event_file.py"), {file.string()}));
  const CsvTable& steps = record.table("steps.csv");
  const CsvTable& epochs = record.table("epochs.csv");
  const auto number = [](const CsvTable& table, const char* column, std::size_t row) {
    return fmt::format("{:.9g}", static_cast<float>(table.numbers(column)[row]));
  };
  std::string expected = "0 brain.Event:2\n";
  for (std::size_t s = 0; s < steps.row_count(); ++s) {
    expected += fmt::format("{} loss/train={} learning_rate={}", s + 1, number(steps, "loss", s),
                            number(steps, "learning_rate", s));
    for (const char* block :
         {"layer1", "layer1.bias", "layer2", "layer2.bias", "layer3", "layer3.bias"}) {
      const std::string column = std::string("grad_norm.") + block;
      expected += fmt::format(" gradient_norm/{}={}", block, number(steps, column.c_str(), s));
    }
    expected += fmt::format("\n{} loss/test={} accuracy/test={}\n", s + 1,
                            number(epochs, "test_nll", s), number(epochs, "test_accuracy", s));
  }
  EXPECT_EQ(events.str(), expected);
}

TEST_F(Formats, StepsGoToStdoutAsLinesOfJsonAndTextToStderr) {
  const ProgramResult result = train({"--stream", "-"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const RunRecord record = read_run(folder_ / "run");
  const CsvTable& steps = record.table("steps.csv");
  std::istringstream lines(result.out);
  std::string line;
  std::size_t count = 0;
  for (; std::getline(lines, line); ++count) {
    const Json json = Json::parse(line);
    EXPECT_EQ(json["step"], count + 1);
    EXPECT_EQ(json["epoch"], steps.numbers("epoch")[count]);
    EXPECT_EQ(json["loss"], steps.numbers("loss")[count]);
    EXPECT_EQ(json["learning_rate"], 0.01);
    EXPECT_EQ(json["grad_norms"].size(), 3U);
    EXPECT_EQ(json["grad_norms"]["layer2"], steps.numbers("grad_norm.layer2")[count]);
  }
  EXPECT_EQ(count, steps.row_count());
  EXPECT_THAT(result.err, HasSubstr("Total parameters"));
  EXPECT_THAT(result.err, HasSubstr("report: "));
}

TEST_F(Formats, StepsGoToAFile) {
  const ProgramResult result = train({"--stream", (folder_ / "s.jsonl").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("report: "));
  EXPECT_EQ(Json::parse(read_file(folder_ / "s.jsonl")
                            .substr(0, read_file(folder_ / "s.jsonl").find('\n')))["step"],
            1);
}

TEST_F(Formats, OutputsThatCannotBeWrittenOrContradictAreRefused) {
  const ProgramResult both = train({"--stream", "-", "--json"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("--json"));
  EXPECT_EQ(train({"--stream", "/proc/none/s"}).exit_code, 6);
  EXPECT_EQ(train({"--tensorboard", "/proc/none"}).exit_code, 6);
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  EXPECT_EQ(train({"--stream", "/dev/null"}).exit_code, 0);
}

TEST_F(Formats, AStreamReplacesOlderStreamsOnlyAndByForceOnly) {
  const std::string steps = folder_.file("s.jsonl", "precious").string();
  const std::vector<std::string> command = {
      "train", "--data", (folder_ / "data").string(), "--hidden", "3", "--epochs", "1", "--stream",
      steps,   "--out",  (folder_ / "run").string()};
  const ProgramResult refused = run_program(command);
  EXPECT_EQ(refused.exit_code, 6);
  EXPECT_EQ(std::ranges::count(refused.err, '\n'), 1) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("--force replaces an older stream"));
  EXPECT_EQ(read_file(steps), "precious");
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  std::vector<std::string> forced = command;
  forced.emplace_back("--force");
  const ProgramResult kept = run_program(forced);
  EXPECT_EQ(kept.exit_code, 6);
  EXPECT_THAT(kept.err, HasSubstr("s.jsonl: expected an older stream, got another file"));
  EXPECT_EQ(read_file(steps), "precious");
  EXPECT_FALSE(fs::exists(folder_ / "run"));

  const std::string older = "{\"step\":1,\"epoch\":1}\n{\"step\":2,\"ep";
  folder_.file("s.jsonl", older);
  std::vector<std::string> without_data = forced;
  without_data[2] = (folder_ / "nowhere").string();
  EXPECT_EQ(run_program(without_data).exit_code, 2);
  EXPECT_EQ(read_file(steps), older) << "a run that makes no step leaves the stream alone";
  EXPECT_EQ(run_program(forced).exit_code, 0);
  EXPECT_THAT(read_file(steps), ::testing::StartsWith("{\"step\":1"));
}

TEST_F(Formats, AStreamThatNoStepReachesLeavesNoFile) {
  const std::string steps = (folder_ / "s.jsonl").string();
  EXPECT_EQ(run_program({"train", "--data", (folder_ / "nowhere").string(), "--stream", steps,
                         "--out", (folder_ / "run").string()})
                .exit_code,
            2);
  EXPECT_FALSE(fs::exists(steps));
}

}  // namespace
}  // namespace ravine::testing
