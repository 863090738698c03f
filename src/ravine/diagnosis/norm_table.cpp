#include "ravine/diagnosis/norm_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/lower_case.hpp"
#include "ravine/data/csv_rows.hpp"
#include "ravine/diagnosis/norm_columns.hpp"

namespace ravine {

namespace {

constexpr std::size_t kMostLayers = 10'000;
constexpr std::string_view kWeightNorm = "weight_norm";
constexpr std::array<std::string_view, 7> kStepNames = {
    "step", "_step", "global_step", "trainer/global_step", "iteration", "iter", "epoch"};
constexpr std::array<std::string_view, 3> kNormNames = {"gradient_norm", "grad_norm", "norm"};
constexpr std::array<std::string_view, 2> kRateNames = {"learning_rate", "lr"};
constexpr std::string_view kForms =
    "step,layer,gradient_norm, or step and one column a layer; see docs/diagnosis.md";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// A cell as a number; NaN when empty. Beyond the range of double it is infinite or 0.
double number_in(const CsvRows& rows, std::size_t column, std::string_view name) {
  const std::string_view text = trimmed(rows.cells()[column]);
  if (text.empty()) return NAN;
  double value = 0;
  const char* const begin = text.data() + (text[0] == '+');
  const auto parsed = std::from_chars(begin, text.data() + text.size(), value);
  if (parsed.ec == std::errc::invalid_argument || parsed.ptr != text.data() + text.size()) {
    rows.refuse(fmt::format("a number in column '{}'", name),
                fmt::format("'{}'", text.substr(0, 40)));
  }
  if (parsed.ec == std::errc()) return value;
  const bool is_small =
      text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
  return is_small ? 0 : INFINITY;
}

double norm_in(const CsvRows& rows, std::size_t column, std::string_view name) {
  const double norm = number_in(rows, column, name);
  if (std::isfinite(norm) && norm < 0) {
    rows.refuse(fmt::format("a norm, at least 0, in column '{}'", name), fmt::format("{}", norm));
  }
  return norm;
}

/// The names of the columns, and where the special ones are.
class Header {
 public:
  explicit Header(const CsvRows& rows) {
    for (const std::string_view cell : rows.cells()) {
      names_.emplace_back(trimmed(cell));
      const std::string& name = names_.back();
      const bool is_index = name.empty() && names_.size() == 1 && rows.cells().size() > 1;
      if (is_index) continue;  // of a data frame, which pandas writes first, without a name
      if (name.empty()) rows.refuse("a name for every column", "an empty one");
      if (std::count(names_.begin(), names_.end(), name) > 1) {
        rows.refuse("column names that differ", fmt::format("'{}' twice", name));
      }
    }
  }

  const std::vector<std::string>& names() const { return names_; }
  std::size_t size() const { return names_.size(); }

  /// The first of these names, in this order, that a column has.
  std::optional<std::size_t> find(std::span<const std::string_view> wanted) const {
    for (const std::string_view name : wanted) {
      for (std::size_t c = 0; c < names_.size(); ++c) {
        if (lower_case(names_[c]) == name) return c;
      }
    }
    return std::nullopt;
  }
  std::optional<std::size_t> find(std::string_view wanted) const {
    return find(std::span(&wanted, 1));
  }

 private:
  std::vector<std::string> names_;
};

/// Goes to the next row that is not blank, which must be as long as the header.
bool next_row(CsvRows& rows, const Header& header) {
  do {
    if (!rows.next()) return false;
  } while (rows.cells().size() == 1 && trimmed(rows.cells()[0]).empty());
  if (rows.cells().size() != header.size()) {
    rows.refuse(fmt::format("{} cells", header.size()), fmt::format("{}", rows.cells().size()));
  }
  return true;
}

double step_in(const CsvRows& rows, const Header& header, std::size_t column, double last) {
  const double step = number_in(rows, column, header.names()[column]);
  if (!std::isfinite(step)) {
    rows.refuse("a step", fmt::format("'{}'", rows.cells()[column].substr(0, 40)));
  }
  if (step <= last) {
    rows.refuse("steps that increase", fmt::format("{} after {}", step, last));
  }
  return step;
}

/// An empty cell is a loss that was not logged at that step.
void add_loss(const CsvRows& rows, const Header& header, std::size_t column, double step,
              NormHistory& history) {
  if (trimmed(rows.cells()[column]).empty()) {
    history.losses.add(NAN);
  } else {
    history.add_loss(number_in(rows, column, header.names()[column]), step);
  }
}

/// The first two steps of a table, which tell whether it begins where training did.
class FirstSteps {
 public:
  void add(double step) {
    if (count_ < 2) steps_[count_++] = step;
  }
  /// Whether no step can be missing in front of the first, the distance of the first two being
  /// that of all.
  bool are_early() const { return count_ < 2 || steps_[0] <= steps_[1] - steps_[0]; }

