// Each judge is shown a history that it must not let pass.
#include "tests/crash/judges.h"

#include <gtest/gtest.h>

namespace weir::judges {
namespace {

Seen seen(std::string id, std::uint64_t after, std::uint64_t through, bool accepted = true) {
  return {.trigger = "t",
          .id = id,
          .key = id + "-r",
          .body = id,
          .after = after,
          .through = through,
          .accepted = accepted};
}

TEST(Judges, RowsMustBeTheReduction) {
  const std::vector<std::string> documents = {R"({"id":1,"total":5})", R"({"id":1,"total":2})",
                                              R"({"id":2,"total":0})"};
  const std::string one = R"({"id":1,"total":7})";
  const std::string two = R"({"id":2,"total":0})";
  EXPECT_TRUE(judge_rows(documents, {one, two}).empty());
  EXPECT_FALSE(judge_rows(documents, {one}).empty());                            // lost
  EXPECT_FALSE(judge_rows(documents, {R"({"id":1,"total":12})", two}).empty());  // counted twice
  EXPECT_FALSE(judge_rows(documents, {one, two, R"({"id":3,"total":1})"}).empty());  // of nothing
  EXPECT_FALSE(judge_rows(documents, {R"({"id":1,"total":5})", R"({"id":1,"total":2})", two})
                   .empty());  // two rows
}

TEST(Judges, RangesMustTile) {
  EXPECT_TRUE(judge_requests({seen("a", 0, 1), seen("b", 1, 3)}, {"t"}, 3).empty());
  EXPECT_TRUE(judge_requests({seen("a", 0, 1), seen("a", 0, 1), seen("b", 1, 3)}, {"t"}, 3)
                  .empty());                                                           // sent again
  EXPECT_FALSE(judge_requests({seen("a", 0, 1)}, {"t"}, 3).empty());                   // lost
  EXPECT_FALSE(judge_requests({seen("a", 0, 1), seen("b", 2, 3)}, {"t"}, 3).empty());  // a hole
  EXPECT_FALSE(judge_requests({seen("a", 0, 2), seen("b", 1, 3)}, {"t"}, 3).empty());  // an overlap
  EXPECT_FALSE(judge_requests({seen("a", 0, 1), seen("b", 0, 1)}, {"t"}, 1)
                   .empty());  // told twice under two ids
  EXPECT_FALSE(judge_requests({seen("a", 0, 3)}, {"t", "u"}, 3).empty());  // a trigger never told
}

TEST(Judges, NothingMayBeToldOfWhatNeverWas) {
  EXPECT_FALSE(judge_requests({seen("x", 0, 1, false), seen("a", 0, 1)}, {"t"}, 1).empty());
}

TEST(Judges, OneIdAndRevisionHasOneBody) {
  Seen again = seen("a", 0, 1);
  again.body = "other words";
  EXPECT_FALSE(judge_requests({seen("a", 0, 1), again}, {"t"}, 1).empty());
}

TEST(Judges, ABodyThatIsNotOfTheTemplateIsTold) {
  std::vector<std::string> broken;
  testing::SeenRequest request;
  request.body = R"({"range":[0,1]})";
  read(request, true, broken);
  EXPECT_EQ(broken.size(), 1u);
}

}  // namespace
}  // namespace weir::judges
