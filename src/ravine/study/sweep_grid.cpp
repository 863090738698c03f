#include "ravine/study/sweep_grid.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

/// The shortest text of twelve digits: 0.1 + 0.2 is 0.3.
double without_rounding(double value) {
  const std::string text = fmt::format("{:.12g}", value);
  double clean = value;
  std::from_chars(text.data(), text.data() + text.size(), clean);
  return clean;
}

GridValue number_value(double number, bool whole) {
  if (whole) number = std::round(number);
  number = without_rounding(number);
  return {whole ? fmt::format("{:.0f}", number) : fmt::format("{}", number), number};
}

/// As TOML, in one line.
std::string text_of(const toml::node& node) {
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  std::string line = text.str();
  std::ranges::replace(line, '\n', ' ');
  return line;
}

/// Reads one key; `where` names it in errors.
class KeyReader {
 public:
  KeyReader(std::string name, std::string where) : where_(std::move(where)) {
    key_.name = std::move(name);
  }

  GridKey read(const toml::node& node) {
    if (const toml::table* table = node.as_table()) {
      read_table(*table);
    } else {
      read_values(node);
    }
    demand_sound();
    return std::move(key_);
  }

 private:
  [[noreturn]] void fail(std::string_view expected, std::string_view got,
                         std::string_view hint = {}) const {
    throw ConfigError(error_text("sweep", where_, expected, got, hint));
  }

  GridValue scalar(const toml::node& node) const {
    if (const auto* text = node.as_string()) {
      if (text->get().find_first_of("\r\n") != std::string::npos)
        fail("a text of one line", "more");
      return {text->get()};
    }
    if (const auto* flag = node.as_boolean()) return {flag->get() ? "true" : "false"};
    if (const auto* whole = node.as_integer()) {
      return {fmt::format("{}", whole->get()), static_cast<double>(whole->get())};
    }
    if (const auto* number = node.as_floating_point()) {
      if (!std::isfinite(number->get())) fail("finite numbers", fmt::format("{}", number->get()));
      return {fmt::format("{}", number->get()), number->get()};
    }
    fail("a number, a text, true, false, an array of them or a table", "another kind of value");
  }

  /// A value alone, or an array of values.
  void read_values(const toml::node& node) {
    const toml::array* array = node.as_array();
    key_.is_axis = array != nullptr;
    if (array == nullptr) {
      key_.values = {scalar(node)};
    } else {
      for (const toml::node& element : *array) key_.values.push_back(scalar(element));
    }
  }

  void read_table(const toml::table& table) {
    read_of(table);
    std::set<std::string_view> known = {"of"};
    if (!key_.of.empty() && table.contains("times")) {
      known.insert("times");
      read_values(*table.get("times"));
    } else {
      known.insert({"start", "stop", "count", "scale"});
      read_range(table);
    }
    for (const auto& [name, value] : table) {
      if (!known.contains(name.str())) {
        fail("start, stop, count and scale, or of with times", fmt::format("'{}'", name.str()));
      }
    }
  }

  void read_of(const toml::table& table) {
    if (!table.contains("of")) return;
    const toml::array* array = table["of"].as_array();
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto name = (*array)[i].value<std::string>();
      if (!name) fail("of: an array of options", text_of((*array)[i]) + " in it");
      key_.of.push_back(*name);
    }
    if (key_.of.empty()) fail("of: an array of options", text_of(*table.get("of")));
  }

  void read_range(const toml::table& table) {
    const double start = bound(table, "start"), stop = bound(table, "stop");
    const std::int64_t count = table["count"].value_exact<std::int64_t>().value_or(0);
    if (count < 2 || count > static_cast<std::int64_t>(kMostCells)) {
      fail(fmt::format("count: a whole number, 2 to {}", kMostCells),
           table.contains("count") ? text_of(*table.get("count")) : "none");
    }
    const std::string scale = table["scale"].value_or(std::string("linear"));
    const bool geometric = scale == "geometric";
    if (!geometric && (scale != "linear" || !known_scale(table))) {
      fail("scale: linear or geometric", fmt::format("'{}'", scale));
    }
    if (geometric && !(start > 0 && stop > 0)) {
      fail("start and stop above 0 for a geometric scale", fmt::format("{} and {}", start, stop));
    }
    const bool whole = key_.of.empty() && table["start"].is_integer() && table["stop"].is_integer();
    key_.is_axis = true;
    for (std::int64_t i = 0; i < count; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(count - 1);
      const double value =
          geometric ? start * std::pow(stop / start, share) : start + (stop - start) * share;
      key_.values.push_back(number_value(value, whole));
    }
  }

  static bool known_scale(const toml::table& table) {
    return !table.contains("scale") || table["scale"].is_string();
  }

  double bound(const toml::table& table, std::string_view name) const {
    const auto value = table[name].value<double>();
    if (!value || !table[name].is_number()) {
      fail("start, stop and count, or of with times", fmt::format("no number '{}'", name));
    }
    if (!std::isfinite(*value)) fail("finite numbers", fmt::format("{}", *value));
    return *value;
  }

  void demand_sound() const {
    if (key_.values.empty()) fail("at least one value", "an empty array");
    const bool numbers = !std::isnan(key_.values.front().number);
    std::set<std::string> seen;
    for (const GridValue& value : key_.values) {
      if (numbers == std::isnan(value.number)) fail("numbers alone or texts alone", "both");
      if (!seen.insert(numbers ? fmt::format("{}", value.number) : value.text).second) {
        fail("different values", fmt::format("{} twice", value.text));
      }
    }
    if (!key_.of.empty() && !numbers) fail("times: numbers", key_.values.front().text);
  }

  GridKey key_;
  std::string where_;
};

