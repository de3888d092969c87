// The judges of secrecy see what they are there for: in texts, in files, in stores, in what the
// built program prints, and in what tests left behind.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "base/planted.h"
#include "base/text.h"
#include "io/http_server.h"
#include "store/rocksdb_store.h"
#include "testing/canary.h"
#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using weir::secrecy::leaks_in;
using weir::secrecy::leaks_in_folder;
using weir::secrecy::lines;

// A secret whose bytes no line of this program holds in one piece where it might be printed.
const std::string kSecret = "xk-canary-9";

TEST(Leaks, AreSeenInEverySpelling) {
  const std::string cases[] = {
      "attempt failed: Bearer " + kSecret,
      "\"" + base64(kSecret) + "\"",
      base64("a" + kSecret),
      base64("ab" + kSecret + "cd"),
      "6e 63616e617279 20",
      "key: AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0",
  };
  for (const std::string& text : cases) {
    const auto found = leaks_in("a log", text);
    EXPECT_THAT(found, SizeIs(1));
    EXPECT_THAT(lines(found), HasSubstr("a log holds a"));
    EXPECT_THAT(leaks_in("the report", lines(found)), IsEmpty());  // it can be printed
  }
  for (const char* text : {"", "a bird", "it should be AGE-SECRET-KEY-1 and 58 characters"})
    EXPECT_THAT(leaks_in("a log", text), IsEmpty());
}

TEST(Leaks, AreSeenInFilesAndStores) {
  Folder folder;
  folder.may_hold_secrets("store");
  folder.write("deep/down/state", std::string(70'000, 'x') + kSecret);
  folder.write("may-hold", kSecret);
  {
    const auto store = store::open_rocksdb(folder.file("store"));
    ASSERT_TRUE(store);
    store::Batch batch;
    batch.put("history", base64(kSecret));
    ASSERT_TRUE((*store)->write(batch, store::Sync::kYes));
    ASSERT_TRUE((*store)->close());
  }
  const auto found =
      leaks_in_folder(folder.path(), [](const std::string& name) { return name == "may-hold"; });
  EXPECT_THAT(lines(found), HasSubstr("deep/down/state holds"));
  EXPECT_THAT(lines(found), HasSubstr("store, value of history holds"));
  EXPECT_THAT(lines(found), Not(HasSubstr("may-hold")));
}

// The last step of scripts/test.
TEST(Leaks, AreSeenInWhatTestsPrinted) {
  Folder folder;
  folder.write("clean/LastTest.log", "all is well\n");
  folder.write("leaky/LastTest.log", "attempt failed: Bearer " + kSecret + "\n");
  const auto scan = [&](const std::string& what) {
    return std::system(fmt::format("'{0}' '{1}/report.xml' '{1}/{2}' > '{1}/said'",
                                   WEIR_LEAKS_PROGRAM, folder.path(), what)
                           .c_str());
  };
  EXPECT_EQ(scan("clean/LastTest.log"), 0);
  EXPECT_THAT(folder.read("report.xml"), Not(HasSubstr("failure")));
  for (const char* what : {"leaky", "leaky/LastTest.log", "nothing-there"}) {
    EXPECT_NE(scan(what), 0) << what;
    EXPECT_THAT(folder.read("report.xml"), HasSubstr("<failure>"));
    EXPECT_THAT(leaks_in("the report", folder.read("said") + folder.read("report.xml")), IsEmpty());
  }
}

#ifdef WEIR_PLANTED_BUGS

// A run against a receiver that refuses, and repeats in its answer what it was sent.
std::vector<std::string> leaks_beside_an_echo(Bug bug) {
  Folder folder;
  const auto server = io::HttpServer::start({}, [](const io::ServerRequest& request) {
    io::ServerResponse response;
    response.status = 400;
    response.body = std::string(request.header("authorization")) + request.body;
    return response;
  });
  EXPECT_TRUE(server);
  folder.set("TOKEN", kSecret);
  folder.set("WEIR_PLANTED_BUG", std::to_string(static_cast<int>(bug)));
  folder.write("flow.yaml",
               shop_with_triggers(trigger("ci", (*server)->origin() + "/hook",
                                          "  headers: { Authorization: 'Bearer ${env:TOKEN}' }\n"
                                          "  delivery: background\n")));
  EXPECT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1}").code, 0);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 6);
  EXPECT_EQ(folder.run({"triggers", "history"}).code, 0);
  return folder.take_leaks();
}

TEST(Leaks, AnEchoThatIsKeptIsSeen) {
  const std::string found = lines(leaks_beside_an_echo(Bug::kEchoIsKept));
  EXPECT_THAT(found, HasSubstr("the standard error of weir run"));
  EXPECT_THAT(found, HasSubstr("the standard output of weir triggers history"));
  EXPECT_THAT(found, HasSubstr(".weir"));
  EXPECT_EQ(lines(leaks_beside_an_echo(Bug::kNone)), "");
}

#endif

}  // namespace
}  // namespace weir::cli
