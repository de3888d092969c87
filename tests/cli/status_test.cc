// weir status, running and not, also by paths that are longer than a socket's may be.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

json::Tree status_of(const Folder& folder, const Words& more, int code) {
  Words words{"status", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = folder.run(words);
  EXPECT_EQ(ran.code, code) << ran.err;
  return parse(ran.out);
}

TEST(Status, NeverRanRunningNotRunning) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  json::Tree status = status_of(folder, {}, 0);
  ASSERT_EQ(status.root.size(), 1u);
  EXPECT_EQ(member(status.root.items()[0], "materialization"), "acme/shop");
  EXPECT_EQ(member(status.root.items()[0], "state"), "never ran");
  EXPECT_FALSE(std::filesystem::exists(folder.file(".weir")));

  const auto running = folder.start({"run"});
  folder.run({"append", "acme/orders"}, "{\"id\": 1}");
  running->wait_for_log("committed");
  status = status_of(folder, {}, 0);
  EXPECT_EQ(member(status.root.items()[0], "running"), "true");
  EXPECT_EQ(member(status.root.items()[0], "state"), "running");
  EXPECT_EQ(member(status.root.items()[0], "transaction"), "1");
  EXPECT_NE(folder.run({"status"}).out.find("acme/shop"), std::string::npos);
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);

  status = status_of(folder, {}, 0);
  EXPECT_EQ(member(status.root.items()[0], "running"), "false");
  EXPECT_EQ(member(status.root.items()[0], "state"), "stopped");
  EXPECT_EQ(member(status.root.items()[0], "transaction"), "1");
  EXPECT_NE(folder.run({"status"}).out.find("not running"), std::string::npos);
}

// A run that commits nothing does not forget when the last commit was.
TEST(Status, RemembersTheLastCommitOverRestarts) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  folder.run({"append", "acme/orders"}, "{\"id\": 1}");
  ASSERT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  const json::Tree before = status_of(folder, {}, 0);
  const std::string at = member(before.root.items()[0], "committed_at");
  EXPECT_EQ(at.size(), std::string("2026-11-22T17:03:04.123456Z").size()) << at;
  const Ran again = folder.run({"run", "--until-caught-up"});
  ASSERT_EQ(again.code, 0);
  EXPECT_EQ(again.err.find("committed"), std::string::npos) << again.err;  // nothing was
  const json::Tree after = status_of(folder, {}, 0);
  EXPECT_EQ(member(after.root.items()[0], "committed_at"), at);
}

TEST(Status, SocketsArePrivateAndPathsMayBeLong) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  std::string state = "state";
  for (int i = 0; i < 6; ++i) state += "/" + std::string(40, 'x');
  const auto running = folder.start({"run", "--state", state});
  running->wait_for_log("opened");
  const json::Tree status = status_of(folder, {"--state", state}, 0);
  EXPECT_EQ(member(status.root.items()[0], "running"), "true");
  std::size_t sockets = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file(state + "/control"))) {
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_TRUE(S_ISSOCK(info.st_mode));
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    ++sockets;
  }
  EXPECT_EQ(sockets, 1u);
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.file(state + "/control")));
}

TEST(Status, ADeadProcessIsNoRunningOne) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  running->signal(SIGKILL);
  running->wait();
  const json::Tree status = status_of(folder, {}, 0);
  EXPECT_EQ(member(status.root.items()[0], "running"), "false");
  // The next process takes the socket that was left behind away.
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.file(".weir/control")));
}

TEST(Status, UnhealthyIsExit1RunningOrNot) {
  const Folder folder;
  const Receiver receiver(folder, {"--status", "400"});
  folder.write("flow.yaml",
               shop_with_triggers(trigger("ci", receiver.url(), "  delivery: background\n")));
  folder.run({"append", "acme/orders"}, "{\"id\": 1}");
  EXPECT_EQ(folder.run({"run", "--until-caught-up", "--wait", "5s"}).code, 6);
  const json::Tree status = status_of(folder, {}, 1);
  EXPECT_EQ(member(status.root.items()[0], "parked"), "1");
  EXPECT_EQ(member(status.root.items()[0], "healthy"), "false");
  EXPECT_EQ(member(status.root.items()[0], "reason"), "a request of trigger ci is parked");
  EXPECT_NE(folder.run({"status"}).out.find("acme/shop: a request of trigger ci is parked"),
            std::string::npos);
}

TEST(Status, ADeliveryThatFailsIsTheReason) {
  const Folder folder;
  folder.write("flow.yaml", shop_with_triggers(
                                trigger("ci", "http://127.0.0.1:9/", "  delivery: background\n")));
  folder.run({"append", "acme/orders"}, "{\"id\": 1}");
  EXPECT_EQ(folder.run({"run", "--until-caught-up", "--wait", "1s"}).code, 6);
  const json::Tree status = status_of(folder, {}, 1);
  EXPECT_EQ(member(status.root.items()[0], "reason"),
            "trigger ci does not reach its receiver: http://127.0.0.1:9: Connection refused");
  EXPECT_NE(member(status.root.items()[0], "remedy"), "");
}

std::string ask(const std::string& socket_path, const std::string& request) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  (void)::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
  ::shutdown(socket, SHUT_WR);
  std::string answer;
  char buffer[4096];
  for (ssize_t got; (got = ::read(socket, buffer, sizeof buffer)) > 0;) answer.append(buffer, got);
  ::close(socket);
  return answer;
}

TEST(Status, TheSocketStandsNonsense) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  const std::string path =
      std::filesystem::directory_iterator(folder.file(".weir/control"))->path();
  EXPECT_EQ(member(parse(ask(path, "nonsense\n")).root, "code"), "invalid");
  EXPECT_EQ(member(parse(ask(path, "{\"command\": \"dance\"}\n")).root, "code"), "invalid");
  EXPECT_EQ(ask(path, "{\"command\": \"discard\", \"materialization\": \"x\"}\n"),
            "{\"elsewhere\":true}\n");
  EXPECT_EQ(ask(path, "no end of line"), "");
  EXPECT_EQ(ask(path, std::string(1u << 20, 'x')), "");
  EXPECT_EQ(member(status_of(folder, {}, 0).root.items()[0], "running"), "true");
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
}

TEST(Status, UnknownNames) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  EXPECT_EQ(folder.run({"status", "acme/shop"}).code, 0);
  const Ran ran = folder.run({"status", "acme/chop"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("did you mean \"acme/shop\"?"), std::string::npos) << ran.err;
  const Ran file = folder.run({"status", "flow.yaml"});
  EXPECT_EQ(file.code, 2);
  EXPECT_NE(file.err.find("given as --flow flow.yaml"), std::string::npos) << file.err;
}

}  // namespace
}  // namespace weir::cli
