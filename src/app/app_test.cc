// The parts of the program that are functions; the program as a whole is tested in tests/cli.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/exit_code.h"
#include "app/folders.h"
#include "app/help.h"
#include "app/output.h"
#include "app/owner_identity.h"
#include "app/parse.h"
#include "app/process.h"
#include "app/signals.h"
#include "app/trigger_commands.h"
#include "io/file.h"

namespace weir::app {
namespace {

TEST(ExitCode, TheWorstOfSeveralMaterializations) {
  using enum ExitCode;
  const ExitCode order[] = {kDone, kDeliveryWaits, kFailed, kCatalog, kSealed, kOwned};
  for (std::size_t i = 0; i < std::size(order); ++i) {
    for (std::size_t k = 0; k < std::size(order); ++k) {
      EXPECT_EQ(worse(order[i], order[k]), order[std::max(i, k)]);
    }
  }
}

TEST(ExitCode, OfErrors) {
  EXPECT_EQ(exit_code_of(Code::kRefused), ExitCode::kOwned);
  EXPECT_EQ(exit_code_of(Code::kSealed), ExitCode::kSealed);
  EXPECT_EQ(exit_code_of(Code::kFull), ExitCode::kFailed);
}

TEST(Folders, TasksHaveFoldersOfTheirOwn) {
  EXPECT_EQ(task_folder("/s", "acme/orders"), "/s/tasks/acme%2Forders");
  EXPECT_EQ(task_folder("/s", "a.b-c_d+e=f g"), "/s/tasks/a%2Eb-c_d+e=f%20g");
  EXPECT_EQ(task_folder("/s", ".."), "/s/tasks/%2E%2E");
  const std::string one = task_folder("/s", std::string(300, 'x') + "1");
  const std::string two = task_folder("/s", std::string(300, 'x') + "2");
  EXPECT_NE(one, two);
  EXPECT_LT(one.size(), 230u);
}

TEST(Folders, PathsAreTakenTogether) {
  EXPECT_EQ(join_path("a/b", "../c"), "a/c");
  EXPECT_EQ(join_path("a", "/c"), "/c");
  EXPECT_EQ(absolute_path("/a/./b/../c/"), "/a/c");
}

TEST(Signals, AWakeThatNobodyWaitedForHarmsNothing) {
  {
    Signals signals;
    Signals::wake();
  }
  Signals again;
  Signals::wake();
  EXPECT_EQ(again.wait(std::chrono::seconds(10)), Signal::kChanged);
}

TEST(OwnerIdentity, StartTimeStandsBehindAnyName) {
  const std::string numbers = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
  EXPECT_EQ(start_time_of("42 (weir) " + numbers), 4711);
  EXPECT_EQ(start_time_of("42 (a b) (c) " + numbers), 4711);
  EXPECT_EQ(start_time_of("42 (weir"), -1);
  EXPECT_EQ(start_time_of(""), -1);
  EXPECT_EQ(start_time_of("42 (weir) S 1 2"), -1);
}

// Where nobody waits for it, such as in a container without an init, it is there for ever.
TEST(OwnerIdentity, AKilledProcessThatNobodyWaitedForIsDead) {
  connector::Owner owner = *this_process("state");
  const connector::Owner self = owner;
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  owner.pid = child;
  const auto stat_of_child = [&] {
    return *io::read_file(fmt::format("/proc/{}/stat", child), 4096);
  };
  owner.pid_started = start_time_of(stat_of_child());
  EXPECT_FALSE(is_dead(owner, self));
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(is_left_over(stat_of_child()));
  EXPECT_TRUE(is_dead(owner, self));
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(is_dead(owner, self));
  // Threads may live on behind the first one.
  EXPECT_FALSE(is_left_over("42 (weir) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 2 18 4711 20"));
}

TEST(OwnerIdentity, OnlyTheCertainlyDeadAreDead) {
  const connector::Owner self = *this_process("state");
  EXPECT_GT(self.pid_started, 0);
  EXPECT_FALSE(is_dead(self, self));
  connector::Owner other = self;
  other.pid_started += 1;  // the process id was used again
  EXPECT_TRUE(is_dead(other, self));
  other = self;
  other.pid = 0x3fffffff;  // beyond what the kernel gives out
  EXPECT_TRUE(is_dead(other, self));
  other.host = "elsewhere";
  EXPECT_FALSE(is_dead(other, self));
  other = self;
  other.boot_id = "another-boot/1";
  EXPECT_TRUE(is_dead(other, self));
  other = self;
  other.boot_id += "7";  // another process namespace
  other.pid = 0x3fffffff;
  EXPECT_FALSE(is_dead(other, self));
}

TEST(Help, LinesAreFilled) {
  EXPECT_EQ(wrap("one two", 4), "one two");
  const std::string filled = wrap(std::string(40, 'a') + " " + std::string(40, 'b') + " c ddd", 4);
  EXPECT_EQ(filled, std::string(40, 'a') + " " + std::string(40, 'b') + " c\n    ddd");
  EXPECT_EQ(wrap("…", 0), "…");
}

TEST(Help, NoLineIsTooLong) {
  for (const Command* command : commands()) {
    std::size_t columns = 0;
    for (const char c : help_page(*command)) {
      columns = c == '\n' ? 0 : columns + ((static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0);
      ASSERT_LE(columns, kHelpColumns + 10) << command->name;  // examples stay whole
    }
  }
}

// Each row of the table is complete, so that its page is.
TEST(Commands, RowsAreComplete) {
  for (const Command* command : commands()) {
    SCOPED_TRACE(command->name);
    EXPECT_EQ(find_command(command->name), command);
    EXPECT_NE(command->run, nullptr);
    EXPECT_FALSE(command->summary.empty());
    EXPECT_FALSE(command->description.empty());
    EXPECT_FALSE(command->examples.empty());
    ASSERT_FALSE(command->exits.empty());
    EXPECT_EQ(command->exits.front().code, ExitCode::kDone);
    for (const OptionInfo& option : command->options) {
      SCOPED_TRACE(option.name);
      EXPECT_TRUE(option.name.starts_with("--"));
      EXPECT_FALSE(option.help.empty());
      EXPECT_FALSE(option.help.ends_with('.'));
      EXPECT_EQ(option.kind == ValueKind::kFlag, option.value.empty());
      EXPECT_EQ(option.kind == ValueKind::kChoice, !option.choices.empty());
      EXPECT_EQ(option.kind == ValueKind::kFlag, option.default_value.empty() && !option.repeated);
    }
  }
}

TEST(Parse, DefaultsAndEnvironment) {
  const Command& run = *find_command("run");
  auto arguments =
      parse_arguments(run, {"a.yaml", "--wait", "2m", "b.yaml", "--name", "x", "--name=y"});
  ASSERT_TRUE(arguments.has_value()) << arguments.error().message;
  EXPECT_EQ(arguments->positionals(), (std::vector<std::string>{"a.yaml", "b.yaml"}));
  EXPECT_EQ(arguments->duration("--wait"), std::chrono::minutes(2));
  EXPECT_EQ(arguments->duration("--drain"), std::chrono::seconds(20));
  EXPECT_EQ(arguments->texts("--name"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(arguments->text("--egress"), "private");
  EXPECT_FALSE(arguments->flag("--take-over"));
  EXPECT_TRUE(parse_arguments(run, {"--take-over"})->flag("--take-over"));
  arguments = parse_arguments(run, {"--take-over", "--", "-x.yaml", "--name"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->positionals(), (std::vector<std::string>{"-x.yaml", "--name"}));
  arguments = parse_arguments(*find_command("append"), {"acme/orders", "-"});
  ASSERT_TRUE(arguments.has_value());
  EXPECT_EQ(arguments->positionals(), (std::vector<std::string>{"acme/orders", "-"}));
}

TEST(Output, JsonRows) {
  JsonRows rows;
  EXPECT_EQ(rows.finish(), "[]\n");
  rows.begin();
  rows.text("a", "x\"y");
  rows.number("b", std::int64_t{-1});
  rows.flag("c", true);
  rows.begin();
  rows.null("d");
  rows.raw("e", "[1]");
  EXPECT_EQ(rows.finish(),
            "[\n{\"a\":\"x\\\"y\",\"b\":-1,\"c\":true},\n{\"d\":null,\"e\":[1]}\n]\n");
}

TEST(Output, Tables) {
  EXPECT_EQ(text_table({{"A", "LONG", "C"}, {"xyz…", "b", "c"}}), "A     LONG  C\nxyz…  b     c\n");
}

TEST(TriggerWords, OneWordMayBeEither) {
  EXPECT_TRUE(matches({}, "m", "t", "id"));
  EXPECT_TRUE(matches({"m"}, "m", "t", "id"));
  EXPECT_TRUE(matches({"t"}, "m", "t", "id"));
  EXPECT_TRUE(matches({"id"}, "m", "t", "id"));
  EXPECT_FALSE(matches({"x"}, "m", "t", "id"));
  EXPECT_TRUE(matches({"m", "t"}, "m", "t", "id"));
  EXPECT_FALSE(matches({"t", "m"}, "m", "t", "id"));
}

TEST(Reload, WhatMustBeOpenedAnew) {
  catalog::BuiltMaterialization one;
  one.spec.name = "m";
  one.triggers.emplace_back();
  one.triggers[0].headers.emplace("A", Secret("x"));
  catalog::BuiltMaterialization two = one;
  two.location.place.line = 7;  // it moved, nothing else
  EXPECT_TRUE(same(one, two));
  two.triggers[0].headers["A"] = Secret("y");
  EXPECT_FALSE(same(one, two));
  two = one;
  two.spec.config_json = "{}";
  EXPECT_FALSE(same(one, two));
  two = one;
  two.triggers.emplace_back();
  EXPECT_FALSE(same(one, two));
}

}  // namespace
}  // namespace weir::app
