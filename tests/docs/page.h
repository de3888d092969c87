// Pages of documentation as tests read them: their fenced blocks, tables and links.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::docs {

// A fenced block: ```INFO … ```.
struct Block {
  int line = 0;      // of its opening fence
  std::string info;  // "sh run", "yaml catalog", "text output"
  std::string text;
};

struct Page {
  std::string path;  // from the root of the tree
  std::string text;
  std::vector<Block> blocks;
};

std::string read_text(const std::string& path);  // fails the test if it cannot be read
Page parse_page(std::string path, std::string text);

// README.md, CONTRIBUTING.md and docs/*.md.
const std::vector<Page>& pages();
const Page& page(std::string_view path);

// Targets of Markdown links outside of blocks, as written.
std::vector<std::string> links_of(const Page& page);

// What stands in backquotes in the column (from 0) of every table row between two lines; the whole
// page where `begin` is empty. Header rows have none.
std::vector<std::string> quoted_in_tables(const Page& page, std::size_t column,
                                          std::string_view begin, std::string_view end);

// The commands of the page's `sh run` blocks as one bash script that stops at the first failure.
// A command that ends in `# exit N` must exit with N. Blocks marked fault-points are left out
// unless `fault_points`.
std::string script_of(const Page& page, bool fault_points);

}  // namespace weir::docs
