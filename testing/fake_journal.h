// Journals in memory. Each append is one run that commits together, as `weir append` writes it: a
// transaction may not end inside one. Documents get a uuid from the clock unless they have one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "journal/reader.h"

namespace weir::testing {

class FakeJournals : public journal::Journals {
 public:
  explicit FakeJournals(const Clock& clock) : clock_(clock) {}

  // Documents are JSON objects on one line.
  void append(const std::string& collection, const std::vector<std::string>& documents);
  // All that was ever appended, as stamped, in order.
  std::vector<std::string> documents(const std::string& collection) const;
  // How many documents of the journal begin before that offset.
  std::size_t documents_before(const std::string& journal, std::int64_t offset) const;
  // How many documents a batch of a reader holds; small, so that runs are handed out in pieces.
  void set_batch(std::size_t documents) { batch_ = documents; }

  Result<std::vector<std::string>> list(std::string_view collection) override;
  Result<std::unique_ptr<journal::Reader>> open(std::string_view journal,
                                                const protocol::Source& position) override;

 private:
  friend class FakeReader;
  struct Line {
    std::string text;  // without the newline
    document::ClockTicks clock = 0;
    std::int64_t begin = 0;
    bool last_of_run = false;
  };
  struct Journal {
    std::vector<Line> lines;
    std::int64_t end = 0;
  };
  const Clock& clock_;
  std::map<std::string, Journal> journals_;
  document::ClockTicks last_clock_ = 0;
  std::size_t batch_ = 2;
};

}  // namespace weir::testing
