#include "testing/fake_store.h"

#include "base/check.h"

namespace weir::testing {

FakeDisk::FakeDisk() = default;

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
  sync(kept);
  current_ = durable_;
  unsynced_.clear();
  if (opening_ != nullptr) opening_->disk_ = nullptr;
  opening_ = nullptr;
}

void FakeDisk::restore(Rows rows) {
  WEIR_CHECK(opening_ == nullptr);
  current_ = durable_ = std::move(rows);
  unsynced_.clear();
}

void FakeDisk::apply(const store::Batch& batch, Rows& rows) {
  for (const store::Batch::Operation& operation : batch.operations) {
    if (operation.value) {
      rows[operation.key] = *operation.value;
    } else {
      rows.erase(operation.key);
    }
  }
}

// The first `batches` of the unsynced ones become durable.
void FakeDisk::sync(std::size_t batches) {
  for (std::size_t i = 0; i < batches; ++i) apply(unsynced_[i], durable_);
  unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(batches));
  if (batches > 0 && on_durable_) on_durable_(durable_);
}

FakeStore::~FakeStore() {
  static_cast<void>(close());
}

tl::unexpected<Error> FakeStore::dead() const {
  return error(Code::kUnknown, "the state was closed");
}

Result<std::optional<std::string>> FakeStore::get(std::string_view key) const {
  if (disk_ == nullptr) return dead();
  const FakeDisk::Rows& rows = disk_->current_;
  const auto found = rows.find(std::string(key));
  if (found == rows.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Result<std::vector<std::pair<std::string, std::string>>> FakeStore::scan(std::string_view prefix,
                                                                         std::size_t limit) const {
  if (disk_ == nullptr) return dead();
  std::vector<std::pair<std::string, std::string>> out;
  const FakeDisk::Rows& rows = disk_->current_;
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
  if (disk_->before_write_) WEIR_RETURN_IF_ERROR(disk_->before_write_(sync));
  FakeDisk::apply(batch, disk_->current_);
  disk_->unsynced_.push_back(batch);
  if (sync == store::Sync::kYes) {
    disk_->sync(disk_->unsynced());
    ++disk_->synced_writes_;
  } else {
    ++disk_->unsynced_writes_;
  }
  if (disk_->lose_answer_in_ > 0 && --disk_->lose_answer_in_ == 0) {
    return error(Code::kUnknown, "the write's answer was lost");
  }
  return {};
}

Status FakeStore::close() {
  if (disk_ == nullptr) return {};
  disk_->sync(disk_->unsynced());
  disk_->opening_ = nullptr;
  disk_ = nullptr;
  return {};
}

}  // namespace weir::testing