 private:
  std::size_t count_ = 0;
  double steps_[2] = {};
};

/// Reads the long form row by row; layers keep their own count of steps, so rows may come step by
/// step or layer by layer.
class LongTable {
 public:
  LongTable(CsvRows& rows, const Header& header, std::size_t step, std::size_t layer,
            std::size_t norm)
      : rows_(rows),
        header_(header),
        step_(step),
        layer_(layer),
        norm_(norm),
        weight_norm_(header.find(kWeightNorm)),
        loss_(loss_column(header.names())) {}

  NormHistory read() {
    history_.order_of_table = true;
    while (next_row(rows_, header_)) take_row();
    check_ends();
    history_.from_start = first_steps_.are_early();
    return std::move(history_);
  }

 private:
  struct Steps {
    double last = -INFINITY;
    double before = -INFINITY;  // the one before the last
  };

  void take_row() {
    const std::string_view name = trimmed(rows_.cells()[layer_]);
    if (name.empty()) rows_.refuse("a layer's name", "an empty cell");
    if (names_no_layer(name)) return;
    const std::size_t l = index_of(name);
    const double step = step_in(rows_, header_, step_, steps_[l].last);
    if (l > 0 && step == steps_[0].last && steps_[l].last != steps_[0].before) {
      const bool is_first = steps_[l].last > steps_[0].before;  // it is the first layer that lacks
      refuse_gap(is_first ? 0 : l, is_first ? steps_[l].last : steps_[0].before);
    }
    steps_[l] = {step, steps_[l].last};
    if (l == 0) first_steps_.add(step);
    history_.layers[l].add(norm_in(rows_, norm_, header_.names()[norm_]), step);
    if (loss_ && l == 0) add_loss(rows_, header_, *loss_, step, history_);
    if (weight_norm_) {
      history_.layers[l].add_weight_norm(norm_in(rows_, *weight_norm_, kWeightNorm));
    }
  }

  /// Rows mostly come in a circle, so the layer after the last one is looked at first.
  std::size_t index_of(std::string_view name) {
    auto& layers = history_.layers;
    current_ = current_ + 1 < layers.size() ? current_ + 1 : 0;
    if (current_ < layers.size() && layers[current_].name() == name) return current_;
    const auto [place, is_new] = indices_.try_emplace(std::string(name), layers.size());
    if (is_new) {
      if (layers.size() == kMostLayers) {
        rows_.refuse(fmt::format("at most {} layers", kMostLayers), "more");
      }
      layers.emplace_back(std::string(name));
      steps_.emplace_back();
    }
    return current_ = place->second;
  }

  void check_ends() const {
    for (std::size_t l = 1; l < steps_.size(); ++l) {
      if (steps_[l].last < steps_[0].last) refuse_gap(l, steps_[0].last);
      if (steps_[l].last > steps_[0].last) refuse_gap(0, steps_[l].last);
      const std::int64_t steps = history_.layers[l].steps(), others = history_.layers[0].steps();
      if (steps == others) continue;
      rows_.refuse(fmt::format("{} steps of layer '{}', as of '{}'", others,
                               history_.layers[l].name(), history_.layers[0].name()),
                   fmt::format("{}", steps));
    }
  }

  [[noreturn]] void refuse_gap(std::size_t layer, double step) const {
    rows_.refuse(fmt::format("a norm of layer '{}' at {} {}", history_.layers[layer].name(),
                             lower_case(header_.names()[step_]), step),
                 "none");
  }

  CsvRows& rows_;
  const Header& header_;
  std::size_t step_, layer_, norm_;
  std::optional<std::size_t> weight_norm_, loss_;
  NormHistory history_;
  std::vector<Steps> steps_;
  FirstSteps first_steps_;
  std::unordered_map<std::string, std::size_t> indices_;
  std::size_t current_ = 0;
};

void check_count(const CsvRows& rows, const Header& header, std::size_t layers) {
  if (layers == 0) {
    rows.refuse("columns of gradient norms",
                fmt::format("'{}'", fmt::join(header.names(), "', '")));
  }
  if (layers > kMostLayers) {
    rows.refuse(fmt::format("at most {} layers", kMostLayers), fmt::format("{}", layers));
  }
}

/// Of each of these columns, the one with the norms of its layer's weights.
std::vector<std::optional<std::size_t>> weight_columns(const Header& header,
                                                       const std::vector<std::size_t>& norms) {
  std::vector<std::optional<std::size_t>> columns;
  for (const std::size_t c : norms) {
    const std::string_view layer = layer_name(header.names()[c]);
    const auto found = std::ranges::find(header.names(), fmt::format("{}.{}", kWeightNorm, layer));
    columns.emplace_back();
    if (found != header.names().end()) columns.back() = found - header.names().begin();
  }
  return columns;
}

/// Tells rows of other metrics, as loggers write them at validation, from rows whose norms are not
/// finite: they have neither norm nor loss, but a value where no row with norms before has one.
class MetricRows {
 public:
  /// columns: of norms and the loss.
  MetricRows(std::size_t count, std::vector<std::size_t> columns)
      : columns_(std::move(columns)), filled_beside_norms_(count) {}

