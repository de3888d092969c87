#include "journal/sequencer.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace weir::journal {
namespace {

// "C10 A11": each document's kind and clock, at offsets 0, 1, 2 …; what becomes of each.
std::string run(std::string_view script) {
  ProducerSequence producer;
  std::string out;
  std::int64_t offset = 0;
  for (const std::string_view step : split(script, ' ')) {
    document::Uuid uuid;
    uuid.clock = std::stoull(std::string(step.substr(1)));
    uuid.flags = step[0] == 'C' ? 1 : step[0] == 'A' ? 2 : step[0] == 'X' ? 3 : 0;
    const auto outcome = apply(producer, uuid, offset++);
    out += (out.empty() ? "" : " ") + (outcome ? std::string(name_of(*outcome)) : "error");
  }
  return out + fmt::format(" | {} {}", producer.last_commit, producer.begin);
}

struct Case {
  std::string_view script, expected;
};

TEST(Sequencer, Outcomes) {
  constexpr Case cases[] = {
      // Outside of transactions.
      {"O10 O11", "committed committed | 11 -1"},
      {"O10 O10 O9", "committed duplicate duplicate | 10 -1"},
      {"C10 O11", "pending error | 0 0"},
      {"C10 A11 O12", "pending ack-commit committed | 12 -1"},
      // Transactions.
      {"C10 C11 A12", "pending pending ack-commit | 12 -1"},
      {"C10 A10", "pending ack-commit | 10 -1"},
      {"A10", "ack-empty | 10 -1"},
      {"C10 A11 C12", "pending ack-commit pending | 11 2"},
      // Repetitions.
      {"C10 A11 C10 A11", "pending ack-commit duplicate duplicate | 11 -1"},
      {"C10 C10 C9 C11 A12", "pending duplicate duplicate pending ack-commit | 12 -1"},
      {"C10 A11 A11", "pending ack-commit duplicate | 11 -1"},
      {"C10 A12 A11", "pending ack-commit duplicate | 12 -1"},
      // Roll-backs.
      {"C10 A11 C12 A11 C13 A14", "pending ack-commit pending rollback pending ack-commit | 14 -1"},
      {"C10 A11 C12 A11 C12 A13", "pending ack-commit pending rollback pending ack-commit | 13 -1"},
      {"C10 A11 C20 A21 C22 A11",
       "pending ack-commit pending ack-commit pending deep-rollback | 21 -1"},
      // The last acknowledgement is not known.
      {"C10 C11 A9", "pending pending rollback | 0 -1"},
      {"C10 C12 A11", "pending pending error | 0 0"},
      // It is known: nothing but it, or an older one, takes back.
      {"A5 C10 C12 A11", "ack-empty pending pending error | 5 1"},
      {"A5 C10 A7", "ack-empty pending error | 5 1"},
      {"X10", "error | 0 -1"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.script);
    EXPECT_EQ(run(c.script), c.expected);
  }
}

TEST(Sequencer, AnErrorChangesNothing) {
  ProducerSequence producer;
  document::Uuid uuid;
  uuid.clock = 10;
  uuid.flags = 1;
  ASSERT_TRUE(apply(producer, uuid, 7));
  uuid.clock = 11;
  uuid.flags = 0;
  ASSERT_FALSE(apply(producer, uuid, 8));
  uuid.flags = 2;
  EXPECT_EQ(*apply(producer, uuid, 9), Outcome::kAckCommit);
}

}  // namespace
}  // namespace weir::journal
