// The policy of attempts: pure functions of an answer, a policy and the time.
#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/planted.h"
#include "delivery/dispatcher.h"

namespace weir::delivery {

using std::chrono::milliseconds;

milliseconds backoff(const RetryPolicy& policy, std::uint32_t attempt, std::uint64_t random) {
  // Never zero: a receiver that just failed gets a pause.
  milliseconds wait = std::max(std::min(policy.first_delay, policy.max_delay), milliseconds(1));
  for (std::uint32_t i = 2; i < attempt && wait < policy.max_delay; ++i) {
    wait = std::min(wait * 2, policy.max_delay);
  }
  if (!policy.jitter) return wait;
  return milliseconds(1 +
                      static_cast<std::int64_t>(random % static_cast<std::uint64_t>(wait.count())));
}

Verdict verdict_of(const io::HttpAnswer& answer) {
  constexpr int kRequestTimeout = 408, kTooEarly = 425, kTooManyRequests = 429;
  const int status = answer.status;
  if (status == 0 && planted(Bug::kLostAnswerIsGood)) return Verdict::kDelivered;
  if (status == 0) return answer.refused ? Verdict::kPermanent : Verdict::kRetry;
  if (status >= 200 && status < 300) return Verdict::kDelivered;
  if (status == kRequestTimeout || status == kTooEarly || status == kTooManyRequests) {
    return Verdict::kRetry;
  }
  if (status >= 300 && status < 500) return Verdict::kPermanent;
  return Verdict::kRetry;  // 5xx, and what is no final status of HTTP
}

namespace {

milliseconds capped(std::int64_t milliseconds_count) {
  return std::clamp(milliseconds(milliseconds_count), milliseconds(0), kRetryAfterMax);
}

// "120", and "1.5" as some services write it.
std::optional<milliseconds> read_seconds(std::string_view text) {
  if (text.front() < '0' || text.front() > '9') return std::nullopt;  // from_chars reads "inf", too
  double seconds = 0;
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (read.ec == std::errc::result_out_of_range) return kRetryAfterMax;
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  constexpr double kMost = 1e9;
  return capped(static_cast<std::int64_t>(std::min(seconds, kMost) * 1000));
}

// The three forms of RFC 9110: IMF-fixdate, RFC 850, asctime. All are UTC.
std::optional<milliseconds> read_date(const std::string& text, Timestamp now) {
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), form, &parts);
    if (end == nullptr || *end != '\0') continue;
    const Timestamp at{std::chrono::seconds(::timegm(&parts))};
    return capped(std::chrono::ceil<milliseconds>(at - now).count());
  }
  return std::nullopt;
}

}  // namespace

std::optional<milliseconds> parse_retry_after(std::string_view value, Timestamp now) {
  constexpr std::size_t kLongest = 64;
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (value.empty() || value.size() > kLongest) return std::nullopt;
  if (const auto seconds = read_seconds(value)) return seconds;
  return read_date(std::string(value), now);
}

}  // namespace weir::delivery
