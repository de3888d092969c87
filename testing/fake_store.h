// A store in memory with the fault model of a disk: a crash keeps any chosen prefix of what was not
// synced. FakeDisk is what survives; FakeDisk::open() gives one process's opening of it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace weir::testing {

class FakeStore;

class FakeDisk {
 public:
  using Rows = std::map<std::string, std::string>;

  FakeDisk();
  ~FakeDisk();
  FakeDisk(const FakeDisk&) = delete;
  FakeDisk& operator=(const FakeDisk&) = delete;

  // kRefused while an opening lives. The disk outlives its openings.
  Result<std::unique_ptr<store::Store>> open();

  // The process dies: its opening is dead (kUnknown from then on), and of the batches since the
  // last synced one the first `kept` survive (WEIR_CHECK: at most unsynced()).
  void crash(std::size_t kept);
  std::size_t unsynced() const { return unsynced_.size(); }

  // The disk is full: writes are kFull and apply nothing.
  void set_full(bool full) { full_ = full; }
  // The n-th write from now on (1 is the next) fails with kUnknown after it was applied.
  void lose_answer_of_write(std::size_t n) { lose_answer_in_ = n; }
  // Called before each write: an error is its answer, and nothing is applied.
  void set_before_write(std::function<Status(store::Sync)> hook) {
    before_write_ = std::move(hook);
  }
  // Called whenever something became durable that was not so before.
  void set_on_durable(std::function<void(const Rows&)> observer) {
    on_durable_ = std::move(observer);
  }

  // Backups: what is durable now, and putting it back (with no opening alive).
  const Rows& durable() const { return durable_; }
  const Rows& current() const { return current_; }
  void restore(Rows rows);

  std::size_t synced_writes() const { return synced_writes_; }
  std::size_t unsynced_writes() const { return unsynced_writes_; }

 private:
  friend class FakeStore;
  static void apply(const store::Batch& batch, Rows& rows);
  void sync(std::size_t batches);
  Rows durable_;
  Rows current_;
  std::vector<store::Batch> unsynced_;  // what makes the one into the other
  std::function<Status(store::Sync)> before_write_;
  std::function<void(const Rows&)> on_durable_;
  FakeStore* opening_ = nullptr;
  bool full_ = false;
  std::size_t lose_answer_in_ = 0;
  std::size_t synced_writes_ = 0;
  std::size_t unsynced_writes_ = 0;
};

class FakeStore : public store::Store {
 public:
  explicit FakeStore(FakeDisk& disk) : disk_(&disk) {}
  ~FakeStore() override;
  Result<std::optional<std::string>> get(std::string_view key) const override;
  Result<std::vector<std::pair<std::string, std::string>>> scan(std::string_view prefix,
                                                                std::size_t limit) const override;
  Status write(const store::Batch& batch, store::Sync sync) override;
  Status close() override;

 private:
  friend class FakeDisk;
  tl::unexpected<Error> dead() const;
  FakeDisk* disk_;  // nullptr: closed or crashed
};

}  // namespace weir::testing
