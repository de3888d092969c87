#include "testing/fake_store.h"

#include "base/check.h"

namespace weir::testing {

FakeDisk::FakeDisk() : snapshots_(1) {}

FakeDisk::~FakeDisk() {
  if (opening_ != nullptr) opening_->disk_ = nullptr;
}

Result<std::unique_ptr<store::Store>> FakeDisk::open() {
  if (opening_ != nullptr) return error(Code::kRefused, "the state is in use");
  auto opened = std::make_unique<FakeStore>(*this);
  opening_ = opened.get();
  return opened;
}

void FakeDisk::crash(std::size_t kept) {
  WEIR_CHECK(kept <= unsynced());
  Rows survived = std::move(snapshots_[kept]);
  snapshots_.assign(1, std::move(survived));
  if (opening_ != nullptr) opening_->disk_ = nullptr;
  opening_ = nullptr;
}

void FakeDisk::restore(Rows rows) {
  WEIR_CHECK(opening_ == nullptr);
  snapshots_.assign(1, std::move(rows));
}

FakeStore::~FakeStore() {
  static_cast<void>(close());
}

tl::unexpected<Error> FakeStore::dead() const {
  return error(Code::kUnknown, "the state was closed");
}

Result<std::optional<std::string>> FakeStore::get(std::string_view key) const {
  if (disk_ == nullptr) return dead();
  const FakeDisk::Rows& rows = disk_->snapshots_.back();
  const auto found = rows.find(std::string(key));
  if (found == rows.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Result<std::vector<std::pair<std::string, std::string>>> FakeStore::scan(std::string_view prefix,
                                                                         std::size_t limit) const {
  if (disk_ == nullptr) return dead();
  std::vector<std::pair<std::string, std::string>> out;
  const FakeDisk::Rows& rows = disk_->snapshots_.back();
  for (auto at = rows.lower_bound(std::string(prefix)); at != rows.end() && out.size() < limit;
       ++at) {
    if (at->first.compare(0, prefix.size(), prefix) != 0) break;
    out.emplace_back(*at);
  }
  return out;
}

Status FakeStore::write(const store::Batch& batch, store::Sync sync) {
  if (disk_ == nullptr) return dead();
  if (disk_->full_) return error(Code::kFull, "the disk is full");
  FakeDisk::Rows rows = disk_->snapshots_.back();
  for (const store::Batch::Operation& operation : batch.operations) {
    if (operation.value) {
      rows[operation.key] = *operation.value;
    } else {
      rows.erase(operation.key);
    }
  }
  if (sync == store::Sync::kYes) {
    disk_->snapshots_.assign(1, std::move(rows));
    ++disk_->synced_writes_;
  } else {
    disk_->snapshots_.push_back(std::move(rows));
    ++disk_->unsynced_writes_;
  }
  if (disk_->lose_answer_in_ > 0 && --disk_->lose_answer_in_ == 0) {
    return error(Code::kUnknown, "the write's answer was lost");
  }
  return {};
}

Status FakeStore::close() {
  if (disk_ == nullptr) return {};
  FakeDisk::Rows rows = std::move(disk_->snapshots_.back());
  disk_->snapshots_.assign(1, std::move(rows));
  disk_->opening_ = nullptr;
  disk_ = nullptr;
  return {};
}

}  // namespace weir::testing
