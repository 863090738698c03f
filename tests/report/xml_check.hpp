#pragma once

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ravine::testing {

/// Checks that a document is well-formed as far as Ravine's own output goes: every element closed
/// in order, attributes quoted, no bare & or <. `void_elements` need no end (HTML's meta).
class XmlCheck {
 public:
  explicit XmlCheck(std::string_view text, std::set<std::string> void_elements = {})
      : text_(text), void_elements_(std::move(void_elements)) {
    while (problem_.empty() && at_ < text_.size()) text_[at_] == '<' ? take_tag() : take_text();
    if (problem_.empty() && !open_.empty()) problem_ = "never closed: " + open_.back();
  }

  /// What is wrong, empty when nothing is.
  const std::string& problem() const { return problem_; }
  /// The values of all id attributes, in order.
  const std::vector<std::string>& ids() const { return ids_; }
  /// The values of all attributes that name a resource (src, href, xlink:href), in order.
  const std::vector<std::string>& references() const { return references_; }

 private:
  void take_text() {
    const std::size_t end = std::min(text_.find('<', at_), text_.size());
    check_entities(text_.substr(at_, end - at_));
    at_ = end;
  }

  void check_entities(std::string_view text) {
    for (std::size_t i = text.find('&'); i != std::string_view::npos; i = text.find('&', i + 1)) {
      const std::size_t end = text.find(';', i);
      if (end == std::string_view::npos || end - i > 8) problem_ = "bare & in " + std::string(text);
    }
  }

  void take_tag() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("<?") || rest.starts_with("<!")) {
      at_ += rest.find('>') + 1;
    } else if (rest.starts_with("</")) {
      take_end(rest);
    } else {
      take_start();
    }
  }

  void take_end(std::string_view rest) {
    const std::string name(rest.substr(2, rest.find('>') - 2));
    if (open_.empty() || open_.back() != name) {
      problem_ = "</" + name + "> where " + (open_.empty() ? "nothing" : open_.back()) + " is open";
      return;
    }
    open_.pop_back();
    at_ += rest.find('>') + 1;
  }

  void take_start() {
    const std::string name = take_name(1);
    if (name.empty()) problem_ = "bare <";
    while (problem_.empty()) {
      skip_space();
      if (text_.substr(at_).starts_with("/>")) {
        at_ += 2;
        return;
      }
      if (text_.substr(at_).starts_with(">")) {
        ++at_;
        if (void_elements_.count(name) == 0) open_.push_back(name);
        // Style sheets are text of another language.
        if (name == "style") at_ = text_.find("</style>", at_);
        return;
      }
      take_attribute(name);
    }
  }

  void take_attribute(const std::string& element) {
    const std::string name = take_name(0);
    skip_space();
    if (name.empty() || text_.substr(at_, 1) != "=") {
      problem_ = "no attribute in <" + element;
      return;
    }
    ++at_;
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    const std::size_t end = text_.find(quote, at_ + 1);
    if ((quote != '"' && quote != '\'') || end == std::string_view::npos) {
      problem_ = "attribute without quotes: " + name;
      return;
    }
    const std::string value(text_.substr(at_ + 1, end - at_ - 1));
    check_entities(value);
    if (name == "id") ids_.push_back(value);
    if (name == "src" || name == "href" || name == "xlink:href") references_.push_back(value);
    at_ = end + 1;
  }

  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  std::string take_name(std::size_t skip) {
    const std::size_t begin = at_ + skip;
    at_ = begin;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
            std::string_view(":-_").find(text_[at_]) != std::string_view::npos)) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string_view text_;
  std::set<std::string> void_elements_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::string problem_;
  std::vector<std::string> ids_;
  std::vector<std::string> references_;
};

}  // namespace ravine::testing
