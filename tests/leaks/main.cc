// weir-leaks REPORT PATH…: the last test of scripts/test. Looks for secrets in what the tests
// printed and left behind: each PATH is a file, or a folder with all below it. Writes a report in
// the form of a test program's, and exits 1 if there was a leak.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "testing/canary.h"

namespace {

// What stands between the tags of the report is free of markup.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '<' ? '(' : c == '>' ? ')' : c == '&' ? '+' : c;
  return out;
}

std::vector<std::string> leaks_at(const std::string& path) {
  if (std::filesystem::is_directory(path))
    return weir::secrecy::leaks_in_folder(path, [](const std::string&) { return false; });
  std::ifstream in(path, std::ios::binary);
  if (!in) return {path + " cannot be read"};
  return weir::secrecy::leaks_in(path, std::string{std::istreambuf_iterator<char>(in), {}});
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    std::fputs("usage: weir-leaks REPORT PATH...\n", stderr);
    return 2;
  }
  std::vector<std::string> leaks;
  for (int i = 2; i < count; ++i) {
    for (std::string& leak : leaks_at(words[i])) leaks.push_back(std::move(leak));
  }
  const std::string found = weir::secrecy::lines(leaks);
  std::fputs(found.c_str(), stdout);
  std::ofstream(words[1]) << "<testsuites><testsuite name=\"Leaks\"><testcase classname=\"Leaks\" "
                             "name=\"NoneInWhatTestsPrinted\" status=\"run\">"
                          << (leaks.empty() ? "" : "<failure>" + escaped(found) + "</failure>")
                          << "</testcase></testsuite></testsuites>\n";
  return leaks.empty() ? 0 : 1;
}
