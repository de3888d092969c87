#include "io/http_body.h"

#include <algorithm>
#include <cstring>

#include "base/secret.h"

namespace weir::io {

bool BodyBudget::take(std::uint64_t bytes) {
  if (used_.fetch_add(bytes) + bytes <= bounds_.total_max) return true;
  used_ -= bytes;
  return false;
}

Status RequestBody::append(std::string_view bytes) {
  const BodyBounds& bounds = budget_->bounds();
  if (bytes.size() > bounds.bytes_max - size_)
    return error(Code::kLimit, "the body is longer than {} bytes", bounds.bytes_max);
  if (!budget_->take(bytes.size()))
    return error(Code::kUnavailable, "too many bytes of other requests are being read; try again");
  size_ += bytes.size();
  memory_.append(bytes);
  return memory_.size() > bounds.memory_max ? spill() : Status();
}

Status RequestBody::spill() {
  if (file_ == nullptr) {
    WEIR_TRY(file_, TempFile::create(budget_->bounds().folder));
  }
  WEIR_RETURN_IF_ERROR(file_->append(memory_));
  memory_.clear();
  return {};
}

Result<std::size_t> RequestBody::read(std::span<char> out) {
  const std::uint64_t in_file = file_ == nullptr ? 0 : file_->size();
  std::size_t done = 0;
  if (read_ < in_file) {
    done = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), in_file - read_));
    WEIR_RETURN_IF_ERROR(file_->read(read_, out.first(done)));
    read_ += done;
  }
  if (read_ < in_file) return done;
  const auto at = static_cast<std::size_t>(read_ - in_file);
  const std::size_t more = std::min(out.size() - done, memory_.size() - at);
  std::memcpy(out.data() + done, memory_.data() + at, more);
  read_ += more;
  return done + more;
}

Result<std::string> RequestBody::take_text() {
  std::string text;
  if (file_ == nullptr) {
    text = std::move(memory_);
  } else {
    text.resize(static_cast<std::size_t>(size_));
    WEIR_RETURN_IF_ERROR(read(text));
  }
  clear();
  return text;
}

void RequestBody::clear() {
  wipe(memory_);  // it may hold secrets, of which nobody here knows
  memory_ = {};
  file_.reset();
  budget_->give_back(size_);
  size_ = read_ = 0;
}

}  // namespace weir::io
