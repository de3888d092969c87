#include "app/complete.h"

#include <gtest/gtest.h>

namespace weir::app {
namespace {

class FakeNames : public NameSource {
 public:
  Suggestions collections(const Arguments&) override { return {{"acme/orders"}, {"acme/totals"}}; }
  Suggestions materializations(const Arguments&) override { return {{"acme/shop"}}; }
  Suggestions triggers(const Arguments&, std::string_view materialization) override {
    if (!materialization.empty() && materialization != "acme/shop") return {};
    return {{"ci", "Trigger of acme/shop"}, {"slack"}};
  }
  Suggestions requests(const Arguments& typed) override {
    return {{"wr_" + typed.positionals().back()}};
  }
};

std::vector<std::string> texts_of(const std::vector<std::string>& words) {
  FakeNames names;
  std::vector<std::string> out;
  for (const Suggestion& each : complete(words, names).suggestions) out.push_back(each.text);
  return out;
}

using Texts = std::vector<std::string>;

TEST(Complete, WhatCanStandThere) {
  struct Case {
    std::vector<std::string> words;
    Texts offers;
  };
  const Case cases[] = {
      {{"vali"}, {"validate"}},
      {{"triggers", "pen"}, {"pending"}},
      {{"help", "triggers", "pen"}, {"pending"}},
      {{"help", "validate", ""}, {}},
      {{"--ver"}, {"--version"}},
      {{"nonsense", ""}, {}},
      {{"run", "--until"}, {"--until-caught-up"}},
      {{"run", "--until-caught-up", "--until"}, {}},  // given already
      {{"run", "--name", "acme/shop", "--nam"}, {"--name"}},
      {{"run", "--log", "t"}, {"trace"}},
      {{"run", "--log=t"}, {"--log=trace"}},
      {{"run", "--log-format="}, {"--log-format=text", "--log-format=json"}},
      {{"run", "--take-over="}, {}},  // takes no value
      {{"run", "--wait", "3s", "--take"}, {"--take-over"}},
      {{"run", "--", "--take"}, {}},
      {{"run", "--name", ""}, {"acme/shop"}},
      {{"append", "acme/o"}, {"acme/orders"}},
      {{"append", "--flow", "x.yaml", "acme/o"}, {"acme/orders"}},
      {{"secrets", "keygen", "-o", "x", "--outp"}, {}},
      {{"triggers", "test", ""}, {"acme/shop", "ci", "slack"}},
      {{"triggers", "test", "acme/shop", "c"}, {"ci"}},
      {{"triggers", "test", "ci", ""}, {}},
      {{"triggers", "redeliver", "ci", ""}, {"wr_ci"}},
      {{"triggers", "redeliver", "acme/shop", "ci", ""}, {"wr_ci"}},
      {{"triggers", "new", ""}, {"webhook"}},
      {{"triggers", "new", "webhook", "--template", "s"}, {"slack"}},
      {{"completion", ""}, {"bash", "zsh", "fish"}},
      {{"explain", "W104"}, {"W104"}},
      {{"version", ""}, {"--json", "--help"}},  // nothing else can stand there
      {{"version", "x"}, {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.words.back());
    EXPECT_EQ(texts_of(c.words), c.offers);
  }
}

TEST(Complete, PathsAreTheShells) {
  struct Case {
    std::vector<std::string> words;
    Paths paths;
    std::string prefix;
  };
  const Case cases[] = {
      {{"run", ""}, Paths::kCatalogs, ""},
      {{"run", "a.yaml", "b"}, Paths::kCatalogs, ""},
      {{"append", "--flow", ""}, Paths::kCatalogs, ""},
      {{"append", "--flow=x"}, Paths::kCatalogs, "--flow="},
      {{"append", "acme/orders", ""}, Paths::kFiles, ""},
      {{"run", "--state", ""}, Paths::kFolders, ""},
      {{"run", "--state=/v"}, Paths::kFolders, "--state="},
      {{"man", ""}, Paths::kFolders, ""},
      {{"run", "--environment", ""}, Paths::kNone, ""},
      {{"run", "--wait="}, Paths::kNone, "--wait="},
  };
  FakeNames names;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.words.back());
    const Completion got = complete(c.words, names);
    EXPECT_EQ(got.paths, c.paths);
    EXPECT_EQ(got.prefix, c.prefix);
  }
}

TEST(Complete, EveryCommandIsReachedWordByWord) {
  for (const Command* command : commands()) {
    const std::string name(command->name);
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin <= name.size();) {
      const std::size_t end = std::min(name.find(' ', begin), name.size());
      words.emplace_back();
      const Texts offered = texts_of(words);
      const std::string word = name.substr(begin, end - begin);
      EXPECT_NE(std::find(offered.begin(), offered.end(), word), offered.end()) << name;
      words.back() = word;
      begin = end + 1;
    }
  }
}

TEST(Complete, NothingAtAllOffersTheCommands) {
  EXPECT_EQ(texts_of({}), texts_of({""}));
  EXPECT_FALSE(texts_of({}).empty());
}

TEST(Complete, Lines) {
  EXPECT_EQ(to_lines({{{"a", "about a"}, {"b"}, {"not\none", "line"}}, Paths::kNone, {}}),
            ":none\na\tabout a\nb\t\n");
  EXPECT_EQ(to_lines({{}, Paths::kFolders, "--state="}), ":folders --state=\n");
}

}  // namespace
}  // namespace weir::app
