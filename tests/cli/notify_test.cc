// `weir run` as a service: what it tells the manager, on a socket that this test listens on.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

constexpr int kPatienceMilliseconds = 120'000;

class Manager {
 public:
  // `name` as in NOTIFY_SOCKET.
  explicit Manager(const std::string& name) {
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    std::size_t length = offsetof(sockaddr_un, sun_path) + name.size();
    if (name[0] == '@') {
      address.sun_path[0] = '\0';
    } else {
      ++length;
    }
    EXPECT_EQ(
        ::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(length)),
        0);
  }
  ~Manager() { ::close(descriptor_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  std::string next() const {
    pollfd entry{descriptor_, POLLIN, 0};
    char bytes[4096];
    if (::poll(&entry, 1, kPatienceMilliseconds) != 1) return "(nothing)";
    const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
    return got < 0 ? "(error)" : std::string(bytes, static_cast<std::size_t>(got));
  }
  // The next message that begins so; those before it are dropped.
  std::string next(const std::string& begin) const {
    for (;;) {
      std::string message = next();
      if (message.starts_with(begin)) return message;
      if (message.starts_with("(")) {
        ADD_FAILURE() << "no message " << begin;
        return message;
      }
    }
  }

 private:
  int descriptor_;
};

std::string shop() {
  return std::string(kOrders) + kShop;
}

TEST(Service, TellsThatItIsReadyReloadsAndStops) {
  Folder folder;
  folder.write("flow.yaml", shop());
  const std::string socket = folder.file("notify");
  const Manager manager(socket);
  folder.set("NOTIFY_SOCKET", socket);
  const auto running = folder.start({"run", "--drain", "7s"});
  EXPECT_TRUE(manager.next("READY=1\n").starts_with("READY=1\nSTATUS=1 ")) << "ready comes first";
  EXPECT_EQ(manager.next("STATUS=1 running"), "STATUS=1 running");

  running->signal(SIGHUP);
  const std::string reloading = manager.next("RELOADING=1");
  EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
  EXPECT_TRUE(manager.next().starts_with("READY=1\nSTATUS=")) << "a reload ends in READY";

  folder.write("flow.yaml", "collections: [");  // changes nothing, and is no failure of the service
  running->signal(SIGHUP);
  manager.next("RELOADING=1");
  EXPECT_TRUE(manager.next("READY=1").starts_with("READY=1\nSTATUS=1 running"));

  running->signal(SIGTERM);
  EXPECT_EQ(manager.next("STOPPING=1"), "STOPPING=1\nEXTEND_TIMEOUT_USEC=9000000\nSTATUS=draining");
  EXPECT_EQ(running->wait().code, 0);
}

TEST(Service, FindsTheSocketInTheAbstractSpace) {
  Folder folder;
  folder.write("flow.yaml", shop());
  const std::string socket = "@weir-test-" + std::to_string(::getpid());
  const Manager manager(socket);
  folder.set("NOTIFY_SOCKET", socket);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  manager.next("READY=1");
  manager.next("STOPPING=1");
}

TEST(Service, SaysThatItIsAliveAsOftenAsAsked) {
  Folder folder;
  folder.write("flow.yaml", shop());
  const std::string socket = folder.file("notify");
  const Manager manager(socket);
  folder.set("NOTIFY_SOCKET", socket);
  folder.set("WATCHDOG_USEC", "200000");
  const auto running = folder.start({"run"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.next("WATCHDOG=1"), "WATCHDOG=1");
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
}

TEST(Service, ANameOfATaskThatCannotStartStandsInTheStatus) {
  Folder folder;
  std::string catalog = shop();
  const std::string path = "shop.sqlite";
  folder.write("flow.yaml",
               catalog.replace(catalog.find(path), path.size(), "missing/shop.sqlite"));
  const std::string socket = folder.file("notify");
  const Manager manager(socket);
  folder.set("NOTIFY_SOCKET", socket);
  const auto running = folder.start({"run"});
  manager.next("READY=1");
  std::string status = manager.next("STATUS=");
  while (status.find("acme/shop: ") == std::string::npos && !status.starts_with("("))
    status = manager.next("STATUS=");
  EXPECT_NE(status.find("folder must exist"), std::string::npos) << status;
  running->signal(SIGTERM);
  running->wait();
}

TEST(Service, ASocketThatIsNotThereHarmsNothing) {
  Folder folder;
  folder.write("flow.yaml", shop());
  for (const std::string& socket :
       {folder.file("nobody"), std::string(300, '/'), std::string("@")}) {
    folder.set("NOTIFY_SOCKET", socket);
    folder.set("WATCHDOG_USEC", "1");
    const Ran ran = folder.run({"run", "--until-caught-up"});
    EXPECT_EQ(ran.code, 0) << socket << ":\n" << ran.err;
  }
}

TEST(Service, LinesForTheJournalCarryTheirPriority) {
  Folder folder;
  folder.write("flow.yaml", shop());
  const std::string log = folder.file("log");
  folder.write("log", "");
  struct stat info {};
  ASSERT_EQ(::stat(log.c_str(), &info), 0);
  const std::string stream = std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
  const std::string command = "cd '" + folder.path() + "' && JOURNAL_STREAM=" + stream + " '" +
                              WEIR_PROGRAM + "' run --until-caught-up --log debug 2> log";
  EXPECT_EQ(std::system(command.c_str()), 0);
  const std::string text = folder.read("log");
  EXPECT_NE(text.find("<6>"), std::string::npos) << text;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    EXPECT_TRUE(text[at] == '<' && text[at + 2] == '>') << text.substr(at, 40);
  // Elsewhere there is none.
  EXPECT_FALSE(folder.run({"run", "--until-caught-up"}).err.starts_with("<"));
}

}  // namespace
}  // namespace weir::cli
