// What a person sees on a terminal: weir run, weir status --watch, and lists on 80 columns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <regex>

#include "tests/cli/fixture.h"
#include "tests/cli/screen.h"
#include "tests/cli/terminal.h"

namespace weir::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Moments, ids and rates differ from run to run.
std::string steady(std::string text) {
  const std::pair<const char*, const char*> masks[] = {
      {"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\\.[0-9]{6})?Z", "2026-11-22T17:03:04Z"},
      {"wr_[a-z2-7]{26}", "wr_aaaaaaaaaaaaaaaaaaaaaaaaaa"},
      {"revision [a-z2-7]{8}", "revision aaaaaaaa"},
      {"[0-9.]+k? docs/s", "N docs/s"},
      {"[0-9]+ ms", "N ms"},
      {"127\\.0\\.0\\.1:[0-9]+", "127.0.0.1:8417"}};
  for (const auto& [pattern, mask] : masks)
    text = std::regex_replace(text, std::regex(pattern), mask);
  return text;
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size())
    ++found;
  return found;
}

void expect_narrow(const std::string& text, std::size_t columns = 80) {
  std::size_t line_begin = 0;
  while (line_begin < text.size()) {
    const std::size_t line_end = text.find('\n', line_begin);
    const std::string line = text.substr(line_begin, line_end - line_begin);
    EXPECT_LE(line.size(), columns) << line;
    if (line_end == std::string::npos) break;
    line_begin = line_end + 1;
  }
}

TEST(Screen, KnowsWhatIsDrawnAnew) {
  Screen screen(6, 3);
  screen.write("one\r\ntwo\r\n");
  EXPECT_THAT(screen.lines(), ElementsAre("one", "two"));
  screen.write("\x1b[2A\x1b[");
  screen.write("Jthree\r\n");
  EXPECT_THAT(screen.lines(), ElementsAre("three"));
  screen.write("\x1b[32m注文書!\x1b[0m\r\n");  // breaks, and scrolls
  EXPECT_THAT(screen.lines(), ElementsAre("注文書", "!"));
  EXPECT_EQ(screen.all(), "three\n注文書\n!\n");
  EXPECT_TRUE(screen.coloured());
  EXPECT_THAT(screen.unknown(), IsEmpty());
  screen.write("abcd\rx\x1b[K");
  EXPECT_THAT(screen.lines(), ElementsAre("注文書", "!", "x"));
  screen.write("\x1b[5X\x1b=\b");
  EXPECT_EQ(screen.unknown().size(), 3u);
}

TEST(Watch, RunDrawsOneLinePerMaterialization) {
  Folder folder;
  folder.set("TERM", "xterm");
  const std::string second =
      "  acme/größer/注文:\n    endpoint: { sqlite: { path: more.sqlite } }\n"
      "    bindings: [{ resource: { table: orders }, source: acme/orders }]\n";
  folder.write("flow.yaml", std::string(kOrders) + kShop + second);
  folder.run({"append", "acme/orders"}, "{\"id\": 1}\n{\"id\": 2}");
  Terminal terminal(folder, {"run"});
  const auto both = [](const Screen& screen) {
    const std::string text = screen.text();
    const std::size_t one = text.find("caught up");
    return one != std::string::npos && text.find("caught up", one + 1) != std::string::npos &&
           text.find("2 rows") != text.rfind("2 rows");
  };
  terminal.wait_until(both, "two lines that are caught up");
  const std::vector<std::string> lines = terminal.screen().lines();
  ASSERT_GE(lines.size(), 2u);
  golden("screen/run.txt", steady(lines[lines.size() - 2] + "\n" + lines.back() + "\n"));
  EXPECT_TRUE(terminal.screen().coloured());
  // Below what scrolls, the same two lines with other numbers.
  folder.run({"append", "acme/orders"}, "{\"id\": 3}");
  terminal.wait_until(
      [](const Screen& screen) {
        const std::string text = screen.text();
        return text.find("3 rows") != text.rfind("3 rows");
      },
      "three rows twice");
  EXPECT_EQ(count(terminal.screen().all(), "docs/s"), 2u) << terminal.screen().all();
  terminal.type("\x03");
  EXPECT_EQ(terminal.wait(), 130);
  EXPECT_THAT(terminal.screen().all(), HasSubstr("draining; a second signal stops at once"));
  EXPECT_THAT(terminal.screen().lines().back(), HasSubstr("stopped"));
  EXPECT_THAT(terminal.screen().unknown(), IsEmpty());
}

