// What a core dump of the built program would hold. docs/reliability.md says which values are in
// memory when; these tests look for those that must not be, while nothing is under way.
#include <gmock/gmock.h>
#include <signal.h>

#include "base/planted.h"
#include "testing/canary.h"
#include "testing/sanitized.h"
#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

using weir::secrecy::leaks_in_memory;
using weir::secrecy::lines;

class Memory : public ::testing::Test {
 protected:
  void SetUp() override {
    if (weir::testing::kSanitized) GTEST_SKIP() << "skipped: a sanitizer keeps what was given back";
  }
  // A task at rest whose trigger delivered one request with a header, a secret in its body and a
  // piece of its URL.
  void run_until_delivered(const std::string& more, const std::string& payload) {
    folder_.write("flow.yaml",
                  shop_with_triggers("- name: ci\n  url: '" + receiver_.url() +
                                     "/${file:path.txt}'\n" + "  payloadTemplate: '" + payload +
                                     "'\n" + "  delivery: background\n" + more));
    ASSERT_EQ(folder_.run({"append", "acme/orders"}, "{\"id\": 1}").code, 0);
    running_ = folder_.start({"run"});
    running_->wait_for_log("delivered");
  }

  Folder folder_;
  Receiver receiver_{folder_};
  std::unique_ptr<Running> running_;
};

constexpr const char* kFromFiles =
    "  headers: { Authorization: 'Bearer ${file:token.txt}' }\n"
    "  secrets: { key: '${file:key.txt}' }\n";

TEST_F(Memory, ForgetsWhatCameFromFilesOnceTheAttemptIsOver) {
  folder_.write("path.txt", "canary-of-the-path\n");
  folder_.write("token.txt", "canary-of-the-header\n");
  folder_.write("key.txt", "canary-of-the-body\n");
  run_until_delivered(kFromFiles, "{\"key\": \"{{secrets.key}}\"}");
  EXPECT_EQ(receiver_.next_body(), "{\"key\": \"canary-of-the-body\"}");
  EXPECT_EQ(lines(leaks_in_memory(running_->process())), "");
}

// One materialization has a trigger with sealed secrets, and is taken out of the catalog while
// another one goes on.
TEST_F(Memory, ForgetsWhatWasSealedOnceItsSessionIsOver) {
  const std::string other =
      "  acme/other:\n    endpoint: { sqlite: { path: other.sqlite } }\n    bindings:\n"
      "      - { resource: { table: orders }, source: acme/orders }\n";
  const std::string sealed =
      shop_with_triggers("- name: ci\n  url: '" + receiver_.url() +
                         "'\n  payloadTemplate: '{\"key\": \"{{secrets.key}}\"}'\n"
                         "  delivery: background\n"
                         "  headers: { Authorization: Bearer canary-of-the-sealed-header }\n"
                         "  secrets: { key: canary-of-the-sealed-body }\n");
  folder_.write("flow.yaml", sealed + other);
  const Ran made = folder_.run({"secrets", "keygen", "-o", "key.txt"});
  const std::string recipient = made.err.substr(12, made.err.size() - 13);
  ASSERT_EQ(folder_.run({"secrets", "encrypt", "--recipient", recipient}).code, 0);
  folder_.set("SOPS_AGE_KEY_FILE", "key.txt");
  ASSERT_EQ(folder_.run({"append", "acme/orders"}, "{\"id\": 1}").code, 0);
  running_ = folder_.start({"run"});
  running_->wait_for_log("delivered");
  EXPECT_EQ(receiver_.next_body(), "{\"key\": \"canary-of-the-sealed-body\"}");
  EXPECT_NE(lines(leaks_in_memory(running_->process())), "");  // while it is needed
  folder_.write("flow.yaml", std::string(kOrders) + "materializations:\n" + other);
  running_->signal(SIGHUP);
  running_->wait_for_log("stopped");
  EXPECT_EQ(lines(leaks_in_memory(running_->process())), "");
}

#ifdef WEIR_PLANTED_BUGS
TEST_F(Memory, ThatIsNotWipedIsSeen) {
  folder_.set("WEIR_PLANTED_BUG", std::to_string(static_cast<int>(Bug::kNothingIsWiped)));
  folder_.write("path.txt", "canary-of-the-path\n");
  folder_.write("token.txt", "canary-of-the-header\n");
  folder_.write("key.txt", "canary-of-the-body\n");
  run_until_delivered(kFromFiles, "{\"key\": \"{{secrets.key}}\"}");
  EXPECT_NE(lines(leaks_in_memory(running_->process())), "");
}
#endif

}  // namespace
}  // namespace weir::cli
