// The tab key in bash, zsh and fish, on a terminal: what the line becomes, and what is offered.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"
#include "tests/cli/pty.h"

namespace weir::cli {
namespace {

struct Case {
  std::string typed;
  std::string becomes;                   // once tab was pressed
  std::vector<std::string> offers = {};  // besides
  std::vector<std::string> conceals = {};
};

const std::vector<Case>& cases() {
  static const std::vector<Case> table = {
      {"weir vali", "weir validate "},
      {"weir triggers pen", "weir triggers pending "},
      {"weir help trig", "weir help triggers "},
      {"weir run --until", "weir run --until-caught-up "},
      {"weir run --log tra", "weir run --log trace "},
      {"weir run --log=tra", "weir run --log=trace "},
      {"weir run --wait 3s --take", "weir run --wait 3s --take-over "},
      {"weir run fl", "weir run flow.yaml "},
      {"weir append --flow fl", "weir append --flow flow.yaml "},
      {"weir run --state st", "weir run --state state/"},
      {"weir run --state=st", "weir run --state=state/"},
      {"weir append acme/or", "weir append acme/orders "},
      {"weir append acme/orders da", "weir append acme/orders data.jsonl "},
      {"weir run --name acme/s", "weir run --name acme/shop "},
      {"weir triggers test acme/shop c", "weir triggers test acme/shop ci "},
      {"weir triggers test POST", "weir triggers test POST\\ http://127.0.0.1:9 "},
      {"weir completion z", "weir completion zsh "},
      {"weir explain W104", "weir explain W104 "},
      {"weir triggers re", "weir triggers re", {"redeliver", "render"}, {"pending"}},
      {"weir run --lo", "weir run --log", {"--log-format"}, {"--name"}},
      {"weir read --flow broken.yaml acme", "weir read --flow broken.yaml acme"},
      {"weir version no", "weir version no"},
  };
  return table;
}

class Completion : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("flow.yaml", shop_with_triggers(trigger("ci", "http://127.0.0.1:9/a") +
                                                  "- url: http://127.0.0.1:9/b\n"
                                                  "  payloadTemplate: '{}'\n"));
    folder_.write("flow.txt", "no catalog");
    folder_.write("broken.yaml", "collections: [");
    folder_.write("data.jsonl", "{\"id\":1}\n");
    std::filesystem::create_directory(folder_.file("state"));
    const std::string program = std::filesystem::path(WEIR_PROGRAM).parent_path();
    environment_ = {{"PATH", program + ":/usr/local/bin:/usr/bin:/bin"},
                    {"HOME", folder_.path()},
                    {"TERM", "dumb"},
                    {"LC_ALL", "C.UTF-8"},
                    {"PS1", "$ "}};
  }

  // Skips the test where the shell is missing.
  static bool there(const std::string& shell) {
    return std::filesystem::exists("/usr/bin/" + shell) || std::filesystem::exists("/bin/" + shell);
  }

  // What the shell shows once `typed` and a tab were typed, up to its line between « and »: bound
  // to a key, which also empties the line. (A key that the terminal itself knows, such as Ctrl-U,
  // would be lost while the shell has the terminal in its other mode.)
  void press_tab(Pty& terminal) {
    for (const Case& c : cases()) {
      SCOPED_TRACE(c.typed);
      terminal.type(c.typed + "\t\x18p");
      const std::string shown = terminal.read_until("»");
      const std::size_t at = shown.rfind("«");
      ASSERT_NE(at, std::string::npos) << shown;
      EXPECT_EQ(shown.substr(at + 2, shown.size() - at - 4), c.becomes) << shown;
      for (const std::string& each : c.offers)
        EXPECT_NE(shown.find(each), std::string::npos) << shown;
      for (const std::string& each : c.conceals)
        EXPECT_EQ(shown.find(each), std::string::npos) << shown;
    }
  }

  Folder folder_;
  std::map<std::string, std::string> environment_;
};

TEST_F(Completion, Bash) {
  if (!there("bash")) GTEST_SKIP() << "skipped: bash is missing; scripts/setup installs it";
  folder_.write("rc",
                "source <(weir completion bash)\n"
                "bind 'set show-all-if-ambiguous on'\n"
                "bind 'set completion-query-items 0'\n"
                "bind 'set page-completions off'\n"
                "bind 'set enable-bracketed-paste off'\n"
                "bind -x '\"\\C-xp\": printf \"«%s»\\n\" \"$READLINE_LINE\"; READLINE_LINE='\n"
                "PS1='$ '; echo rea''dy\n");
  Pty terminal(folder_.path(), {"bash", "--noprofile", "--rcfile", "rc", "-i"}, environment_);
  terminal.read_until("ready\n");
  press_tab(terminal);
}

