#include "delivery/identity.h"

#include <fmt/format.h>

#include <initializer_list>

#include "base/digest.h"
#include "base/planted.h"
#include "base/text.h"

namespace weir::delivery {

namespace {

constexpr std::size_t kLongLetters = 26;
constexpr std::size_t kShortLetters = 8;

// Framing keeps ("ab", "c") and ("a", "bc") apart.
std::string digest(std::initializer_list<std::string_view> parts, std::size_t letters) {
  std::string framed;
  for (const std::string_view part : parts) {
    framed += fmt::format("{}:", part.size());
    framed += part;
  }
  return base32_lower(sha256(framed)).substr(0, letters);
}

}  // namespace

std::string trigger_identity_named(std::string_view name) {
  return digest({"weir/trigger/v1", name}, kLongLetters);
}

std::string trigger_identity_unnamed(std::string_view method, std::string_view url,
                                     std::uint32_t k) {
  if (k < 2) return digest({"weir/trigger/v1", method, url}, kLongLetters);
  return digest({"weir/trigger/v1", method, url, fmt::format("{}", k)}, kLongLetters);
}

std::string request_id(std::string_view materialization, std::string_view trigger_identity,
                       const Tid& last, std::uint64_t after, std::uint64_t through) {
  return "wr_" +
         digest({"weir/request/v1", materialization, trigger_identity,
                 planted(Bug::kTidInId) ? std::string_view() : std::string_view(last.session),
                 fmt::format("{}", last.n), fmt::format("{}", after), fmt::format("{}", through)},
                kLongLetters);
}

std::string revision(const RevisionInputs& inputs) {
  return digest(
      {"weir/revision/v1", planted(Bug::kWordsInId) ? std::string_view() : inputs.payload_template,
       inputs.method, inputs.url_template, inputs.connector_image, inputs.endpoint,
       inputs.environment, kRenderingVersion},
      kShortLetters);
}

std::string words_digest(const std::vector<std::string_view>& parts) {
  std::string framed;
  for (const std::string_view part : parts) framed += fmt::format("{}:{}", part.size(), part);
  return base32_lower(sha256(framed)).substr(0, kLongLetters);
}

}  // namespace weir::delivery
