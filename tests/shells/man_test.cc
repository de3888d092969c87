// Manual pages: complete, and taken by formatters without a complaint.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "tests/cli/program.h"

namespace weir::cli {
namespace {

class Man : public testing::Test {
 protected:
  void SetUp() override {
    folder_.set("SOURCE_DATE_EPOCH", "1700000000");
    ASSERT_EQ(folder_.run({"man", "pages/man1"}).code, 0);
    for (const auto& entry : std::filesystem::directory_iterator(folder_.file("pages/man1")))
      pages_.push_back(entry.path().filename());
    std::sort(pages_.begin(), pages_.end());
  }

  // Runs it in the folder of the pages; what it prints on either side.
  std::string shell(const std::string& command) const {
    const std::string whole =
        "cd '" + folder_.file("pages/man1") + "' && { " + command + "; } > ../said 2>&1";
    EXPECT_EQ(std::system(whole.c_str()), 0) << command << "\n" << folder_.read("pages/said");
    return folder_.read("pages/said");
  }
  static bool there(const std::string& program) {
    return std::filesystem::exists("/usr/bin/" + program);
  }

  Folder folder_;
  std::vector<std::string> pages_;
};

TEST_F(Man, OnePagePerCommand) {
  const Ran help = folder_.run({"--help-all"});
  std::vector<std::string> wanted{"weir.1"};
  for (std::size_t at = 0; (at = help.out.find("\n## weir ", at)) != std::string::npos; ++at) {
    std::string name = help.out.substr(at + 4, help.out.find('\n', at + 1) - at - 4);
    std::replace(name.begin(), name.end(), ' ', '-');
    wanted.push_back(name + ".1");
  }
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(pages_, wanted);
}

TEST_F(Man, PagesAreGolden) {
  golden("man/weir-explain.1", folder_.read("pages/man1/weir-explain.1"));
  golden("man/weir-triggers-test.1", folder_.read("pages/man1/weir-triggers-test.1"));
}

TEST_F(Man, SaysWhatTheHelpPageSays) {
  if (!there("man")) GTEST_SKIP() << "skipped: man is missing; scripts/setup installs it";
  for (const std::string& page : pages_) {
    if (page == "weir.1") continue;
    const std::string shown = shell("MANWIDTH=200 man -l -P cat ./" + page + " | col -b");
    std::string name = page.substr(5, page.size() - 7);
    std::replace(name.begin(), name.end(), '-', ' ');
    std::istringstream parts(name);
    Words words{"help"};
    for (std::string word; parts >> word;) words.push_back(word);
    const Ran help = folder_.run(words);
    for (std::size_t at = 0; (at = help.out.find("\n  ", at)) != std::string::npos; ++at) {
      const std::string word =
          help.out.substr(at + 3, help.out.find_first_of(" ,\n", at + 3) - at - 3);
      EXPECT_NE(shown.find(word), std::string::npos) << page << " does not say " << word;
    }
    EXPECT_NE(shown.find("weir(1)"), std::string::npos) << page;
  }
}

TEST_F(Man, GroffHasNothingToSay) {
  if (!there("groff")) GTEST_SKIP() << "skipped: groff is missing; scripts/setup installs it";
  for (const std::string& page : pages_)
    EXPECT_EQ(shell("LC_ALL=C.UTF-8 groff -man -Tutf8 -ww -z " + page), "") << page;
}

TEST_F(Man, ManHasNothingToSay) {
  if (!there("man")) GTEST_SKIP() << "skipped: man is missing; scripts/setup installs it";
  for (const std::string& page : pages_)
    EXPECT_EQ(shell("LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 -Z ./" + page +
                    " > /dev/null"),
              "")
        << page;
}

TEST_F(Man, MandocHasNothingToSay) {
  if (!there("mandoc")) GTEST_SKIP() << "skipped: mandoc is missing; scripts/setup installs it";
  for (const std::string& page : pages_) EXPECT_EQ(shell("mandoc -Tlint " + page), "") << page;
}

TEST_F(Man, AFolderThatCannotBeMadeIsTold) {
  folder_.write("file", "");
  const Ran ran = folder_.run({"man", "file/man1"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("file/man1"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace weir::cli
