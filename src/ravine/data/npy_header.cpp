#include "ravine/data/npy_header.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

constexpr std::size_t kMostDimensions = 32;  // numpy's own limit until version 2

class Parser {
 public:
  Parser(std::string_view text, std::string_view where) : rest_(text), where_(where) {}

  NpyHeader parse() {
    NpyHeader header;
    std::set<std::string> seen;
    expect('{');
    while (!accept('}')) {
      const std::string key = parse_string();
      if (!seen.insert(key).second) fail(fmt::format("'{}' twice", key));
      expect(':');
      parse_value(key, header);
      if (accept(',')) continue;
      expect('}');
      break;
    }
    skip_blanks();
    if (!rest_.empty()) fail("text after the dictionary");
    if (seen.size() != 3) fail("a key missing");
    return header;
  }

 private:
  void parse_value(const std::string& key, NpyHeader& header) {
    if (key == "descr") {
      header.type = parse_type();
    } else if (key == "fortran_order") {
      header.fortran_order = parse_bool();
    } else if (key == "shape") {
      header.shape = parse_shape();
    } else {
      fail(fmt::format("the key '{}'", key));
    }
  }

  std::string parse_type() {
    skip_blanks();
    if (rest_.starts_with('[')) {
      throw DataError(error_text("npy", where_, "an array of float32 or float64",
                                 "one of structures", "save each field as an array of its own"));
    }
    return parse_string();
  }

  std::string parse_string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect(quote);
    const std::size_t length = rest_.find(quote);
    if (length == std::string_view::npos) fail("a string without end");
    const std::string_view content = rest_.substr(0, length);
    const bool plain = std::all_of(content.begin(), content.end(),
                                   [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
    if (!plain || length > 64) fail("a strange string");
    rest_.remove_prefix(length + 1);
    return std::string(content);
  }

  bool parse_bool() {
    skip_blanks();
    for (const std::string_view word : {"False", "True"}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return word == "True";
    }
    fail("fortran_order neither True nor False");
  }

  std::vector<std::size_t> parse_shape() {
    std::vector<std::size_t> shape;
    expect('(');
    bool closed = accept(')');
    while (!closed) {
      if (shape.size() == kMostDimensions) fail(fmt::format("over {} dimensions", kMostDimensions));
      shape.push_back(parse_number());
      // Python's tuple of one is written (3,): a comma must follow the first number.
      const bool comma = accept(',');
      if (!comma && shape.size() == 1) fail("a shape that is no tuple");
      closed = accept(')');
      if (!comma && !closed) fail("a shape without end");
    }
    return shape;
  }

  std::size_t parse_number() {
    skip_blanks();
    std::size_t value = 0;
    const char* end = rest_.data() + rest_.size();
    const auto [after, error] = std::from_chars(rest_.data(), end, value);
    if (error == std::errc::result_out_of_range) fail("a shape too large for this machine");
    if (error != std::errc()) fail("a shape without numbers");
    rest_.remove_prefix(static_cast<std::size_t>(after - rest_.data()));
    return value;
  }

  void skip_blanks() {
    const std::size_t count = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(count, rest_.size()));
  }

  bool accept(char wanted) {
    skip_blanks();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) fail(fmt::format("no '{}' where one belongs", wanted));
  }

  [[noreturn]] void fail(std::string_view got) const {
    throw DataError(error_text("npy", where_, "a header with descr, fortran_order, shape", got));
  }

  std::string_view rest_;
  std::string_view where_;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text, std::string_view where) {
  return Parser(text, where).parse();
}

std::string npy_header_text(const NpyHeader& header) {
  return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}{}), }}", header.type,
                     header.fortran_order ? "True" : "False", fmt::join(header.shape, ", "),
                     header.shape.size() == 1 ? "," : "");
}

}  // namespace ravine