/// Keys in the order of the file, with alpha, whose starts share every pass, changing quickest.
bool comes_before(const std::pair<toml::source_region, GridKey>& a,
                  const std::pair<toml::source_region, GridKey>& b) {
  const auto place = [](const auto& entry) {
    const toml::source_position& at = entry.first.begin;
    return std::tuple(entry.second.name == "alpha", at.line, at.column, entry.second.name);
  };
  return place(a) < place(b);
}

void demand_factors(const SweepGrid& grid, const std::string& source) {
  for (const GridKey& key : grid.keys) {
    for (const std::string& name : key.of) {
      const GridKey* factor = grid.find(name);
      const bool fits =
          factor != nullptr && factor->of.empty() && !std::isnan(factor->values.front().number);
      if (fits) continue;
      throw ConfigError(error_text("sweep", fmt::format("{}, {}", source, key.name),
                                   "of: options that are numbers in the same table",
                                   fmt::format("'{}'", name)));
    }
  }
}

void demand_few_cells(const SweepGrid& grid, const std::string& source) {
  double cells = 1;
  for (const GridKey& key : grid.keys) cells *= static_cast<double>(key.values.size());
  if (cells <= static_cast<double>(kMostCells)) return;
  throw ConfigError(error_text("sweep", source, fmt::format("at most {} cells", kMostCells),
                               fmt::format("{:.0f}", cells)));
}

/// A value about the sweep; none where the key is missing.
template <class T>
std::optional<T> about(const toml::table& table, std::string_view name, std::string_view kind,
                       const std::string& source) {
  const auto value = table[name].value<T>();
  if (table.contains(name) && !value) {
    throw ConfigError(
        error_text("sweep", fmt::format("{}, {}", source, name), kind, text_of(*table.get(name))));
  }
  return value;
}

}  // namespace

bool is_about_sweep(std::string_view key) {
  return key == "title" || key == "question" || key == "success";
}

SweepGrid parse_sweep_grid(const toml::table& table, const std::string& source) {
  std::vector<std::pair<toml::source_region, GridKey>> keys;
  for (const auto& [name, node] : table) {
    if (is_about_sweep(name.str())) continue;
    const std::string where =
        fmt::format("{} line {}, {}", source, node.source().begin.line, name.str());
    keys.emplace_back(node.source(), KeyReader(std::string(name.str()), where).read(node));
  }
  std::ranges::sort(keys, comes_before);
  SweepGrid grid;
  grid.title = about<std::string>(table, "title", "a text", source).value_or("");
  grid.question = about<std::string>(table, "question", "a text", source).value_or("");
  grid.success = about<double>(table, "success", "a number", source);
  for (auto& [place, key] : keys) grid.keys.push_back(std::move(key));
  demand_factors(grid, source);
  demand_few_cells(grid, source);
  return grid;
}

std::size_t SweepGrid::cell_count() const {
  std::size_t count = 1;
  for (const GridKey& key : keys) count *= key.values.size();
  return count;
}

std::vector<std::size_t> SweepGrid::places(std::size_t index) const {
  std::vector<std::size_t> places(keys.size());
  for (std::size_t k = keys.size(); k-- > 0; index /= keys[k].values.size()) {
    places[k] = index % keys[k].values.size();
  }
  return places;
}

GridValue SweepGrid::value(std::size_t key, const std::vector<std::size_t>& places) const {
  const GridValue& own = keys[key].values[places[key]];
  if (keys[key].of.empty()) return own;
  double product = own.number;
  for (const std::string& name : keys[key].of) {
    const auto factor = static_cast<std::size_t>(find(name) - keys.data());
    product *= keys[factor].values[places[factor]].number;
  }
  return number_value(product, true);
}

const GridKey* SweepGrid::find(const std::string& name) const {
  const auto found = std::ranges::find(keys, name, &GridKey::name);
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace ravine
