// Who sees what the built program does: a receiver of its requests, and a reader of the SQLite file
// that it commits to. Both stand outside of it. Before a request is answered the witness looks
// which windows are committed: one that it has not found by then is a phantom.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "io/http_server.h"
#include "tests/crash/judges.h"

namespace weir::kill {

// What a story leaves for the judges.
struct Record {
  struct Batch {
    std::int64_t mark = 0;  // an id that only this batch has, with the total 1
    std::vector<std::string> documents;
    bool acknowledged = false;  // weir append said so; otherwise all of it may count, or nothing
  };
  std::vector<Batch> batches;
  std::vector<std::string> rows;  // as documents {"id":…,"total":…}
  std::vector<judges::Seen> seen;
  std::vector<std::string> at_once;  // what the witness found broken as it happened
  std::uint64_t committed = 0;       // number of the last transaction
};

struct Verdict {
  std::vector<std::string> rows;
  std::vector<std::string> lost;  // ranges that do not tile the history
  std::vector<std::string> phantom;
  std::vector<std::string> words;  // all else about requests

  std::string text() const;  // empty: every promise holds
};
Verdict judge(const Record& record, const std::set<std::string>& triggers);

enum class Answer { kAccept, kRefuse, kHangUp };

class Witness {
 public:
  using Clock = std::chrono::steady_clock;
  // Called on the receiver's thread for each request, before it is answered.
  using OnRequest = std::function<Answer(const judges::Seen&)>;

  Witness(std::string database, std::string materialization);

  std::string url() const;
  // The receiver dies, and comes back at the same port. What it got stays.
  void down();
  void up();
  // An empty function: everything is accepted. When this returns the one before runs no more.
  void set_on_request(OnRequest on_request);
  // Waits until so many requests were seen in all; false: they did not come in this time.
  bool wait_for(std::size_t requests, std::chrono::milliseconds patience);
  std::size_t requests() const;

  // Does a process hold the write lock of the SQLite file?
  bool locked() const;
  // Reads the checkpoint; also what it says of the last transaction.
  void look();
  // Requests, what was broken at once, and the number of the last transaction.
  void fill(Record& record) const;

 private:
  io::ServerResponse answer(const io::ServerRequest& request);
  void look_locked();

  const std::string database_;
  const std::string materialization_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  OnRequest on_request_;
  std::vector<judges::Seen> seen_;
  std::set<std::string> known_;  // request ids of windows that were committed
  std::vector<std::string> broken_;
  std::uint64_t committed_ = 0;
  std::uint16_t port_ = 0;
  std::unique_ptr<io::HttpServer> server_;
};

}  // namespace weir::kill
