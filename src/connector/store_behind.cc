#include "connector/store_behind.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "io/thread.h"

namespace weir::connector {
namespace {

// Copies of rows. Offsets, for the bytes move while they grow.
class Packet {
 public:
  void add(const StoreRow& row) {
    Row copy{row, bytes_.size()};
    bytes_.append(row.key_packed).append(row.values_packed).append(row.doc_json);
    rows_.push_back(copy);
  }
  bool empty() const { return rows_.empty(); }
  std::size_t bytes() const { return bytes_.size() + rows_.size() * sizeof(Row); }
  void clear() {
    bytes_.clear();
    rows_.clear();
  }
  Status store_into(Destination& destination) {
    std::vector<StoreRow> rows;
    rows.reserve(rows_.size());
    for (const Row& copy : rows_) {
      StoreRow row = copy.row;
      const char* at = bytes_.data() + copy.at;
      for (std::string_view* part : {&row.key_packed, &row.values_packed, &row.doc_json}) {
        *part = {at, part->size()};
        at += part->size();
      }
      rows.push_back(row);
    }
    return destination.store(rows);
  }

 private:
  struct Row {
    StoreRow row;  // of its texts only the sizes count
    std::size_t at;
  };
  std::string bytes_;
  std::vector<Row> rows_;
};

class StoreBehind final : public Destination {
 public:
  StoreBehind(std::unique_ptr<Destination> inner, std::size_t packet_bytes)
      : inner_(std::move(inner)), packet_bytes_(packet_bytes) {}

  ~StoreBehind() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.reset();  // joins
  }

  Result<std::vector<protocol::ValidatedBinding>> validate(
      const std::string& config_json,
      std::span<const protocol::ValidateBinding> bindings) override {
    return inner_->validate(config_json, bindings);
  }
  Result<Opened> open(const OpenRequest& request) override { return inner_->open(request); }
  bool can_upsert() const override { return inner_->can_upsert(); }
  Result<std::optional<StateUpdate>> acknowledge() override {
    WEIR_RETURN_IF_ERROR(settle());
    return inner_->acknowledge();
  }
  Status load(std::span<const LoadKey> keys) override {
    WEIR_RETURN_IF_ERROR(settle());
    return inner_->load(keys);
  }
  Result<std::optional<StateUpdate>> flush(const LoadedSink& loaded) override {
    WEIR_RETURN_IF_ERROR(settle());
    return inner_->flush(loaded);
  }
  Status store(std::span<const StoreRow> rows) override {
    for (const StoreRow& row : rows) {
      packet_.add(row);
      if (packet_.bytes() >= packet_bytes_) WEIR_RETURN_IF_ERROR(hand_over());
    }
    return {};
  }
  Result<std::vector<Counts>> finish_store() override {
    WEIR_RETURN_IF_ERROR(settle());
    return inner_->finish_store();
  }
  Result<std::optional<StateUpdate>> start_commit(const protocol::Checkpoint& checkpoint) override {
    WEIR_RETURN_IF_ERROR(settle());
    return inner_->start_commit(checkpoint);
  }
  Status release_ownership() override {
    WEIR_RETURN_IF_ERROR(settle());
    return inner_->release_ownership();
  }
  // What was not stored by now belongs to a transaction that is given up.
  Status close() override {
    packet_.clear();
    (void)wait_idle();
    return inner_->close();
  }
  void interrupt() override { inner_->interrupt(); }

 private:
  // Every row so far, stored.
  Status settle() {
    WEIR_RETURN_IF_ERROR(wait_idle());
    if (packet_.empty()) return {};
    const Status stored = packet_.store_into(*inner_);
    packet_.clear();
    return stored;
  }

  Status wait_idle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty() && !working_; });
    return failure_ ? Status(tl::unexpected<Error>(*failure_)) : Status();
  }

  Status hand_over() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() < kPacketsWaiting; });
    if (failure_) return tl::unexpected<Error>(*failure_);
    waiting_.push_back(std::exchange(packet_, take_spare()));
    lock.unlock();
    changed_.notify_all();
    if (!thread_) thread_.emplace("weir store", [this] { work(); });
    return {};
  }

  Packet take_spare() {
    if (spare_.empty()) return {};
    Packet packet = std::move(spare_.back());
    spare_.pop_back();
    return packet;
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      Packet packet = std::move(waiting_.front());
      waiting_.pop_front();
      working_ = true;
      const bool failed = failure_.has_value();
      lock.unlock();
      changed_.notify_all();
      Status stored;
      if (!failed) stored = packet.store_into(*inner_);
      packet.clear();
      lock.lock();
      working_ = false;
      if (!stored && !failure_) failure_ = stored.error();
      if (spare_.size() < kPacketsWaiting) spare_.push_back(std::move(packet));
      changed_.notify_all();
    }
  }

  const std::unique_ptr<Destination> inner_;  // the thread's while it works
  const std::size_t packet_bytes_;
  Packet packet_;  // that is being filled

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Packet> waiting_;
  std::vector<Packet> spare_;
  std::optional<Error> failure_;  // the first; the session is spent
  bool working_ = false;
  bool stopping_ = false;
  std::optional<io::Thread> thread_;
};

}  // namespace

std::unique_ptr<Destination> make_store_behind(std::unique_ptr<Destination> inner,
                                               std::size_t packet_bytes) {
  return std::make_unique<StoreBehind>(std::move(inner), packet_bytes);
}

}  // namespace weir::connector
