#include "tests/docs/page.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

namespace weir::docs {
namespace {

constexpr std::string_view kFence = "```";

std::vector<Page> read_pages() {
  std::vector<std::string> paths{"README.md", "CONTRIBUTING.md"};
  for (const auto& entry : std::filesystem::directory_iterator("docs")) {
    if (entry.path().extension() == ".md") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Page> out;
  for (const std::string& path : paths) out.push_back(parse_page(path, read_text(path)));
  return out;
}

// The part of a page that is no code.
std::string prose_of(const Page& page) {
  std::istringstream lines(page.text);
  std::string out, line;
  bool inside = false;
  while (std::getline(lines, line)) {
    if (line.starts_with(kFence)) inside = !inside;
    if (!inside) out += line + "\n";
  }
  return out;
}

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream text(row.substr(1));
  std::string cell;
  while (std::getline(text, cell, '|')) cells.push_back(cell);
  return cells;
}

}  // namespace

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << "cannot read " << path << "; run from the root of the tree";
  return {std::istreambuf_iterator<char>(in), {}};
}

Page parse_page(std::string path, std::string text) {
  Page page{.path = std::move(path), .text = std::move(text), .blocks = {}};
  std::istringstream lines(page.text);
  std::string line;
  bool inside = false;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.starts_with(kFence)) {
      inside = !inside;
      if (inside) page.blocks.push_back({number, line.substr(kFence.size()), ""});
    } else if (inside) {
      page.blocks.back().text += line + "\n";
    }
  }
  EXPECT_FALSE(inside) << page.path << ": a block has no end";
  return page;
}

const std::vector<Page>& pages() {
  static const std::vector<Page> all = read_pages();
  return all;
}

const Page& page(std::string_view path) {
  const auto found = std::find_if(pages().begin(), pages().end(),
                                  [&](const Page& each) { return each.path == path; });
  if (found != pages().end()) return *found;
  ADD_FAILURE() << "no page " << path;
  static const Page none;
  return none;
}

std::vector<std::string> links_of(const Page& page) {
  static const std::regex link(R"(\]\(([^)\s]+)\))");
  const std::string prose = prose_of(page);
  std::vector<std::string> out;
  for (std::sregex_iterator it(prose.begin(), prose.end(), link), end; it != end; ++it) {
    out.push_back((*it)[1]);
  }
  return out;
}

std::vector<std::string> quoted_in_tables(const Page& page, std::size_t column,
                                          std::string_view begin, std::string_view end) {
  static const std::regex quoted("`([^`]+)`");
  std::istringstream lines(prose_of(page));
  std::vector<std::string> out;
  std::string line;
  bool inside = begin.empty();
  while (std::getline(lines, line)) {
    if (!begin.empty() && line.starts_with(begin)) inside = true;
    if (!end.empty() && line.starts_with(end)) inside = false;
    if (!inside || !line.starts_with("|")) continue;
    const std::vector<std::string> cells = cells_of(line);
    if (column >= cells.size()) continue;
    const std::string& cell = cells[column];
    for (std::sregex_iterator it(cell.begin(), cell.end(), quoted), last; it != last; ++it) {
      out.push_back((*it)[1]);
    }
  }
  return out;
}

std::string script_of(const Page& page, bool fault_points) {
  static const std::regex with_code(R"(^(.*\S)\s+# exit (\d+)$)");
  std::string script =
      "set -eE\n"
      "trap 'echo \"failed: $BASH_COMMAND\" >&2' ERR\n"
      "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n";
  bool any = false;
  for (const Block& block : page.blocks) {
    if (block.info != "sh run" && !(fault_points && block.info == "sh run fault-points")) continue;
    any = true;
    script += fmt::format("# {}:{}\n", page.path, block.line);
    std::istringstream lines(block.text);
    std::string line;
    std::smatch match;
    while (std::getline(lines, line)) {
      if (std::regex_match(line, match, with_code)) {
        line =
            fmt::format("code=0; {} || code=$?; [ $code -eq {} ]", match[1].str(), match[2].str());
      }
      script += line + "\n";
    }
  }
  return any ? script : "";
}

}  // namespace weir::docs
