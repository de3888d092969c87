#include "journal/spool.h"

#include <algorithm>
#include <cstring>

namespace weir::journal {
namespace {

constexpr std::size_t kWindowBytes = 1u << 20;

// Before each line: its length, where its uuid belongs, whether it is an acknowledgement. Never
// leaves the process.
struct Head {
  std::uint32_t length;
  std::uint32_t uuid_at;
  std::uint32_t acknowledgement;
};

}  // namespace

Status Spool::add(const SpooledLine& line) {
  const Head head{static_cast<std::uint32_t>(line.text.size()), line.uuid_at,
                  line.acknowledgement ? 1u : 0u};
  memory_.append(reinterpret_cast<const char*>(&head), sizeof head);
  memory_.append(line.text);
  ++lines_;
  bytes_ += line.text.size() + 1;
  const std::uint64_t limit = file_ == nullptr ? memory_max_ : kWindowBytes;
  return memory_.size() > limit ? flush() : Status();
}

Status Spool::flush() {
  if (file_ == nullptr) {
    WEIR_TRY(file_, io::TempFile::create(folder_));
  }
  WEIR_RETURN_IF_ERROR(file_->append(memory_));
  memory_.clear();
  return {};
}

// At least `bytes` behind at_.
Status Spool::want(std::size_t bytes) {
  if (memory_.size() - at_ >= bytes) return {};
  const std::uint64_t left = file_ == nullptr ? 0 : file_->size() - read_from_;
  memory_.erase(0, at_);
  at_ = 0;
  const std::size_t missing = bytes - memory_.size();
  if (left < missing) return error(Code::kCorrupt, "the spool of a batch ends early");
  const auto length = std::min<std::uint64_t>(left, std::max(missing, kWindowBytes));
  const std::size_t before = memory_.size();
  memory_.resize(before + length);
  WEIR_RETURN_IF_ERROR(file_->read(read_from_, std::span<char>(memory_).subspan(before)));
  read_from_ += length;
  return {};
}

Result<bool> Spool::next(SpooledLine& line) {
  if (lines_read_ == lines_) return false;
  // Once there is a file, all of the spool goes through it.
  if (file_ != nullptr && read_from_ == 0 && !memory_.empty()) WEIR_RETURN_IF_ERROR(flush());
  ++lines_read_;
  Head head{};
  WEIR_RETURN_IF_ERROR(want(sizeof head));
  std::memcpy(&head, memory_.data() + at_, sizeof head);
  WEIR_RETURN_IF_ERROR(want(sizeof head + head.length));
  line.text = std::string_view(memory_).substr(at_ + sizeof head, head.length);
  line.uuid_at = head.uuid_at;
  line.acknowledgement = head.acknowledgement != 0;
  at_ += sizeof head + head.length;
  return true;
}

}  // namespace weir::journal
