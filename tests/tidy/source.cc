#include "tests/tidy/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace weir::tidy {
namespace {

constexpr std::string_view kRoots[] = {"src",   "connectors", "web",  "testing",
                                       "tests", "fuzz",       "bench"};

// Walks C++ text once and sorts its bytes into code, comments and literals.
class Splitter {
 public:
  explicit Splitter(Source& source)
      : text_(source.text), code_(source.code), comments_(source.comments) {}

  void run() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        comment_until(line_end());
      } else if (starts("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        comment_until(end == std::string::npos ? text_.size() : end + 2);
      } else if (starts("R\"") && !inside_word()) {
        raw_string();
      } else if (text_[at_] == '"' || (text_[at_] == '\'' && !inside_word())) {
        literal(text_[at_]);
      } else {
        ++at_;  // code stays
      }
    }
  }

 private:
  bool starts(std::string_view what) const {
    return std::string_view(text_).substr(at_).starts_with(what);
  }
  // A quote behind a letter or digit is a digit separator; an R behind one is the end of a name.
  bool inside_word() const {
    return at_ > 0 &&
           (std::isalnum(static_cast<unsigned char>(text_[at_ - 1])) != 0 || text_[at_ - 1] == '_');
  }
  std::size_t line_end() const {
    const std::size_t end = text_.find('\n', at_);
    return end == std::string::npos ? text_.size() : end;
  }
  void blank_code(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (text_[i] != '\n') code_[i] = ' ';
    }
  }
  void comment_until(std::size_t end) {
    blank_code(at_, end);
    for (std::size_t i = at_; i < end; ++i) comments_[i] = text_[i];
    at_ = end;
  }
  void raw_string() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string::npos) {
      at_ = text_.size();
      return;
    }
    const std::string closing = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    const std::size_t close = text_.find(closing, open);
    const std::size_t end = close == std::string::npos ? text_.size() : close + closing.size();
    blank_code(at_ + 2, end > at_ + 2 ? end - 1 : end);
    at_ = end;
  }
  void literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, text_.size());
    blank_code(at_ + 1, end);
    at_ = std::min(end + 1, text_.size());
  }

  const std::string& text_;
  std::string& code_;
  std::string& comments_;
  std::size_t at_ = 0;
};

std::vector<Source> read_files(bool (*wanted)(const std::filesystem::path&)) {
  std::vector<Source> files;
  for (const std::string_view root : kRoots) {
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file() || !wanted(entry.path())) continue;
      files.push_back(make_source(entry.path().string(), read_text(entry.path().string())));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return files;
}

}  // namespace

Source make_source(std::string path, std::string text) {
  Source source{std::move(path), std::move(text), {}, {}};
  source.code = source.text;
  source.comments.assign(source.text.size(), ' ');
  for (std::size_t i = 0; i < source.text.size(); ++i) {
    if (source.text[i] == '\n') source.comments[i] = '\n';
  }
  if (source.path.ends_with(".h") || source.path.ends_with(".cc")) Splitter(source).run();
  return source;
}

std::string Finding::text() const {
  return line == 0 ? fmt::format("{}: {}: {}", path, rule, message)
                   : fmt::format("{}:{}: {}: {}", path, line, rule, message);
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + offset, '\n'));
}

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Source> read_tree() {
  return read_files([](const std::filesystem::path& path) {
    return path.extension() == ".h" || path.extension() == ".cc";
  });
}

std::vector<Source> read_cmake_files() {
  return read_files(
      [](const std::filesystem::path& path) { return path.filename() == "CMakeLists.txt"; });
}

}  // namespace weir::tidy
