#include "journal/read_ahead.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "io/thread.h"

namespace weir::journal {
namespace {

// What the inner reader gave, and how it stood behind it.
struct Step {
  Result<std::optional<Batch>> batch;
  bool at_boundary = true;
  protocol::Source position;  // only at a boundary
  std::int64_t bytes_behind = 0;

  std::size_t bytes() const {
    return batch && *batch && (*batch)->buffer ? (*batch)->buffer->size() : 0;
  }
  bool ends_run() const { return !batch || !*batch; }
};

class ReadAhead final : public Reader {
 public:
  ReadAhead(std::unique_ptr<Reader> inner, std::size_t bytes_max, std::size_t backlog_bytes)
      : inner_(std::move(inner)),
        bytes_max_(bytes_max),
        backlog_bytes_(backlog_bytes),
        at_boundary_(inner_->at_boundary()),
        position_(inner_->position()),
        bytes_behind_(inner_->bytes_behind()) {}

  ~ReadAhead() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.reset();  // joins
  }

  Result<std::optional<Batch>> next() override {
    std::optional<Step> step = pop();
    // The thread stands still: the inner reader is ours. The end that it met may have moved since.
    if (!step || (step->batch && !*step->batch)) {
      step = take_step();
      if (!step->ends_run() && step->bytes() >= backlog_bytes_) start();
    }
    at_boundary_ = step->at_boundary;
    if (at_boundary_) position_ = std::move(step->position);
    bytes_behind_ = step->bytes_behind;
    reading_ahead_ = !step->ends_run();
    return std::move(step->batch);
  }

  bool at_boundary() const override { return at_boundary_; }
  protocol::Source position() const override { return position_; }
  std::int64_t bytes_behind() const override {
    return reading_ahead_ ? bytes_behind_ : inner_->bytes_behind();
  }

 private:
  Step take_step() {
    Step step{.batch = inner_->next(), .position = {}};
    step.at_boundary = inner_->at_boundary();
    if (step.at_boundary) step.position = inner_->position();
    step.bytes_behind = inner_->bytes_behind();
    return step;
  }

  // Waits while the thread is at work on the first step that nobody took yet.
  std::optional<Step> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !steps_.empty() || !working_; });
    if (steps_.empty()) return std::nullopt;
    std::optional<Step> step(std::move(steps_.front()));
    steps_.pop_front();
    bytes_ -= step->bytes();
    lock.unlock();
    changed_.notify_all();
    return step;
  }

  void start() {
    {
      std::lock_guard lock(mutex_);
      working_ = true;
    }
    changed_.notify_all();
    if (!thread_) thread_.emplace("weir read", [this] { work(); });
  }

  // A run of work ends where there is nothing more, or an error: the caller goes on from there.
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopping_ || (working_ && bytes_ < bytes_max_); });
      if (stopping_) return;
      lock.unlock();
      Step step = take_step();
      lock.lock();
      working_ = !step.ends_run();
      bytes_ += step.bytes();
      steps_.push_back(std::move(step));
      changed_.notify_all();
    }
  }

  const std::unique_ptr<Reader> inner_;  // the thread's while working_
  const std::size_t bytes_max_;
  const std::size_t backlog_bytes_;
  // Of the last step taken.
  bool at_boundary_;
  protocol::Source position_;
  std::int64_t bytes_behind_;
  bool reading_ahead_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Step> steps_;
  std::size_t bytes_ = 0;
  bool working_ = false;
  bool stopping_ = false;
  std::optional<io::Thread> thread_;
};

}  // namespace

std::unique_ptr<Reader> make_read_ahead(std::unique_ptr<Reader> inner, std::size_t bytes_max,
                                        std::size_t backlog_bytes) {
  return std::make_unique<ReadAhead>(std::move(inner), bytes_max, backlog_bytes);
}

}  // namespace weir::journal