TEST_F(Completion, Zsh) {
  if (!there("zsh")) GTEST_SKIP() << "skipped: zsh is missing; scripts/setup installs it";
  folder_.write(".zshrc",
                "autoload -Uz compinit && compinit -u -D\n"
                "source <(weir completion zsh)\n"
                "unsetopt beep list_ambiguous prompt_cr prompt_sp\n"
                "show() { zle -I; print -r -- \"«$BUFFER»\"; BUFFER= }\n"
                "zle -N show; bindkey -e; bindkey '^Xp' show\n"
                "PS1='$ '; print rea''dy\n");
  Pty terminal(folder_.path(), {"zsh", "-d", "-i"}, environment_);
  terminal.read_until("ready\n");
  press_tab(terminal);
}

// The function that zsh loads from a folder of $fpath.
TEST_F(Completion, ZshLoadsItByItself) {
  if (!there("zsh")) GTEST_SKIP() << "skipped: zsh is missing; scripts/setup installs it";
  folder_.write("functions/_weir", folder_.run({"completion", "zsh"}).out);
  folder_.write(".zshrc",
                "fpath=($PWD/functions $fpath)\n"
                "autoload -Uz compinit && compinit -u -D\n"
                "unsetopt beep list_ambiguous prompt_cr prompt_sp\n"
                "show() { zle -I; print -r -- \"«$BUFFER»\"; BUFFER= }\n"
                "zle -N show; bindkey -e; bindkey '^Xp' show\n"
                "PS1='$ '; print rea''dy\n");
  Pty terminal(folder_.path(), {"zsh", "-d", "-i"}, environment_);
  terminal.read_until("ready\n");
  terminal.type("weir vali\t\x18p");
  EXPECT_NE(terminal.read_until("»").find("«weir validate »"), std::string::npos);
}

// fish tells on request what it would offer.
TEST_F(Completion, Fish) {
  if (!there("fish")) GTEST_SKIP() << "skipped: fish is missing; scripts/setup installs it";
  folder_.write("weir.fish", folder_.run({"completion", "fish"}).out);
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.typed);
    Pty terminal(folder_.path(),
                 {"fish", "--no-config", "-c", "source weir.fish; complete -C '" + c.typed + "'"},
                 environment_);
    const std::string shown = terminal.read_rest();
    EXPECT_EQ(terminal.wait(), 0);
    for (const std::string& each : c.offers)
      EXPECT_NE(shown.find(each), std::string::npos) << shown;
    for (const std::string& each : c.conceals)
      EXPECT_EQ(shown.find(each), std::string::npos) << shown;
    if (!c.offers.empty()) continue;
    if (c.becomes == c.typed) {
      EXPECT_EQ(shown, "");
      continue;
    }
    // The last word of the line, alone; fish itself puts quotes and the space.
    std::string word = c.becomes.substr(c.typed.rfind(' ') + 1);
    std::erase(word, '\\');
    if (word.ends_with(' ')) word.pop_back();
    EXPECT_TRUE(shown.starts_with(word + "\t") || shown.starts_with(word + "\n")) << shown;
    EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 1) << shown;
  }
}

TEST(CompletionAnswers, AreGoldenScripts) {
  const Folder folder;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Ran ran = folder.run({"completion", shell});
    EXPECT_EQ(ran.code, 0);
    golden(std::string("completion/weir.") + shell, ran.out);
  }
  const Ran other = folder.run({"completion", "tcsh"});
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("SHELL wants one of bash, zsh, fish, not \"tcsh\""), std::string::npos)
      << other.err;
}

TEST(CompletionAnswers, TellWhatIsOwed) {
  const Folder folder;
  folder.write("flow.yaml", shop_with_triggers(
                                trigger("ci", "http://127.0.0.1:9/a", "  delivery: background\n")));
  ASSERT_EQ(folder.run({"append", "acme/orders"}, "{\"id\":1}\n").code, 0);
  ASSERT_EQ(folder.run({"run", "--until-caught-up", "--wait", "0s"}).code, 6);
  for (const Words& words : {Words{"triggers", "redeliver", "ci", ""},
                             Words{"triggers", "discard", "acme/shop", "ci", "wr_"}}) {
    Words all{"__complete", "--"};
    all.insert(all.end(), words.begin(), words.end());
    const Ran ran = folder.run(all);
    EXPECT_EQ(ran.code, 0);
    EXPECT_TRUE(ran.out.starts_with(":none\nwr_")) << ran.out;
    EXPECT_NE(ran.out.find("\tcut, transactions 1 to 1\n"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.err, "");
  }
}

TEST(CompletionAnswers, AreQuietWhateverIsWrong) {
  const Folder folder;
  folder.write("broken.yaml", "collections: [");
  for (const Words& words :
       {Words{}, Words{"--"}, Words{"--", "nonsense", ""}, Words{"--", "append", ""},
        Words{"--", "append", "--flow", "broken.yaml", ""}, Words{"--", "append", "--flow", ""},
        Words{"--", "triggers", "redeliver", "x", "y", ""}, Words{"--", "run", "--", "--x"},
        Words{"--", "run", "--nonsense=", "--nonsense=x"}}) {
    Words all{"__complete"};
    all.insert(all.end(), words.begin(), words.end());
    const Ran ran = folder.run(all);
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_TRUE(ran.out.starts_with(":")) << ran.out;
  }
}

}  // namespace
}  // namespace weir::cli
