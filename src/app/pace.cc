#include "app/pace.h"

#include <algorithm>
#include <cmath>

namespace weir::app {
namespace {

double seconds_between(Instant from, Instant to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

void Pace::look(const runtime::TaskStatus& status, Instant now) {
  if (!looks_.empty() && status.documents < looks_.back().documents) looks_.clear();
  looks_.push_back({now, status.documents, status.bytes_behind});
  while (looks_.size() > 2 && now - looks_[1].at >= kPaceSpan) looks_.pop_front();
}

double Pace::documents_per_second() const {
  if (looks_.size() < 2) return 0;
  const Look& first = looks_.front();
  const Look& last = looks_.back();
  const double seconds = seconds_between(first.at, last.at);
  return seconds > 0 ? static_cast<double>(last.documents - first.documents) / seconds : 0;
}

std::optional<std::chrono::seconds> Pace::left() const {
  if (looks_.size() < 2) return std::nullopt;
  // Counted from where most was behind: what arrives at once is no pace, what trickles in is.
  const Look& first = *std::max_element(
      looks_.begin(), looks_.end(),
      [](const Look& a, const Look& b) { return a.bytes_behind < b.bytes_behind; });
  const Look& last = looks_.back();
  const double seconds = seconds_between(first.at, last.at);
  const double less = static_cast<double>(first.bytes_behind - last.bytes_behind);
  if (last.bytes_behind <= 0 || less <= 0 || last.at - first.at < kPaceSpanMin) return std::nullopt;
  const double left = static_cast<double>(last.bytes_behind) * seconds / less;
  if (left > std::chrono::duration<double>(kPaceLeftMax).count()) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(left)));
}

}  // namespace weir::app
