// Pages, the table of commands, and what is said about words that nobody knows.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/cli/program.h"

namespace weir::cli {
namespace {

// As `weir --help` lists them.
const std::vector<std::string> kCommands = {"init",
                                            "validate",
                                            "explain",
                                            "run",
                                            "status",
                                            "append",
                                            "read",
                                            "triggers pending",
                                            "triggers history",
                                            "triggers render",
                                            "triggers test",
                                            "triggers new",
                                            "triggers redeliver",
                                            "triggers discard",
                                            "secrets keygen",
                                            "secrets encrypt",
                                            "secrets decrypt",
                                            "secrets edit",
                                            "secrets rotate",
                                            "secrets check",
                                            "secrets serve",
                                            "listen",
                                            "build",
                                            "schema triggers",
                                            "template render",
                                            "leave",
                                            "completion",
                                            "man",
                                            "version"};

Words split_words(const std::string& text) {
  Words words(1);
  for (const char c : text) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

TEST(Help, PageOfEachCommandIsGolden) {
  const Folder folder;
  for (const std::string& command : kCommands) {
    SCOPED_TRACE(command);
    Words words = split_words(command);
    words.push_back("--help");
    const Ran ran = folder.run(words);
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    std::string file = command;
    std::replace(file.begin(), file.end(), ' ', '-');
    golden("help/" + file + ".txt", ran.out);
  }
}

TEST(Help, MainPageIsGoldenAndListsEachCommand) {
  const Folder folder;
  const Ran ran = folder.run({"--help"});
  EXPECT_EQ(ran.code, 0);
  golden("help/weir.txt", ran.out);
  for (const std::string& command : kCommands)
    EXPECT_NE(ran.out.find("\n  " + command + " "), std::string::npos);
  EXPECT_EQ(folder.run({"help"}).out, ran.out);
}

TEST(Help, NoPageWithoutACommand) {
  std::size_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/golden/help")) {
    std::string name = entry.path().stem().string();
    ++pages;
    if (name == "weir") continue;
    std::replace(name.begin(), name.end(), '-', ' ');
    EXPECT_NE(std::find(kCommands.begin(), kCommands.end(), name), kCommands.end()) << name;
  }
  EXPECT_EQ(pages, kCommands.size() + 1);
}

TEST(Help, OtherWaysToAsk) {
  const Folder folder;
  EXPECT_EQ(folder.run({"help", "run"}).out, folder.run({"run", "--help"}).out);
  EXPECT_EQ(folder.run({"run", "-h"}).out, folder.run({"run", "--help"}).out);
  const Ran group = folder.run({"triggers", "--help"});
  EXPECT_EQ(group.code, 0);
  EXPECT_NE(group.out.find("triggers redeliver"), std::string::npos);
  const Ran all = folder.run({"--help-all"});
  EXPECT_EQ(all.code, 0);
  for (const std::string& command : kCommands) {
    EXPECT_NE(all.out.find("## weir " + command + "\n"), std::string::npos) << command;
  }
}

TEST(Help, Version) {
  const Folder folder;
  EXPECT_EQ(folder.run({"--version"}).out, folder.run({"version"}).out);
  EXPECT_EQ(folder.run({"version"}).out.substr(0, 5), "weir ");
  const json::Tree rows = parse(folder.run({"version", "--json"}).out);
  EXPECT_EQ("weir " + member(rows.root.items()[0], "version") + "\n", folder.run({"version"}).out);
}

TEST(Help, UnknownWordsGetADidYouMean) {
  struct Case {
    Words words;
    std::string says;
  };
  const Case cases[] = {
      {{"valdate"}, "unknown command \"valdate\" (did you mean \"validate\"?)"},
      {{"triggers", "pendin"}, "unknown command \"triggers pendin\" (did you mean \"pending\"?)"},
      {{"triggers"},
       "`weir triggers` wants one of pending, history, render, test, new, redeliver, discard"},
      {{"run", "--take-ovr"}, "run: unknown option --take-ovr (did you mean \"--take-over\"?)"},
      {{"--versoin"}, "unknown option --versoin (did you mean \"--version\"?)"},
      {{"run", "--wait", "soon"}, "run: --wait wants a duration such as 30s or 2m, not \"soon\""},
      {{"run", "--log", "inf"},
       "run: --log wants one of error, warn, info, debug, trace, not \"inf\""},
      {{"read", "a", "--limit", "-1"}, "read: --limit wants a whole number, not \"-1\""},
      {{"run", "--wait", "1s", "--wait", "2s"}, "run: --wait"},
      {{"run", "--wait"}, "run: --wait"},
      {{"append"}, "append: COLLECTION is missing"},
      {{"version", "now"}, "version: unexpected argument \"now\""},
      {{"template", "render", "a", "b"}, "template render: unexpected argument \"b\""},
  };
  const Folder folder;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.says);
    const Ran ran = folder.run(c.words);
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find(c.says), std::string::npos) << ran.err;
  }
}

TEST(Help, NothingAtAllIsAMistake) {
  const Folder folder;
  const Ran ran = folder.run({});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("Usage: weir COMMAND"), std::string::npos);
}

TEST(Help, EnvironmentStandsInForOptions) {
  Folder folder;
  folder.set("WEIR_LOG", "loud");
  const Ran ran = folder.run({"run"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("environment variable WEIR_LOG wants one of"), std::string::npos)
      << ran.err;
}

}  // namespace
}  // namespace weir::cli
