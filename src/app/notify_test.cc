#include "app/notify.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace weir::app {
namespace {

TEST(Notify, TheSetupIsRead) {
  using std::chrono::microseconds;
  EXPECT_EQ(notify_setup(nullptr, "1000", nullptr, 7).socket, "");
  EXPECT_FALSE(notify_setup(nullptr, "1000", nullptr, 7).watchdog.has_value());
  EXPECT_EQ(notify_setup("/run/x", nullptr, nullptr, 7).socket, "/run/x");
  EXPECT_EQ(notify_setup("@x", nullptr, nullptr, 7).socket, "@x");
  EXPECT_EQ(notify_setup("vsock:2:1", "1000", nullptr, 7).socket, "");  // another kind of socket
  EXPECT_FALSE(notify_setup("@x", nullptr, nullptr, 7).watchdog.has_value());
  EXPECT_EQ(notify_setup("@x", "1000", nullptr, 7).watchdog, microseconds(1000));
  EXPECT_EQ(notify_setup("@x", "1000", "7", 7).watchdog, microseconds(1000));
  EXPECT_FALSE(notify_setup("@x", "1000", "8", 7).watchdog.has_value());  // meant for another
  EXPECT_FALSE(notify_setup("@x", "1000", "x", 7).watchdog.has_value());
  for (const char* odd : {"", "0", "-1", "1x", "99999999999999999999"})
    EXPECT_FALSE(notify_setup("@x", odd, nullptr, 7).watchdog.has_value()) << odd;
}

TEST(Notify, Messages) {
  using std::chrono::seconds;
  EXPECT_EQ(ready_message("2 running"), "READY=1\nSTATUS=2 running");
  EXPECT_EQ(reloading_message(Instant(seconds(3))),
            "RELOADING=1\nMONOTONIC_USEC=3000000\nSTATUS=reading the catalog again");
  EXPECT_EQ(stopping_message(seconds(22)),
            "STOPPING=1\nEXTEND_TIMEOUT_USEC=22000000\nSTATUS=draining");
  EXPECT_EQ(status_message("a\nREADY=1\tb"), "STATUS=a READY=1 b");
}

TEST(Notify, TheStatusCountsTasksAndNamesTheWorst) {
  using runtime::TaskState;
  const auto task = [](const char* name, TaskState state, const char* reason = "") {
    runtime::TaskStatus status;
    status.name = name;
    status.state = state;
    status.reason = reason;
    return status;
  };
  EXPECT_EQ(status_of({}), "");
  EXPECT_EQ(status_of({task("a", TaskState::kRunning), task("b", TaskState::kRunning)}),
            "2 running");
  EXPECT_EQ(
      status_of({task("a", TaskState::kStuck, "the disk is full"), task("b", TaskState::kRunning),
                 task("c", TaskState::kRetrying, "no answer")}),
      "1 running, 1 retrying, 1 stuck: a: the disk is full");
}

TEST(Notify, WithoutASocketNothingHappens) {
  Notifier notifier(NotifySetup{});
  notifier.ready("x");
  notifier.alive(Instant::min());
  EXPECT_FALSE(notifier.next_alive().has_value());
}

TEST(Notify, AliveTwiceInTheTimeOfTheWatchdog) {
  Notifier notifier({"@weir-nobody-listens-here", std::chrono::seconds(10)});
  ASSERT_TRUE(notifier.next_alive().has_value());
  const Instant start(std::chrono::hours(1));
  EXPECT_LE(*notifier.next_alive(), start);
  notifier.alive(start);
  EXPECT_EQ(*notifier.next_alive(), start + std::chrono::seconds(5));
  notifier.alive(start + std::chrono::seconds(1));
  EXPECT_EQ(*notifier.next_alive(), start + std::chrono::seconds(5));
}

TEST(Notify, TheJournalIsKnownByItsStream) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  struct stat info {};
  ASSERT_EQ(::fstat(ends[1], &info), 0);
  EXPECT_TRUE(is_journal(fmt::format("{}:{}", info.st_dev, info.st_ino).c_str(), ends[1]));
  EXPECT_FALSE(is_journal(fmt::format("{}:{}", info.st_dev, info.st_ino + 1).c_str(), ends[1]));
  EXPECT_FALSE(is_journal(nullptr, ends[1]));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace weir::app
