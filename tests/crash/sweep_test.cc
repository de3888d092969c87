// The sweep: the process dies at the first fault point reached, then at the second, and so on until
// a run reaches its end before its number; after each death a new process goes on, and the judges
// look at what is left. It needs no imagination of its author.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/fault.h"
#include "base/log.h"
#include "testing/scratch.h"
#include "testing/world.h"
#include "tests/crash/judges.h"

namespace weir {
namespace {

using weir::testing::CommitFault;
using weir::testing::Endpoint;
using weir::testing::Reply;
using weir::testing::SeenRequest;
using weir::testing::World;

// Unwinds like a death; product code never catches it.
struct Death {};

struct Plan {
  long die_at = 0;  // the n-th point reached; 0: never
  long reached = 0;
  std::string point;
};

void on_point(void* context, std::string_view name) {
  Plan& plan = *static_cast<Plan*>(context);
  if (++plan.reached != plan.die_at) return;
  plan.point = name;
  throw Death{};
}

constexpr const char* kCatalog = R"(
collections:
  shop/orders:
    key: [/id]
    schema:
      type: object
      required: [id]
      properties:
        id: { type: integer }
        total: { type: integer, reduce: { strategy: sum } }
      reduce: { strategy: merge }
materializations:
  shop/tables:
    endpoint: { sqlite: { path: scenario.db } }
    bindings:
      - { resource: { table: orders }, source: shop/orders }
    triggers:
      config:
        - name: inline
          url: http://inline.test/hook
          payloadTemplate: '{"trigger":"{{trigger}}","range":[{{transactions.after}},{{transactions.through}}],"run":"{{run_id}}"}'
        - name: background
          url: http://background.test/hook
          delivery: background
          payloadTemplate: '{"trigger":"{{trigger}}","range":[{{transactions.after}},{{transactions.through}}],"run":"{{run_id}}"}'
        - name: each
          url: http://each.test/hook
          delivery: background
          mergePending: false
          payloadTemplate: '{"trigger":"{{trigger}}","range":[{{transactions.after}},{{transactions.through}}],"run":"{{run_id}}"}'
)";

// What happens to a task, as a list of small deeds; one that died in the middle is gone on with in
// the next life.
struct Deed {
  const char* what;
  std::function<void(World&)> prepare;  // once; nothing of the task runs here
  std::chrono::milliseconds run{0};
};

class Story {
 public:
  Story(Endpoint endpoint, std::string folder, std::size_t kept)
      : world_({.endpoint = endpoint, .folder = std::move(folder), .seed = 11}), kept_(kept) {
    world_.set_receiver([this](const SeenRequest& request) { return answer(request); });
    const Status set = world_.set_catalog(kCatalog);
    if (!set) ADD_FAILURE() << set.error().message;
  }

  // Returns the number of points reached in the first life.
  long play(long die_at, std::string* point) {
    Plan plan{.die_at = die_at, .reached = 0, .point = ""};
    set_fault_handler(on_point, &plan);
    for (const Deed& deed : deeds()) {
      if (deed.prepare) deed.prepare(world_);
      live([&] { world_.running() ? world_.advance(deed.run) : start_and(deed.run); });
    }
    live([&] { world_.stop(); });
    live([&] {
      start_and(std::chrono::milliseconds(0));
      for (int i = 0; i < 12; ++i) {
        world_.clock().advance(std::chrono::seconds(100));
        world_.settle();
      }
    });
    set_fault_handler(nullptr, nullptr);
    *point = plan.point;
    return plan.reached;
  }

  std::vector<std::string> broken() {
    std::vector<std::string> out = std::move(bad_bodies_);
    const auto add = [&](const std::vector<std::string>& lines) {
      out.insert(out.end(), lines.begin(), lines.end());
    };
    add(judges::judge_rows(world_.journals().documents("shop/orders"), world_.rows("orders")));
    const runtime::TaskStatus status = world_.status();
    add(judges::judge_requests(seen_, {"inline", "background", "each"}, status.transaction));
    if (!status.pending.empty()) out.push_back("something is still owed");
    if (!status.caught_up) out.push_back("not caught up: " + status.reason);
    return out;
  }

