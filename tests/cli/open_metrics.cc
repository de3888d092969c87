#include "tests/cli/open_metrics.h"

#include <fmt/core.h>

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <optional>

namespace weir::cli {
namespace {

bool is_name(std::string_view text, bool colons) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) return false;
  for (const unsigned char c : text)
    if (std::isalnum(c) == 0 && c != '_' && !(colons && c == ':')) return false;
  return true;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  MetricsText read() {
    if (!text_.ends_with("# EOF\n")) problem("does not end in # EOF");
    while (!text_.empty()) {
      const std::size_t end = text_.find('\n');
      if (end == std::string_view::npos) {
        problem("the last line has no end");
        break;
      }
      line_ = text_.substr(0, end);
      text_.remove_prefix(end + 1);
      ++number_;
      if (ended_) problem("something follows # EOF");
      if (line_ == "# EOF") {
        ended_ = true;
      } else if (line_.starts_with("# ")) {
        read_about();
      } else {
        read_sample();
      }
    }
    return std::move(out_);
  }

 private:
  void problem(const std::string& what) {
    out_.problems.push_back(fmt::format("line {}: {}: {}", number_, what, line_));
  }

  void read_about() {
    const std::size_t first = line_.find(' ', 2);
    const std::size_t second = first == std::string_view::npos ? first : line_.find(' ', first + 1);
    if (second == std::string_view::npos) return problem("wants a word, a family and a text");
    const std::string_view word = line_.substr(2, first - 2);
    const std::string family(line_.substr(first + 1, second - first - 1));
    const std::string_view rest = line_.substr(second + 1);
    if (!is_name(family, true)) problem("no name of a family");
    if (family != family_) begin_family(family);
    if (sampled_) problem("after the first sample of its family");
    if (!words_.insert(std::string(word)).second) problem("said twice");
    if (word == "TYPE") {
      static const std::set<std::string_view> known{"counter", "gauge", "info", "stateset"};
      if (!known.contains(rest)) problem("a type that weir has not");
      out_.types[family] = type_ = rest;
    } else if (word == "UNIT") {
      if (!family.ends_with("_" + std::string(rest))) problem("the name does not end in the unit");
    } else if (word == "HELP") {
      if (!escapes_are_known(rest, "\\n\"")) problem("an escape that is none");
    } else {
      problem("neither TYPE nor UNIT nor HELP");
    }
  }

  void begin_family(const std::string& family) {
    if (!families_.insert(family).second) problem("a family in two places");
    family_ = family;
    type_.clear();
    words_.clear();
    sampled_ = false;
  }

  static bool escapes_are_known(std::string_view text, std::string_view known) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') continue;
      if (++i == text.size() || known.find(text[i]) == std::string_view::npos) return false;
    }
    return true;
  }

  void read_sample() {
    sampled_ = true;
    const std::size_t name_end = line_.find_first_of("{ ");
    if (name_end == std::string_view::npos) return problem("a sample without a value");
    const std::string_view name = line_.substr(0, name_end);
    const std::string suffix = type_ == "counter" ? "_total" : type_ == "info" ? "_info" : "";
    if (name != family_ + suffix) problem("a sample that is not of the family before it");
    std::size_t at = name_end;
    std::map<std::string, std::string> labels;
    if (line_[at] == '{') {
      const auto end = read_labels(at + 1, labels);
      if (!end) return problem("labels that are none");
      at = *end;
    }
    if (at >= line_.size() || line_[at] != ' ') return problem("one blank before the value");
    const std::string value_text(line_.substr(at + 1));
    char* end = nullptr;
    const double value = std::strtod(value_text.c_str(), &end);
    if (value_text.empty() || value_text.front() == ' ' || *end != '\0')
      return problem("a value that is no number");
    if (type_ == "counter" && !(value >= 0)) problem("a counter below zero");
    if (type_ == "info" && value != 1) problem("an info that is not 1");
    if (type_ == "stateset" && ((value != 0 && value != 1) || !labels.contains(family_)))
      problem("a state that is neither 0 nor 1, or without its label");
    std::string key(name);
    for (const auto& [label, text] : labels) {
      key += key.size() == name.size() ? '{' : ',';
      key += label + "=\"" + text + "\"";
    }
    if (!labels.empty()) key += '}';
    if (!out_.samples.emplace(key, value).second) problem("the same sample twice");
  }

  // From behind the brace to behind the other.
  std::optional<std::size_t> read_labels(std::size_t at,
                                         std::map<std::string, std::string>& labels) const {
    for (;;) {
      const std::size_t equals = line_.find('=', at);
      if (equals == std::string_view::npos) return std::nullopt;
      const std::string label(line_.substr(at, equals - at));
      if (!is_name(label, false) || line_.substr(equals + 1, 1) != "\"") return std::nullopt;
      std::string value;
      for (at = equals + 2; at < line_.size() && line_[at] != '"'; ++at) {
        if (line_[at] == '\\') {
          if (++at == line_.size()) return std::nullopt;
          if (line_[at] != 'n' && line_[at] != '\\' && line_[at] != '"') return std::nullopt;
          value += line_[at] == 'n' ? '\n' : line_[at];
        } else {
          value += line_[at];
        }
      }
      if (at >= line_.size() || !labels.emplace(label, value).second) return std::nullopt;
      ++at;  // the quote
      if (at >= line_.size()) return std::nullopt;
      if (line_[at] == '}') return at + 1;
      if (line_[at] != ',') return std::nullopt;
      ++at;
    }
  }

  std::string_view text_;
  std::string_view line_;
  int number_ = 0;
  bool ended_ = false;
  std::string family_;
  std::string type_;
  bool sampled_ = false;
  std::set<std::string> words_;  // said of the family
  std::set<std::string> families_;
  MetricsText out_;
};

}  // namespace

MetricsText read_open_metrics(std::string_view text) {
  return Reader(text).read();
}

}  // namespace weir::cli
