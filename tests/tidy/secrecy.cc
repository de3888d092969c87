#include "tests/tidy/secrecy.h"

#include <algorithm>
#include <filesystem>
#include <regex>

namespace weir::tidy {
namespace {

constexpr std::string_view kWord = "canary";

bool is_test_text(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  const std::string name = path.generic_string();
  if (name.starts_with("tests/tidy/")) return false;  // holds what the rule must find
  if (name.starts_with("src/")) return name.ends_with("_test.cc");
  return extension == ".cc" || extension == ".h" || extension == ".yaml" || extension == ".json" ||
         extension == ".test" || extension == ".mjs";
}

// A placeholder of one letter is none, and could not be looked for.
bool is_no_secret(std::string_view value) {
  constexpr std::string_view kOthers[] = {kWord, "{", "ENC[", "secret]", "hidden]"};
  while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
  if (value.size() < 2 || value.front() == '|' || value.front() == '[') return true;
  return std::any_of(std::begin(kOthers), std::end(kOthers), [&](std::string_view part) {
    return value.find(part) != std::string_view::npos;
  });
}

}  // namespace

std::vector<Source> read_test_texts() {
  std::vector<Source> out;
  for (const char* root : {"tests", "testing", "src"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string path = entry.path().generic_string();
      if (!entry.is_regular_file() || !is_test_text(entry.path())) continue;
      Source source;
      source.path = path;
      source.text = read_text(path);
      out.push_back(std::move(source));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return out;
}

std::vector<Finding> check_secret_words(const Source& source) {
  static const std::regex place(
      R"((\b(Authorization|X-Api-Key|X-Key|password|token)(_sops)?\\?["']?|\bsecrets: *\{ *[\w-]+): +\\?["']?([^,}"'\\\n]*))");
  std::vector<Finding> out;
  for (auto at = std::sregex_iterator(source.text.begin(), source.text.end(), place);
       at != std::sregex_iterator(); ++at) {
    if (is_no_secret((*at)[4].str())) continue;
    out.push_back({"clear-secret", source.path,
                   line_at(source.text, static_cast<std::size_t>(at->position())),
                   "write a value with the word canary in it, so that a leak is seen"});
  }
  return out;
}

}  // namespace weir::tidy