 private:
  static std::vector<Deed> deeds() {
    using std::chrono::milliseconds;
    const auto append = [](std::vector<std::string> documents) {
      return [documents = std::move(documents)](World& world) {
        world.append("shop/orders", documents);
      };
    };
    return {
        {"one", append({R"({"id":1,"total":5})", R"({"id":2,"total":1})"}), milliseconds(500)},
        {"same key", append({R"({"id":1,"total":7})"}), milliseconds(500)},
        {"burst",
         append({R"({"id":3,"total":1})", R"({"id":3,"total":1})", R"({"id":1,"total":1})"}),
         milliseconds(4000)},
        {"last", append({R"({"id":2,"total":-4})"}), milliseconds(3000)},
    };
  }

  template <typename Fn>
  void live(Fn&& fn) {
    try {
      fn();
    } catch (const Death&) {
      world_.crash(kept_);
      start_and(std::chrono::seconds(5));
    }
  }
  void start_and(std::chrono::milliseconds run) {
    if (!world_.running()) world_.start();
    world_.advance(run);
  }

  // Each receiver is sick now and then, each in its own way.
  Reply answer(const SeenRequest& request) {
    ++asked_;
    Reply reply = weir::testing::reply(200);
    if (request.url.find("inline") != std::string::npos && asked_ % 5 == 3)
      reply = weir::testing::reply(503);
    if (request.url.find("background") != std::string::npos && asked_ % 3 == 1)
      reply = weir::testing::lost();
    if (request.url.find("each") != std::string::npos && asked_ % 4 == 2)
      reply = weir::testing::unseen();
    if (reply.kind != Reply::Kind::kUnseen) {
      seen_.push_back(judges::read(
          request, reply.kind == Reply::Kind::kAnswer && reply.answer.status == 200, bad_bodies_));
    }
    return reply;
  }

  World world_;
  const std::size_t kept_;
  std::vector<judges::Seen> seen_;
  std::vector<std::string> bad_bodies_;
  int asked_ = 0;
};

class SweepTest : public ::testing::TestWithParam<Endpoint> {
 protected:
  void SetUp() override {
    set_log_level(LogLevel::kError);
    set_log_sink([](std::string_view) {});
  }
  void TearDown() override { set_log_sink(nullptr); }
};

TEST_P(SweepTest, EveryPointOnce) {
  long deaths = 0;
  for (const std::size_t kept : {std::size_t{0}, std::size_t{1000}}) {
    for (long n = 1;; ++n) {
      const weir::testing::Scratch scratch;
      Story story(GetParam(), scratch.path(), kept);
      std::string point;
      const long reached = story.play(n, &point);
      SCOPED_TRACE(::testing::Message()
                   << "death " << n << " at " << point << ", " << kept << " unsynced batches kept");
      for (const std::string& line : story.broken()) ADD_FAILURE() << line;
      if (HasFailure()) return;
      if (point.empty()) {
        EXPECT_GE(reached, 20);  // A sweep that meets no points shows nothing.
        break;
      }
      ++deaths;
    }
  }
  RecordProperty("deaths", static_cast<int>(deaths));
  std::printf("%s: %ld deaths, no promise broken\n",
              std::string(weir::testing::name_of(GetParam())).c_str(), deaths);
}

INSTANTIATE_TEST_SUITE_P(Endpoints, SweepTest,
                         ::testing::Values(Endpoint::kFakeA, Endpoint::kFakeB, Endpoint::kSqlite),
                         [](const auto& test) {
                           std::string name(weir::testing::name_of(test.param));
                           std::erase(name, ' ');
                           return name;
                         });

}  // namespace
}  // namespace weir