  bool has(const CsvRows& rows) {
    const auto is_filled = [&](std::size_t c) { return !trimmed(rows.cells()[c]).empty(); };
    if (std::ranges::any_of(columns_, is_filled)) {
      has_seen_norms_ = true;
      for (std::size_t c = 0; c < filled_beside_norms_.size(); ++c) {
        if (is_filled(c)) filled_beside_norms_[c] = 1;
      }
      return false;
    }
    bool has_other = false;
    for (std::size_t c = 0; c < filled_beside_norms_.size(); ++c) {
      has_other |= filled_beside_norms_[c] == 0 && is_filled(c);
    }
    return has_seen_norms_ && has_other;
  }

 private:
  std::vector<std::size_t> columns_;
  std::vector<char> filled_beside_norms_;  // one a column
  bool has_seen_norms_ = false;
};

NormHistory read_wide(CsvRows& rows, const Header& header, std::size_t step_column,
                      const StepFacts& facts) {
  NormHistory history;
  history.order_of_table = true;
  const auto loss = loss_column(header.names());
  const auto any_rate = header.find(kRateNames);
  std::vector<std::size_t> used = {step_column, loss.value_or(step_column),
                                   any_rate.value_or(step_column)};
  NormColumns found = norm_columns(header.names(), used);
  const std::vector<std::size_t>& columns = found.layers;
  check_count(rows, header, columns.size());
  for (const std::size_t c : columns) {
    history.layers.emplace_back(std::string(layer_name(header.names()[c])));
  }
  const auto weights = weight_columns(header, columns);
  const bool needs_rate = facts.plain_descent || !std::isnan(facts.decay);
  const bool takes_rate = needs_rate && any_rate.has_value();
  if (takes_rate) history.assume(facts);
  history.columns_left_out = std::move(found.left_out);
  std::vector<double> norms(columns.size());
  double step = -INFINITY;
  FirstSteps first_steps;
  std::vector<std::size_t> measured = columns;
  if (loss) measured.push_back(*loss);
  MetricRows metric_rows(header.size(), std::move(measured));
  while (next_row(rows, header)) {
    if (metric_rows.has(rows)) continue;
    step = step_in(rows, header, step_column, step);
    first_steps.add(step);
    for (std::size_t l = 0; l < columns.size(); ++l) {
      norms[l] = norm_in(rows, columns[l], header.names()[columns[l]]);
      if (weights[l]) {
        const double norm = norm_in(rows, *weights[l], header.names()[*weights[l]]);
        history.layers[l].add_weight_norm(norm);
      }
    }
    history.add_norms(norms, step);
    if (loss) add_loss(rows, header, *loss, step, history);
    if (takes_rate) history.add_rate(number_in(rows, *any_rate, "learning rate"), norms);
  }
  history.from_start = first_steps.are_early();
  return history;
}

/// One column whose name holds another separator is a table of a spreadsheet or of tabs.
void demand_commas(const CsvRows& rows, const Header& header) {
  if (header.size() != 1) return;
  for (const char separator : {';', '\t'}) {
    if (header.names()[0].find(separator) == std::string::npos) continue;
    rows.refuse("cells separated by commas", separator == ';' ? "semicolons" : "tabs");
  }
}

NormHistory read_rows(CsvRows& rows, const Header& header, const StepFacts& facts) {
  demand_commas(rows, header);
  const auto step = header.find(kStepNames);
  const auto layer = header.find("layer");
  const auto norm = header.find(kNormNames);
  const std::string columns = fmt::format("columns '{}'", fmt::join(header.names(), "', '"));
  if (!step) rows.refuse(kForms, columns);
  if (!layer) return read_wide(rows, header, *step, facts);
  if (!norm) rows.refuse(kForms, columns);
  return LongTable(rows, header, *step, *layer, *norm).read();
}

}  // namespace

NormHistory read_norm_table(ByteSource& source, const StepFacts& facts) {
  CsvRows rows(source);
  if (!rows.next()) rows.refuse(kForms, "an empty file");
  if (rows.cells()[0].starts_with("\x1f\x8b")) {
    rows.refuse("text", "gzip, which is read from files only; hint: zcat in front");
  }
  const Header header(rows);
  NormHistory history = read_rows(rows, header, facts);
  if (history.layers.empty() || history.layers[0].steps() == 0) {
    rows.refuse("gradient norms of at least one layer and step", "none");
  }
  return history;
}

}  // namespace ravine