TEST(Watch, LinesFitTheTerminalAlsoWhenItChanges) {
  Folder folder;
  folder.set("TERM", "xterm");
  folder.set("NO_COLOR", "1");
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  folder.run({"append", "acme/orders"}, "{\"id\": 1}");
  Terminal terminal(folder, {"run", "--log", "error"}, 40, 10);
  terminal.wait_for("caught up");
  EXPECT_FALSE(terminal.screen().coloured());
  EXPECT_THAT(terminal.screen().lines(), testing::SizeIs(1));
  terminal.resize(20, 10);
  terminal.wait_for("acme/shop  running…");
  terminal.resize(80, 10);
  terminal.wait_for("1 rows");
  EXPECT_THAT(terminal.screen().lines(), testing::SizeIs(1));
  terminal.type("\x03");
  EXPECT_EQ(terminal.wait(), 130);
}

TEST(Watch, WhatCannotBeDrawnAnewIsWrittenInLines) {
  for (const char* term : {"dumb", ""}) {
    Folder folder;
    folder.set("TERM", term);
    folder.write("flow.yaml", std::string(kOrders) + kShop);
    folder.run({"append", "acme/orders"}, "{\"id\": 1}");
    Terminal terminal(folder, {"run", "--until-caught-up"}, 200);
    EXPECT_EQ(terminal.wait(), 0);
    EXPECT_THAT(terminal.screen().text(), HasSubstr("committed task=acme/shop transaction=1"));
    EXPECT_FALSE(terminal.screen().coloured());
    EXPECT_THAT(terminal.screen().unknown(), IsEmpty());
  }
}

TEST(Watch, StatusIsDrawnAnewUntilCtrlC) {
  Folder folder;
  folder.set("TERM", "xterm");
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  folder.run({"append", "acme/orders"}, "{\"id\": 1}");
  const auto running = folder.start({"run"});
  running->wait_for_log("committed");
  Terminal terminal(folder, {"status", "--watch"});
  terminal.wait_for("caught up");
  golden("screen/status-watch.txt", steady(terminal.screen().text()));
  folder.run({"append", "acme/orders"}, "{\"id\": 2}");
  terminal.wait_for("2 rows");
  EXPECT_EQ(terminal.screen().lines().size(), 1u) << terminal.screen().text();
  running->signal(SIGTERM);
  running->wait();
  terminal.wait_for("not running");
  terminal.type("\x03");
  EXPECT_EQ(terminal.wait(), 130);
  EXPECT_THAT(terminal.screen().unknown(), IsEmpty());
}

// Through a pipe: a block each second, as `weir status` prints it.
TEST(Watch, StatusInAPipeIsOneBlockAfterTheOther) {
  Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const auto text = folder.start({"status", "--watch"});
  EXPECT_THAT(text->next_line(), HasSubstr("MATERIALIZATION"));
  EXPECT_THAT(text->next_line(), HasSubstr("never ran"));
  EXPECT_EQ(text->next_line(), "");
  EXPECT_THAT(text->next_line(), HasSubstr("MATERIALIZATION"));
  text->signal(SIGINT);
  EXPECT_EQ(text->wait().code, 130);
  const auto json = folder.start({"status", "--watch", "--json"});
  EXPECT_EQ(json->next_line(), "[");
  EXPECT_THAT(json->next_line(), HasSubstr("\"never ran\""));
  EXPECT_EQ(json->next_line(), "]");
  EXPECT_EQ(json->next_line(), "[");
  json->signal(SIGTERM);
  EXPECT_EQ(json->wait().code, 0);
}

TEST(Watch, ListsOfTriggersFitEightyColumns) {
  Folder folder;
  const Receiver receiver(folder, {"--status", "400"});
  folder.write("flow.yaml",
               shop_with_triggers(trigger("a-trigger-with-rather-a-long-name", receiver.url(),
                                          "  delivery: background\n")));
  folder.run({"append", "acme/orders"}, "{\"id\": 1}");
  EXPECT_EQ(folder.run({"run", "--until-caught-up", "--wait", "5s"}).code, 6);
  const Ran history = folder.run({"triggers", "history"});
  expect_narrow(history.out);
  golden("screen/history.txt", steady(history.out));
  const Ran pending = folder.run({"triggers", "pending"});
  expect_narrow(pending.out);
  golden("screen/pending.txt", steady(pending.out));
  // On a terminal it is the same, in colours.
  folder.set("TERM", "xterm");
  Terminal terminal(folder, {"triggers", "history"});
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_EQ(steady(terminal.screen().text()), steady(history.out));
  EXPECT_TRUE(terminal.screen().coloured());
}

}  // namespace
}  // namespace weir::cli
